"""The conversion rate to expect of a term before its own clicks are looked at."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.errors import Problem
from admatch.impact.boosting import LARGEST, Boosted, Booster, TrainingContext
from admatch.impact.folds import FOLDS, fold_by_term, term_numbers
from admatch.impact.kinship import SemanticPools
from admatch.impact.shrinkage import Floats, Shrinkage, cross_fitted
from admatch.impact.trees import Trees

Ints = npt.NDArray[np.int64]
STAGES = (25, 50, 75, 100, 150, 200, 300)
# With fewer, five folds hold too few orders to tell trees from chance.
FEWEST_ROWS, FEWEST_ORDERS = 200, 60
# In standard errors over terms: how far a gain in held-out deviance has to exceed none, and how
# little fewer rounds may fall behind the best number of them.
SURE, ALIKE = 1.5, 0.5


@dataclass(frozen=True)
class Prior:
    """Rates by ad group; those of ``boosted``, its ``trees`` on top, where they were better."""

    shrinkage: Shrinkage
    boosted: Boosted | None
    trees: Trees

    @property
    def basis(self) -> Literal["lightgbm", "shrinkage"]:
        """What the rates rest on."""
        return "shrinkage" if self.boosted is None else "lightgbm"

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What is to be told of how the trees were learned."""
        return () if self.trees.note is None else (self.trees.note,)

    def rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate to expect of rows whose own orders have not been seen."""
        if self.boosted is None:
            return self.shrinkage.rates(rows)
        return self.boosted.rates(rows, self.trees.rounds)


def fit_prior(
    rows: pl.DataFrame, meaning: SemanticPools | None, seed: int, trees: Trees | None = None
) -> tuple[Prior, Floats]:
    """Return the prior, and for each row the rate that it gives without having seen its term.

    Cross-validation by term chooses how many rounds of LightGBM there are; unless their gain is
    sure, there are none, which is plain shrinkage. Given ``trees`` stand, unless they look at what
    there is no more; all that they look at is counted anew.
    """
    folds = fold_by_term(rows, seed)
    plain, shrinkage, held = cross_fitted(rows, folds), Shrinkage.fit(rows), None
    trees = trees or _too_little(rows)
    if trees is None or trees.rounds:
        lore = TrainingContext.of(rows, meaning, seed)
    if trees is None or (trees.rounds and trees.looks_at != lore.looks_at):
        trees, held = _grow(lore, folds, plain)
    if not trees.rounds:
        return Prior(shrinkage, None, trees), plain
    inner = fold_by_term(rows, seed + 1)
    boosted = Boosted.fit(lore, rows, inner, trees.rounds, trees.whole)
    prior = Prior(shrinkage, boosted, replace(trees, whole=boosted.booster))
    if not trees.folds:
        return prior, boosted.held_out(rows, inner, trees.rounds)
    if held is None:
        held = _held_out(lore, rows, folds, _until(trees.rounds), trees.folds)[0][-1]
    return prior, held


def _until(rounds: int) -> tuple[int, ...]:
    return tuple(one for one in STAGES if one <= rounds)


def _too_little(rows: pl.DataFrame) -> Trees | None:
    """Return no trees, with the reason, where there is too little to learn from; else None."""
    clicked = rows.filter(pl.col("clicks") > 0)
    orders = int(clicked["converted"].sum())
    if clicked.height >= FEWEST_ROWS and orders >= FEWEST_ORDERS:
        return None
    what = f"{clicked.height} clicked terms with {orders} orders are too few for LightGBM"
    return Trees(0, (), None, (), _note(what))


def _grow(lore: TrainingContext, folds: Ints, plain: Floats) -> tuple[Trees, Floats | None]:
    """Return trees, but for those of all rows; and held-out rates where all rows took part."""
    rows = lore.rows
    large = rows.height > LARGEST
    tried, parts = _some_terms(rows, lore.seed) if large else (rows, folds)
    staged, grown = _held_out(lore, tried, parts, STAGES)
    best = _choose(tried, cross_fitted(tried, parts) if large else plain, staged)
    if best is None:
        what = "LightGBM told held-out terms no better than their ad groups do"
        return Trees(0, (), None, (), _note(what)), None
    if large:
        return Trees(STAGES[best], lore.looks_at, None, (), _sampled(rows)), None
    return Trees(STAGES[best], lore.looks_at, None, tuple(grown), None), staged[best]


def _some_terms(rows: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, Ints]:
    """Return about ``LARGEST`` rows, all of a term or none, and their folds."""
    parts = -(-rows.height // LARGEST)
    kept = rows.filter(term_numbers(rows, seed + 2) % parts == 0)
    return kept, fold_by_term(kept, seed)


def _sampled(rows: pl.DataFrame) -> Problem:
    what = f"LightGBM learned from {LARGEST} of {rows.height} rows, and was judged by as many"
    return Problem(Path("report"), what, "nothing to do; pooled rates take in all rows")


def _held_out(
    lore: TrainingContext,
    rows: pl.DataFrame,
    folds: Ints,
    stages: tuple[int, ...],
    trees: tuple[Booster, ...] = (),
) -> tuple[list[Floats], list[Booster]]:
    """Return each row's rate after each of ``stages``, by trees that have not seen its term.

    Beside them those trees, one set a fold; the given ones where there are any.
    """
    staged, grown = [np.empty(rows.height) for _ in stages], []
    for fold in range(FOLDS):
        held = folds == fold
        kept = rows.filter(~held)
        inner = fold_by_term(kept, lore.seed + 1)
        boosted = Boosted.fit(lore, kept, inner, stages[-1], trees[fold] if trees else None)
        for rates, told in zip(staged, boosted.staged(rows.filter(held), stages), strict=True):
            rates[held] = told
        grown.append(boosted.booster)
    return staged, grown


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
