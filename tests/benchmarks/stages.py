"""Where a run's time goes: ``python -m tests.benchmarks.stages [CHECKOUT]``.

``admatch recommend`` of a real report in one thread, with nothing cached and again: processor
seconds by stage, each without the stages inside it. With the path of another checkout its code is
run, too, in the same minutes. ``of torch`` is the whole over what ``import torch`` takes meanwhile,
so that runs on other machines, or busy ones, can be compared.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.record import record
from tests.benchmarks.shared_data import SHARED

REPORT = SHARED / "reports" / "hoses_de_2025_03_german"
HERE = Path(__file__).parents[2]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
# stage: where the function stands that does it; a checkout without the module is not timed there
STAGES = {
    "reading": ["admatch.pipeline.analyse:read_given"],
    "matching": ["admatch.pipeline.analyse:_matched"],
    "encoding": [
        "admatch.encode.english:EnglishEncoder.encode_text",
        "admatch.encode.multilingual:MultilingualEncoder.encode_text",
    ],
    "fit": ["admatch.pipeline.analyse:fit_model"],
    "backtest": ["admatch.pipeline.fit:backtest"],
    "draws": ["admatch.impact.model:evaluate"],
    "facts": ["admatch.decisions.recommend:collect_facts"],
    "reasons": ["admatch.decisions.recommend:_explained"],
    "deciding": ["admatch.pipeline.analyse:advise"],
    "writing": ["admatch.pipeline.results:write_analysis"],
}
RUN = """
import importlib.util, json, sys, time
import admatch.cli.main, admatch.pipeline.analyse
spent, inside, stages = {}, [], json.loads(sys.argv.pop(1))
def timed(stage, work):
    def run(*args, **named):
        start = time.process_time()
        inside.append(0.0)
        try:
            return work(*args, **named)
        finally:
            whole = time.process_time() - start
            spent[stage] = spent.get(stage, 0.0) + whole - inside.pop()
            if inside:
                inside[-1] += whole
    return run
if sys.argv.pop(1) == "again":
    del stages["encoding"]  # nothing is encoded, and its libraries are not loaded
for stage, places in stages.items():
    for place in places:
        module, _, name = place.partition(":")
        if importlib.util.find_spec(module) is None:
            continue
        home, (*owner, name) = importlib.import_module(module), name.split(".")
        for one in owner:
            home = getattr(home, one)
        setattr(home, name, timed(stage, getattr(home, name)))
spent["imports"] = time.process_time()
try:
    admatch.cli.main.main()
except SystemExit:
    pass
spent["rest"] = time.process_time() - sum(spent.values())
print(json.dumps(spent), file=sys.stderr)
"""


def run(checkout: Path, folder: Path, which: str) -> dict[str, float]:
    """Return the processor seconds of each stage of one run, with ``folder`` as its cache."""
    command = [
        sys.executable, "-c", RUN, json.dumps(STAGES), which, "recommend",
        str(next(REPORT.glob("*.xlsx"))), "--catalog", str(next(REPORT.glob("Business*.csv"))),
        "--target-acos", "0.12", "--out", str(folder / "out"),
    ]  # fmt: skip
    environment = os.environ | ONE_THREAD
    environment |= {"PYTHONPATH": str(checkout), "ADMATCH_CACHE": str(folder / "cache")}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment, cwd=folder
    )
    spent: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
    return spent


def importing_torch() -> float:
    """Return the processor seconds of ``import torch``, the median of three."""
    code = "import time, torch; print(time.process_time())"
    return statistics.median(
        float(subprocess.check_output([sys.executable, "-c", code], env=os.environ | ONE_THREAD))
        for _ in range(3)
    )


def main() -> None:
    """Measure, print, keep."""
    checkouts = {"now": HERE}
    if len(sys.argv) > 1:
        checkouts = {"before": Path(sys.argv[1]).resolve()} | checkouts
    torch, rows = importing_torch(), list[dict[str, object]]()
    for name, checkout in checkouts.items():
        with tempfile.TemporaryDirectory() as made:
            for which in ("cold", "again"):
                spent = run(checkout, Path(made), which)
                total = sum(spent.values())
                row: dict[str, object] = {"system": name, "run": which, "total": total}
                row |= {"of torch": total / torch}
                rows.append(
                    row | {one: spent.get(one, 0.0) for one in ("imports", *STAGES, "rest")}
                )
                print(rows[-1], flush=True)
    title = f"German report in one thread, processor seconds; import torch takes {torch:.2f}"
    record("stages", title, rows, 0)


if __name__ == "__main__":
    main()
