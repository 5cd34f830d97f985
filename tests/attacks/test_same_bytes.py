"""Ten runs from files to files: the same bytes, whatever the threads and the seed of hashes.

The reduced forms are ``tests/decisions/test_same_bytes.py`` and ``tests/test_threads.py``.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.record import record

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
THREADS = ("1", "2", "8")
RUNS = 10


def digests(folder: Path, threads: str, openmp: str, hash_seed: str) -> dict[str, str]:
    """Return the hash of every file that one run writes, from an empty cache."""
    settings = {
        "POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": openmp, "PYTHONHASHSEED": hash_seed,
        "ADMATCH_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT),
        "MKL_DYNAMIC": "FALSE",  # as many threads as asked for, on any machine
    }  # fmt: skip
    files = ["--catalog", str(SAMPLE / "catalog.csv"), "--account", str(SAMPLE / "bulk.xlsx")]
    verb = ["recommend", str(SAMPLE / "search_terms.csv"), *files, "--target-acos", "0.30"]
    out = folder / "out"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "from admatch.cli.main import main; main()", *verb, "--out", "out"],
        cwd=folder, env=os.environ | settings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = sorted(path for path in out.rglob("*") if path.is_file())
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
    }


@pytest.mark.slow
def test_ten_runs_write_the_same_bytes(tmp_path):
    first, *others = (
        digests(tmp_path / str(number), THREADS[number % 3], THREADS[number // 3 % 3], str(number))
        for number in range(RUNS)
    )
    assert len(first) >= 5
    different = {name for one in others for name in first if one.get(name) != first[name]}
    assert different == set()
    record("same_bytes", tried=RUNS, held=RUNS, files=len(first))
