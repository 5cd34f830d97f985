"""LightGBM on top of the ad groups' rates: small trees that follow what related terms say."""

from dataclasses import dataclass
from typing import TypeAlias

import lightgbm
import numpy as np
import polars as pl
from scipy.special import expit, logit

from admatch.arrays import Floats, Ints
from admatch.impact.cross_fit import cross_fitted
from admatch.impact.features import ContextFeatures, Pooling, Pools
from admatch.impact.related_terms import SemanticPools
from admatch.impact.shrinkage import Shrinkage

Booster: TypeAlias = lightgbm.Booster
# A click's weight falls with its row's clicks, as if a term's rate were known up to a prior worth
# so many clicks. Unweighted, a few large terms decide.
_ROW_CLICKS = 20.0
# Rows to learn the trees from: of larger accounts a sample, though the pools use all rows. Trees
# this small learn nothing further from more.
LARGEST = 100_000
_ONE_THREAD = 20_000  # rows up to which further threads cost more than they bring
# Fixed on seeds other than the benchmark's. A higher rate of related terms may only raise the rate,
# and randomised splits in leaves of ten expected orders keep small accounts from being learned by
# heart (tests/benchmarks/unseen_terms.py). Each account chooses its own number of rounds, even 0.
_RISING = ("_ratio", "_least", "_most")
_PARAMETERS = {
    "objective": "cross_entropy",
    "learning_rate": 0.06,
    "num_leaves": 6,
    "min_sum_hessian_in_leaf": 10.0,
    "min_data_in_leaf": 10,
    "lambda_l2": 10.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "extra_trees": True,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True)
class TrainingContext:
    """All rows of an account, and what they say about each other without their orders."""

    rows: pl.DataFrame
    pooling: Pooling
    features: ContextFeatures
    meaning: SemanticPools | None

    @classmethod
    def of(cls, rows: pl.DataFrame, meaning: SemanticPools | None) -> "TrainingContext":
        """Return the context of rows."""
        return cls(rows, Pooling.of(rows, meaning), ContextFeatures.of(rows, meaning), meaning)

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The names of the trees' features; an account without any meaning has fewer."""
        meaning = () if self.features.positions is None else ("meaning",)
        return (*self.pooling.keys, *meaning)


@dataclass(frozen=True)
class Boosted:
    """Corrections (log-odds) of the rates of ``shrinkage``, learned from rows."""

    context: TrainingContext
    shrinkage: Shrinkage
    pools: Pools
    booster: Booster

    @classmethod
    def fit(
        cls,
        context: TrainingContext,
        rows: pl.DataFrame,
        folds: Ints,
        rounds: int,
        seed: int,
        booster: Booster | None = None,
    ) -> "Boosted":
        """Return the trees of some rows; each row is learned from what other folds' terms say.

        A ``booster`` that was learned before is taken as it is; only its features are new. Chance
        in learning follows ``seed``.
        """
        rates = cross_fitted(rows, folds)
        clicks = rows["mature_clicks"].to_numpy().astype(np.float64)
        pools = Pools.collect(rows, context.pooling, rates * clicks, folds)
        booster = booster or _grow(context, rows, folds, pools, rates, rounds, seed)
        return cls(context, Shrinkage.fit(rows), pools, booster)

    def rates(self, rows: pl.DataFrame, rounds: int) -> Floats:
        """Return the rates, after some rounds, of rows of any ad groups and terms."""
        pooling = Pooling.of(rows, self.context.meaning)
        return self._after(rows, pooling, None, self.shrinkage.rates(rows), (rounds,))[0]

    def staged(self, rows: pl.DataFrame, rounds: tuple[int, ...]) -> list[Floats]:
        """Return the rates of rows not learned from after each number of rounds, ascending."""
        return self._after(rows, self.context.pooling, None, self.shrinkage.rates(rows), rounds)

    def held_out(self, rows: pl.DataFrame, folds: Ints, rounds: int) -> Floats:
        """Return the rates of the rows learned from, judged by other folds' terms."""
        rates = cross_fitted(rows, folds)
        return self._after(rows, self.context.pooling, folds, rates, (rounds,))[0]

    def _after(
        self,
        rows: pl.DataFrame,
        pooling: Pooling,
        folds: Ints | None,
        rates: Floats,
        rounds: tuple[int, ...],
    ) -> list[Floats]:
        table = _table(self.context, self.pools, rows, pooling, folds, rates)
        cells, odds, staged, done = table.to_numpy().astype(np.float32), logit(rates), [], 0
        for count in rounds:
            if len(cells):
                further = self.booster.predict(
                    cells, raw_score=True, start_iteration=done, num_iteration=count - done
                )
                odds = odds + np.asarray(further, dtype=np.float64)
            done = count
            staged.append(expit(odds))
        return staged


def _grow(
    context: TrainingContext,
    rows: pl.DataFrame,
    folds: Ints,
    pools: Pools,
    rates: Floats,
    rounds: int,
    seed: int,
) -> Booster:
    learned = _sample(rows, seed)
    part, some = rows[learned], rates[learned]
    table = _table(context, pools, part, context.pooling, folds[learned], some)
    orders = part["converted"].to_numpy().astype(np.float64)
    clicks = np.maximum(part["mature_clicks"].to_numpy().astype(np.float64), orders)
    data = lightgbm.Dataset(
        table.to_numpy().astype(np.float32),
        label=orders / clicks.clip(1e-9),
        weight=clicks * (_ROW_CLICKS + 1) / (_ROW_CLICKS + clicks),
        init_score=logit(some),
    )
    parameters = _PARAMETERS | {
        "monotone_constraints": [int(name.endswith(_RISING)) for name in table.columns],
        "seed": seed,
        "num_threads": 1 if len(learned) <= _ONE_THREAD else 0,
    }
    return lightgbm.train(parameters, data, rounds)


def _table(
    context: TrainingContext,
    pools: Pools,
    rows: pl.DataFrame,
    pooling: Pooling,
    folds: Ints | None,
    rates: Floats,
) -> pl.DataFrame:
    own = context.features.features(rows, rates, context.meaning)
    parts = [pools.features(rows, pooling, folds), own]
    table = pl.concat(parts, how="horizontal").cast(pl.Float64)
    finite = pl.when(pl.all().is_finite()).then(pl.all())
    return table.select(finite.fill_null(float("nan")))


def _sample(rows: pl.DataFrame, seed: int) -> Ints:
    """Return the numbers of the rows to learn from: those with clicks, or a sample of them."""
    clicked: Ints = np.flatnonzero(rows["clicks"].to_numpy() > 0)
    if len(clicked) <= LARGEST:
        return clicked
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(clicked, LARGEST, replace=False))
