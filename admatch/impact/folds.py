"""Rows parted by term, so that no term is judged by what it taught."""

import numpy as np
import numpy.typing as npt
import polars as pl

FOLDS = 5


def fold_by_term(rows: pl.DataFrame, seed: int) -> npt.NDArray[np.int64]:
    """Return a fold number (below ``FOLDS``) a row; all rows of a term have the same."""
    terms = rows["search_term"].fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
    count = int(terms.max()) + 1 if len(terms) else 0
    folds: npt.NDArray[np.int64] = np.random.default_rng(seed).permutation(count)[terms] % FOLDS
    return folds
