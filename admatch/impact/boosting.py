"""LightGBM on top of the ad groups' rates: small trees that may only say what kinship implies."""

from dataclasses import dataclass
from typing import TypeAlias

import lightgbm
import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit, logit

from admatch.impact.features import ContextFeatures, Pooling, Pools
from admatch.impact.kinship import SemanticPools
from admatch.impact.shrinkage import Floats, Shrinkage, cross_fitted

Ints = npt.NDArray[np.int64]
Booster: TypeAlias = lightgbm.Booster
# A click's weight falls with its row's clicks, as if a term's rate were known up to a prior worth
# so many: unweighted, a few large terms decide.
_ROW_CLICKS = 20.0
# Rows to learn the trees from, a sample of larger accounts; the pools take in all rows. Trees this
# small learn no more from more.
LARGEST = 100_000
_ONE_THREAD = 20_000  # rows up to which further threads cost more than they bring
# Fixed on seeds other than the benchmark's. What kin converted at may only raise the rate, and
# randomised splits in leaves of ten expected orders keep small accounts from being learned by heart
# (tests/benchmarks/unseen_terms.py). The number of rounds, none included, is each account's own.
_RISING = ("_ratio", "_least", "_most")
_PARAMETERS = {
    "objective": "cross_entropy",
    "learning_rate": 0.03,
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
    """All rows of an account, and what they say of each other without their orders."""

    rows: pl.DataFrame
    kin: Pooling
    surroundings: ContextFeatures
    meaning: SemanticPools | None
    seed: int

    @classmethod
    def of(cls, rows: pl.DataFrame, meaning: SemanticPools | None, seed: int) -> "TrainingContext":
        """Return the lore of rows; ``seed`` decides about all chance in learning from them."""
        return cls(
            rows, Pooling.of(rows, meaning), ContextFeatures.of(rows, meaning), meaning, seed
        )

    @property
    def looks_at(self) -> tuple[str, ...]:
        """What trees look at: an account without any meaning has fewer columns."""
        meaning = () if self.surroundings.positions is None else ("meaning",)
        return (*self.kin.keys, *meaning)


@dataclass(frozen=True)
class Boosted:
    """Corrections (log-odds) of the rates of ``shrinkage``, learned from rows."""

    lore: TrainingContext
    shrinkage: Shrinkage
    pools: Pools
    booster: Booster

    @classmethod
    def fit(
        cls,
        lore: TrainingContext,
        rows: pl.DataFrame,
        folds: Ints,
        rounds: int,
        booster: Booster | None = None,
    ) -> "Boosted":
        """Return the trees of some rows; each learns from what other folds' terms say of it.

        A ``booster`` that was learned before stands as it is; only what it looks at is new.
        """
        rates = cross_fitted(rows, folds)
        clicks = rows["mature_clicks"].to_numpy().astype(np.float64)
        pools = Pools.collect(rows, lore.kin, rates * clicks, folds)
        booster = booster or _grow(lore, rows, folds, pools, rates, rounds)
        return cls(lore, Shrinkage.fit(rows), pools, booster)

    def rates(self, rows: pl.DataFrame, rounds: int) -> Floats:
        """Return the rates, after some rounds, of rows of whatever places and terms."""
        kin = Pooling.of(rows, self.lore.meaning)
        return self._after(rows, kin, None, self.shrinkage.rates(rows), (rounds,))[0]

    def staged(self, rows: pl.DataFrame, rounds: tuple[int, ...]) -> list[Floats]:
        """Return the rates of rows not learned from after each number of rounds, ascending."""
        return self._after(rows, self.lore.kin, None, self.shrinkage.rates(rows), rounds)

    def held_out(self, rows: pl.DataFrame, folds: Ints, rounds: int) -> Floats:
        """Return the rates of the rows learned from, by what other folds' terms say of them."""
        rates = cross_fitted(rows, folds)
        return self._after(rows, self.lore.kin, folds, rates, (rounds,))[0]

    def _after(
        self,
        rows: pl.DataFrame,
        kin: Pooling,
        folds: Ints | None,
        rates: Floats,
        rounds: tuple[int, ...],
    ) -> list[Floats]:
        table = _table(self.lore, self.pools, rows, kin, folds, rates)
        seen, odds, staged, done = table.to_numpy().astype(np.float32), logit(rates), [], 0
        for count in rounds:
            if len(seen):
                further = self.booster.predict(
                    seen, raw_score=True, start_iteration=done, num_iteration=count - done
                )
                odds = odds + np.asarray(further, dtype=np.float64)
            done = count
            staged.append(expit(odds))
        return staged


def _grow(
    lore: TrainingContext, rows: pl.DataFrame, folds: Ints, pools: Pools, rates: Floats, rounds: int
) -> Booster:
    learned = _sample(rows, lore.seed)
    part, some = rows[learned], rates[learned]
    table = _table(lore, pools, part, lore.kin, folds[learned], some)
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
        "seed": lore.seed,
        "num_threads": 1 if len(learned) <= _ONE_THREAD else 0,
    }
    return lightgbm.train(parameters, data, rounds)


def _table(
    lore: TrainingContext,
    pools: Pools,
    rows: pl.DataFrame,
    kin: Pooling,
    folds: Ints | None,
    rates: Floats,
) -> pl.DataFrame:
    around = lore.surroundings.features(rows, rates, lore.meaning)
    parts = [pools.features(rows, kin, folds), around]
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
