"""The conversion rate to expect of a term before its own clicks are looked at."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.catalog.records import Catalog
from admatch.errors import Problem
from admatch.impact.shrinkage import Floats, Shrinkage
from admatch.match.records import Matches

FOLDS = 5


@dataclass(frozen=True)
class Prior:
    """Rates by ad group."""

    shrinkage: Shrinkage
    basis: Literal["lightgbm", "shrinkage"]
    notes: tuple[Problem, ...]

    def rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate to expect of each row, whatever its own clicks and orders."""
        return self.shrinkage.rates(rows)


def fit_prior(
    rows: pl.DataFrame, matches: Matches | None, catalog: Catalog | None, seed: int
) -> tuple[Prior, Floats]:
    """Return the prior, and for each row the rate that it gives without having seen its term."""
    folds, means = fold_by_term(rows, seed), np.empty(rows.height)
    for fold in range(FOLDS):
        held = folds == fold
        means[held] = Shrinkage.fit(rows.filter(~held)).rates(rows.filter(held))
    return Prior(Shrinkage.fit(rows), "shrinkage", ()), means


def fold_by_term(rows: pl.DataFrame, seed: int) -> npt.NDArray[np.int64]:
    """Return a fold number a row; all rows of a term have the same."""
    terms = rows["search_term"].fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
    count = int(terms.max()) + 1 if len(terms) else 0
    return np.random.default_rng(seed).permutation(count)[terms] % FOLDS
