"""What idle OpenMP threads cost by spinning: ``python -m tests.benchmarks.spinning [TERMS]``.

``admatch match`` of the report of ``end_to_end`` with nothing kept, with libgomp's own default and
as admatch sets it, on an idle machine and beside a busy loop for every core; in turns. Seconds are
medians of rounds.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.end_to_end import ADMATCH, SEED, TERMS, material
from tests.benchmarks.record import record

ROUNDS = 3
# An own value of OMP_WAIT_POLICY, even an empty one, keeps admatch from setting the count.
POLICIES = {"libgomp's default": {"OMP_WAIT_POLICY": ""}, "as admatch sets it": {}}


def timed(folder: Path, policy: dict[str, str]) -> tuple[float, float]:
    """Return the seconds of wall and of processors of one run."""
    with tempfile.TemporaryDirectory() as cache:
        command = [
            *ADMATCH, "match", str(folder / "report.csv"), "--catalog", str(folder / "catalog.csv"),
            "--out", str(Path(cache) / "out"),
        ]  # fmt: skip
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        environment = os.environ | policy | {"ADMATCH_CACHE": cache}
        subprocess.run(command, check=True, capture_output=True, env=environment)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure, print, keep."""
    rows: list[dict[str, object]] = []
    terms = int(sys.argv[1]) if len(sys.argv) > 1 else TERMS
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        material(folder, terms, np.random.default_rng(SEED))
        for loops in (0, os.cpu_count() or 1):
            busy = [
                subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)
            ]
            try:
                taken = {name: list[tuple[float, float]]() for name in POLICIES}
                for _ in range(ROUNDS):
                    for name, policy in POLICIES.items():
                        taken[name].append(timed(folder, policy))
            finally:
                for one in busy:
                    one.kill()
                    one.wait()
            for name, some in taken.items():
                wall, processors = (statistics.median(each) for each in zip(*some, strict=True))
                row = {
                    "system": name,
                    "busy loops": loops,
                    "wall s": wall,
                    "processor s": processors,
                }
                rows.append(row)
    record("spinning", f"admatch match, {terms:,} terms, cold, {ROUNDS} rounds", rows, SEED)


if __name__ == "__main__":
    main()
