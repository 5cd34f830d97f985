"""Products of matrices, and what is retrieved, have the same bits with any number of threads."""

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


RETRIEVED = """
import hashlib, sys
import numpy as np
from threadpoolctl import threadpool_limits
from admatch.generate import generator as module
from admatch.match.retriever import Retriever
from admatch.match.words import WordEvidence
from tests.conftest import WordEncoder, random_codebooks, random_unit, small_model
model, vectors = small_model(random_codebooks(7)), random_unit(9000, seed=1)
titles = [f"thing{i % 97} part{i % 89}" for i in range(len(vectors))]
words, found = WordEvidence.build(titles, titles), hashlib.sha256()
threadpool_limits(int(sys.argv[1]), "blas")
for module.EXHAUSTIVE in (10_000, 0):
    codes = model.codebooks.encode(vectors)
    own = module.Generator(model.codebooks, np.zeros(len(vectors), np.int16), codes)
    retriever = Retriever(model, own, vectors, words, WordEncoder().encode_text)
    for count in (1, 7, 80):
        terms = titles[50 : 50 + count]
        result = retriever.retrieve(terms, random_unit(count, seed=2), 50)
        for part in (codes.detail, result.items, result.log_odds, result.features):
            found.update(part.tobytes())
print(found.hexdigest())
"""


@pytest.mark.parametrize("code", [CODE, RETRIEVED])
def test_threads_change_no_bit(code):
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, threads],
            env=os.environ | {"OMP_NUM_THREADS": threads, "MKL_DYNAMIC": "FALSE"},
            capture_output=True, text=True, check=True,
        ).stdout
        for threads in ("1", "2", "4", "8")
    ]  # fmt: skip
    assert runs[0].strip()
    assert len(set(runs)) == 1
