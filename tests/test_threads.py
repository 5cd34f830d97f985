"""Narrow products of matrices have the same bits with any number of threads."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.long

CODE = """
import hashlib, sys
import numpy as np, torch
from admatch.encode.minilm import DIM
from admatch.threads import steady, steady_numpy
torch.set_num_threads(int(sys.argv[1]))
chance = np.random.default_rng(7)
found = hashlib.sha256()
for rows, columns in ((1, 5000), (5, 1152), (7, 40), (11, 700), (27, 384), (300, 40), (2000, 9)):
    one, other = (chance.normal(size=(n, DIM)).astype(np.float32) for n in (rows, columns))
    with steady(rows, columns):
        found.update((torch.from_numpy(one) @ torch.from_numpy(other).T).numpy().tobytes())
    assert torch.get_num_threads() == int(sys.argv[1])
    with steady_numpy():
        found.update((one @ other.T).tobytes())
print(found.hexdigest())
"""


def test_threads_change_no_bit():
    runs = [
        subprocess.run(
            [sys.executable, "-c", CODE, threads],
            env=os.environ | {"OMP_NUM_THREADS": threads, "MKL_DYNAMIC": "FALSE"},
            capture_output=True, text=True, check=True,
        ).stdout
        for threads in ("1", "2", "8")
    ]  # fmt: skip
    assert runs[0].strip()
    assert len(set(runs)) == 1
