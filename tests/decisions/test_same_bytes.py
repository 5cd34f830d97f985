"""The same input gives the same bytes, whatever the number of threads and the seed of hashes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
RUNS = [("1", "0"), ("4", "77")]


def digests(threads: str, hash_seed: str) -> list[str]:
    settings = {"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-m", "tests.decisions.decide_sample"],
        cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_posteriors_and_decisions_are_equal_to_the_byte():
    first, *others = (digests(*run) for run in RUNS)
    assert [line.split()[0] for line in first] == [
        "posteriors", "calibration", "frame", "frontier", "totals", "rows", "sensitivity",
        "blast_radius", "bids",
    ]  # fmt: skip
    for other in others:
        assert other == first
