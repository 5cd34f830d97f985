"""Ten runs from files to files: the same bytes, whatever the threads and the seed of hashes.

Threads of OpenMP sum the products of matrices in another order, which moves probabilities by some
millionths; what is decided and uploaded stays the same to the byte. The reduced form is
``tests/decisions/test_same_bytes.py``.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.attacks.record import record

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
THREADS = ("1", "2", "8")
RUNS = 10


def digests(folder: Path, threads: str, hash_seed: str, openmp: str = "2") -> dict[str, str]:
    """Return the hash of every file that one run writes, from an empty cache."""
    settings = {
        "POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": openmp, "PYTHONHASHSEED": hash_seed,
        "ADMATCH_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT),
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
        digests(tmp_path / str(number), THREADS[number % len(THREADS)], str(number * 37))
        for number in range(RUNS)
    )
    assert len(first) >= 5
    different = {name for one in others for name in first if one.get(name) != first[name]}
    assert different == set()
    record("same_bytes", tried=RUNS, held=RUNS, files=len(first))


@pytest.mark.slow
def test_threads_of_openmp_change_no_decision(tmp_path):
    runs = [digests(tmp_path / openmp, "2", "0", openmp) for openmp in THREADS]
    for run in runs[1:]:
        different = {name for name in run if run[name] != runs[0][name]}
        assert {name.partition(".")[0] for name in different} <= {"matches", "recommendations"}
        assert not {name for name in different if name.endswith((".xlsx", ".html", ".json"))}
    tables = [
        pl.read_parquet(tmp_path / one / "out" / "recommendations.parquet") for one in THREADS
    ]
    for other in tables[1:]:
        moved = [name for name in other.columns if not other[name].equals(tables[0][name])]
        for name in moved:
            assert (other[name] - tables[0][name]).abs().max() < 1e-5, name
