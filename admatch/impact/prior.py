"""The conversion rate to expect of a term before its own clicks are looked at."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from admatch.arrays import Floats, Ints
from admatch.errors import Problem
from admatch.impact.boosting import LARGEST, Boosted, Booster, TrainingContext
from admatch.impact.cross_fit import cross_fitted
from admatch.impact.folds import FOLDS, fold_by_term, term_numbers
from admatch.impact.related_terms import SemanticPools
from admatch.impact.shrinkage import Shrinkage
from admatch.impact.trees import Trees
from admatch.messages import Message, say

STAGES = (12, 25, 38, 50, 75, 100, 150)
# A rate depends on which other terms fall into its fold: one split against another moves it by a
# fifth. The mean of four splits moves half as much and predicts better; the splits are always the
# same, so no decision hangs on a seed (``python -m tests.benchmarks.stability``).
SPLITS = 4
# With fewer, five folds hold too few orders to tell trees from chance.
FEWEST_ROWS, FEWEST_ORDERS = 200, 60
# In standard errors over terms: by how much a gain in held-out deviance has to exceed zero, and by
# how much a smaller number of rounds may fall behind the best one.
SURE, ALIKE = 1.5, 0.5


@dataclass(frozen=True)
class Prior:
    """Pooled rates, or those of ``boosted`` with its ``trees`` where they were better.

    ``held_out`` are the rates of the rows that it rests on, each without having seen its term.
    """

    shrinkage: Shrinkage
    trees: Trees
    held_out: Floats
    rows: pl.DataFrame
    meaning: SemanticPools | None

    @cached_property
    def boosted(self) -> Boosted | None:
        """What corrects the pooled rates; only rows that were never seen need it."""
        if not self.trees.rounds:
            return None
        context = TrainingContext.of(self.rows, self.meaning)
        return _of_all(context, self.rows, self.trees)

    @property
    def basis(self) -> Literal["lightgbm", "shrinkage"]:
        """What the rates rest on."""
        return "lightgbm" if self.trees.rounds else "shrinkage"

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What to know about how the trees were learned."""
        return () if self.trees.note is None else (self.trees.note,)

    def rates(self, rows: pl.DataFrame) -> Floats:
        """Return the rate to expect of rows whose own orders have not been seen."""
        if self.boosted is None:
            return self.shrinkage.rates(rows)
        return self.boosted.rates(rows, self.trees.rounds)


def fit_prior(
    rows: pl.DataFrame,
    meaning: SemanticPools | None,
    trees: Trees | None = None,
    held_out: Floats | None = None,
) -> Prior:
    """Return the prior, with the rate that it gives each row without having seen its term.

    Cross-validation by term chooses the number of rounds of LightGBM. Unless their gain is sure
    there are none, which is plain shrinkage. ``trees`` that are given are taken as they are, unless
    one of their features is gone; the features themselves are always computed anew. With them,
    ``held_out`` of a prior of the very same rows and meaning is taken as it is, too.
    """
    shrinkage = Shrinkage.fit(rows)
    if trees is not None and held_out is not None and len(held_out) == rows.height:
        return Prior(shrinkage, trees, held_out, rows, meaning)
    plain = np.mean([cross_fitted(rows, fold_by_term(rows, one)) for one in range(SPLITS)], axis=0)
    held_out = None
    trees = trees or _too_little(rows)
    if trees is None or trees.rounds:
        context = TrainingContext.of(rows, meaning)
    if trees is None or (trees.rounds and not _usable(trees, context)):
        trees, held_out = _grow(context, plain)
    if not trees.rounds:
        return Prior(shrinkage, trees, plain, rows, meaning)
    if held_out is None and trees.folds:
        held_out = _held_out(context, rows, _until(trees.rounds), trees.folds)[0][-1]
    if trees.whole is None or held_out is None:
        boosted = _of_all(context, rows, trees)
        trees = replace(trees, whole=boosted.booster)
        if held_out is None:
            held_out = boosted.held_out(rows, _inner(rows), trees.rounds)
    return Prior(shrinkage, trees, held_out, rows, meaning)


def _of_all(context: TrainingContext, rows: pl.DataFrame, trees: Trees) -> Boosted:
    return Boosted.fit(context, rows, _inner(rows), trees.rounds, 0, trees.whole)


def _inner(rows: pl.DataFrame) -> Ints:
    """Return folds that no split of the cross-validation has."""
    return fold_by_term(rows, SPLITS)


def _until(rounds: int) -> tuple[int, ...]:
    """Return the stages up to ``rounds``: sums of the same terms in the same order, to the bit."""
    return tuple(one for one in STAGES if one <= rounds)


def _usable(trees: Trees, context: TrainingContext) -> bool:
    """Return whether trees were learned from such features, in as many splits."""
    return trees.looks_at == context.looks_at and len(trees.folds) in (0, SPLITS * FOLDS)


def _too_little(rows: pl.DataFrame) -> Trees | None:
    """Return no trees, with the reason, where there is too little to learn from; else None."""
    clicked = rows.filter(pl.col("clicks") > 0)
    orders = int(clicked["converted"].sum())
    if clicked.height >= FEWEST_ROWS and orders >= FEWEST_ORDERS:
        return None
    what = say("impact.prior.too_few", terms=clicked.height, orders=orders)
    return Trees(0, (), None, (), _note(what))


def _grow(context: TrainingContext, plain: Floats) -> tuple[Trees, Floats | None]:
    """Return trees, except those of all rows, and held-out rates where all rows took part."""
    rows = context.rows
    large = rows.height > LARGEST
    tried = _some_terms(rows) if large else rows
    if large:
        plain = cross_fitted(tried, fold_by_term(tried, 0))
    staged, grown = _held_out(context, tried, STAGES, splits=1 if large else SPLITS)
    best = _choose(tried, plain, staged)
    if best is None:
        return Trees(0, (), None, (), _note(say("impact.prior.no_gain"))), None
    if large:
        return Trees(STAGES[best], context.looks_at, None, (), _sampled(rows)), None
    return Trees(STAGES[best], context.looks_at, None, tuple(grown), None), staged[best]


def _some_terms(rows: pl.DataFrame) -> pl.DataFrame:
    """Return about ``LARGEST`` rows, all of a term or none."""
    parts = -(-rows.height // LARGEST)
    return rows.filter(term_numbers(rows, SPLITS + 1) % parts == 0)


def _sampled(rows: pl.DataFrame) -> Problem:
    what = say("impact.prior.sampled", most=LARGEST, rows=rows.height)
    return Problem(Path("report"), what, say("impact.prior.pooled"))


def _held_out(
    context: TrainingContext,
    rows: pl.DataFrame,
    stages: tuple[int, ...],
    trees: tuple[Booster, ...] = (),
    splits: int = SPLITS,
) -> tuple[list[Floats], list[Booster]]:
    """Return each row's rate after each of ``stages``, by trees that have not seen its term.

    A rate is the mean over the splits. Beside the rates come the trees, one set a fold of a split:
    the given ones where there are any.
    """
    staged, grown = [np.zeros(rows.height) for _ in stages], list[Booster]()
    for split in range(splits):
        folds = fold_by_term(rows, split)
        for fold in range(FOLDS):
            outside = folds == fold
            learned = rows.filter(~outside)
            inner = fold_by_term(learned, SPLITS + 2 + split)
            known = trees[len(grown)] if trees else None
            boosted = Boosted.fit(context, learned, inner, stages[-1], split, known)
            by_stage = boosted.staged(rows.filter(outside), stages)
            for rates, predicted in zip(staged, by_stage, strict=True):
                rates[outside] += predicted / splits
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
    sums = gains.group_by("search_term", maintain_order=True).sum()
    by_term = sums.drop("search_term").to_numpy()
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
    """Return the binomial deviance of each row, without the part that no rate changes."""
    p = np.clip(rates, 1e-6, 1 - 1e-6)
    total: Floats = -2 * (orders * np.log(p) + (clicks - orders) * np.log1p(-p))
    return total


def _note(what: Message) -> Problem:
    return Problem(Path("report"), what, say("impact.prior.plain"))
