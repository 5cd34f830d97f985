"""Rows parted by term, so that no term is judged by what it taught."""

import numpy as np
import numpy.typing as npt
import polars as pl

FOLDS = 5


def fold_by_term(rows: pl.DataFrame, seed: int) -> npt.NDArray[np.int64]:
    """Return a fold number (below ``FOLDS``) a row; all rows of a term have the same."""
    return term_numbers(rows, seed) % FOLDS


def term_numbers(rows: pl.DataFrame, seed: int) -> npt.NDArray[np.int64]:
    """Return a number a row, the same for all rows of a term, in random order."""
    terms = rows["search_term"].fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
    count = int(terms.max()) + 1 if len(terms) else 0
    numbers: npt.NDArray[np.int64] = np.random.default_rng(seed).permutation(count)[terms]
    return numbers
