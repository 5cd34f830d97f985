"""What NumPy and torch do alike, each against the obvious way."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from admatch.operations import (
    dots,
    gelu,
    normalized,
    picked,
    running_least,
    sums_of_codes,
    to_numpy,
    top,
)

BOTH = pytest.mark.parametrize("make", [np.asarray, torch.tensor])
CHANCE = np.random.default_rng(7)


@BOTH
@given(n=st.integers(1, 60), k=st.integers(1, 20), seed=st.integers(0, 999))
def test_the_best_are_those_that_sorting_finds(make, n, k, seed):
    scores = np.random.default_rng(seed).integers(-25, 25, (2, 3, n)).astype("f4")
    scores[0, 0] = -np.inf
    found, order = to_numpy(top(make(scores), k)), np.argsort(-scores, axis=-1, stable=True)
    own, best = (np.take_along_axis(scores, one, -1) for one in (found, order[..., :k]))
    np.testing.assert_array_equal(own, best)
    assert all(len(set(row)) == min(k, n) for row in found.reshape(6, -1).tolist())
    if make is np.asarray:
        np.testing.assert_array_equal(found, order[..., :k])


@BOTH
def test_rows_are_multiplied_and_picked(make):
    table, vectors = CHANCE.normal(size=(9, 4)), CHANCE.normal(size=(3, 4))
    numbers = CHANCE.integers(0, 9, (3, 5))
    expected = [
        [table[i] @ vector for i in row] for row, vector in zip(numbers, vectors, strict=True)
    ]
    table, vectors = table.astype("f4"), vectors.astype("f4")
    np.testing.assert_allclose(dots(make(table), make(numbers), make(vectors)), expected, 1e-5)
    found = picked(make(table[:3]), make(numbers % 4))
    np.testing.assert_array_equal(found, np.take_along_axis(table[:3], numbers % 4, 1))


@BOTH
def test_codes_are_looked_up_in_the_tables_of_their_query(make):
    tables = CHANCE.normal(size=(3, 4, 7)).astype("f4")
    codes, numbers = CHANCE.integers(0, 7, (9, 4)).astype("u1"), CHANCE.integers(0, 9, (3, 5))
    expected = [
        [sum(table[space, codes[i, space]] for space in range(4)) for i in row]
        for table, row in zip(tables, numbers, strict=True)
    ]
    np.testing.assert_allclose(sums_of_codes(*map(make, (tables, codes, numbers))), expected, 1e-5)


@BOTH
def test_rows_are_made_of_length_one_and_never_rise(make):
    values = np.array([[3, 4, 0], [0, 0, 0], [5, 1, 2]], np.float32)
    found = normalized(make(values)).tolist()
    assert found[0] == pytest.approx([0.6, 0.8, 0])
    assert found[1] == [0, 0, 0]
    assert running_least(make(values)).tolist() == [[3, 3, 0], [0, 0, 0], [5, 1, 1]]


def test_the_error_linear_unit_is_that_of_torch():
    values = np.linspace(-6, 6, 1000, dtype=np.float32)[None]
    np.testing.assert_allclose(gelu(values), gelu(torch.from_numpy(values)), atol=1e-6)
