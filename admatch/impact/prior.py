"""The conversion rate to expect of a term before its own clicks are looked at."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.errors import Problem
from admatch.impact.boosting import LARGEST, Boosted
from admatch.impact.features import Surroundings
from admatch.impact.folds import FOLDS, fold_by_term, term_numbers
from admatch.impact.kinship import Meaning
from admatch.impact.shrinkage import Floats, Shrinkage, cross_fitted

Ints = npt.NDArray[np.int64]
STAGES = (25, 50, 75, 100, 150, 200, 300)
# With fewer, five folds hold too few orders to tell trees from chance.
FEWEST_ROWS, FEWEST_ORDERS = 200, 60
# In standard errors over terms: how far a gain in held-out deviance has to exceed none, and how
# little fewer rounds may fall behind the best number of them.
SURE, ALIKE = 1.5, 0.5


@dataclass(frozen=True)
class Prior:
    """Rates by ad group; those of ``boosted`` after ``rounds`` rounds where they were better."""

    shrinkage: Shrinkage
    boosted: Boosted | None
    rounds: int
    notes: tuple[Problem, ...]

    @property
    def basis(self) -> Literal["lightgbm", "shrinkage"]:
        """What the rates rest on."""
        return "shrinkage" if self.boosted is None else "lightgbm"

    def rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate to expect of rows whose own orders have not been seen."""
        if self.boosted is None:
            return self.shrinkage.rates(rows)
        return self.boosted.rates(rows, self.rounds)


def fit_prior(rows: pl.DataFrame, meaning: Meaning | None, seed: int) -> tuple[Prior, Floats]:
    """Return the prior, and for each row the rate that it gives without having seen its term.

    Cross-validation by term chooses how many rounds of LightGBM there are; unless their gain is
    sure, there are none, which is plain shrinkage.
    """
    folds = fold_by_term(rows, seed)
    plain = cross_fitted(rows, folds)
    shrinkage, told = Shrinkage.fit(rows), rows.filter(pl.col("clicks") > 0)
    orders = int(told["converted"].sum())
    if told.height < FEWEST_ROWS or orders < FEWEST_ORDERS:
        what = f"{told.height} clicked terms with {orders} orders are too few for LightGBM"
        return Prior(shrinkage, None, 0, (_note(what),)), plain
    surroundings = Surroundings.of(rows, meaning)
    large = rows.height > LARGEST
    tried, parts = _some_terms(rows, seed) if large else (rows, folds)
    staged = _held_out(tried, parts, surroundings, meaning, seed)
    best = _choose(tried, cross_fitted(tried, parts) if large else plain, staged)
    if best is None:
        what = "LightGBM told held-out terms no better than their ad groups do"
        return Prior(shrinkage, None, 0, (_note(what),)), plain
    inner = fold_by_term(rows, seed + 1)
    boosted = Boosted.fit(rows, inner, surroundings, meaning, seed, STAGES[best])
    prior = Prior(shrinkage, boosted, STAGES[best], (_sampled(rows),) if large else ())
    return prior, boosted.held_out(rows, inner, STAGES[best]) if large else staged[best]


def _some_terms(rows: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, Ints]:
    """Return about ``LARGEST`` rows, all of a term or none, and their folds."""
    parts = -(-rows.height // LARGEST)
    kept = rows.filter(term_numbers(rows, seed) % parts == 0)
    return kept, fold_by_term(kept, seed)


def _sampled(rows: pl.DataFrame) -> Problem:
    what = f"LightGBM learned from {LARGEST} of {rows.height} rows, and was judged by as many"
    return Problem(Path("report"), what, "nothing to do; pooled rates take in all rows")


def _held_out(
    rows: pl.DataFrame, folds: Ints, surroundings: Surroundings, meaning: Meaning | None, seed: int
) -> list[Floats]:
    """Return each row's rate after each of ``STAGES``, by trees that have not seen its term."""
    staged = [np.empty(rows.height) for _ in STAGES]
    for fold in range(FOLDS):
        held = folds == fold
        kept = rows.filter(~held)
        inner = fold_by_term(kept, seed + 1)
        boosted = Boosted.fit(kept, inner, surroundings, meaning, seed)
        for rates, told in zip(staged, boosted.staged(rows.filter(held), STAGES), strict=True):
            rates[held] = told
    return staged


def _choose(rows: pl.DataFrame, plain: Floats, staged: list[Floats]) -> int | None:
    """Return the first stage about as good as the best one; None where its gain is not sure."""
    orders = rows["converted"].to_numpy().astype(np.float64)
    clicks = np.maximum(rows["mature_clicks"].to_numpy(), orders)
    start = deviance(orders, clicks, plain)
    gains = rows.select("search_term").with_columns(
        pl.Series(str(stage), start - deviance(orders, clicks, rates))
        for stage, rates in enumerate(staged)
    )
    by_term = gains.group_by("search_term").sum().drop("search_term").to_numpy()
    best = int(by_term.sum(axis=0).argmax())
    if by_term[:, best].sum() <= SURE * _error(by_term[:, best]):
        return None
    behind = by_term[:, [best]] - by_term
    return next(
        stage
        for stage in range(best + 1)
        if behind[:, stage].sum() <= ALIKE * _error(behind[:, stage])
    )


def _error(gains: Floats) -> float:
    """Return the standard error of a sum over terms."""
    return float(np.sqrt((gains**2).sum()))


def deviance(orders: Floats, clicks: Floats, rates: Floats) -> Floats:
    """Return the binomial deviance of each row, up to what depends on its figures only."""
    p = np.clip(rates, 1e-6, 1 - 1e-6)
    total: Floats = -2 * (orders * np.log(p) + (clicks - orders) * np.log1p(-p))
    return total


def _note(what: str) -> Problem:
    remedy = "rates rest on plain shrinkage towards the ad group; a longer report may change that"
    return Problem(Path("report"), what, remedy)
