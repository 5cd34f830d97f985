"""Evidence pooled where a bid is set: targetings and ad groups, ``with_levels``."""

import numpy as np
import polars as pl
from scipy.stats import gamma

from admatch.arrays import Floats, Mask
from admatch.decisions.caps import SHARED
from admatch.decisions.guard_rails import GuardRails
from admatch.impact.beta import Beta
from admatch.impact.columns import AD_GROUP, TARGET

# A thin term is judged by the targeting that serves it, a thin targeting by its ad group.
_FEWEST = {"targeting": 20, "group": 60}  # mature clicks from which each is judged without an order
_LIKELY = 0.90  # P(ACOS above the target) from which a bid is lowered: the 80 % range is beyond it
_CERTAIN = 0.95  # from which it is lowered by the larger step


def with_levels(rows: pl.DataFrame, target_acos: float) -> pl.DataFrame:
    """Return the rows with what their targeting and their ad group say, all terms pooled.

    For each level: ``_acos`` (expected), ``_above`` (the probability that it lies above the
    target), ``_clicks`` (mature) and ``_orders``. The rates of one level share a part of their
    error, which pooling does not average out.
    """
    posterior = Beta.of(rows["rate"].to_numpy(), rows["weight"].to_numpy())
    value = (rows["expected_clicks"] * rows["order_value"].fill_null(0.0) * target_acos).to_numpy()
    pooled = rows.with_columns(
        worth=pl.Series(value * posterior.mean), variance=pl.Series(value**2 * posterior.variance)
    )
    for level, key in (("targeting", TARGET), ("group", AD_GROUP)):
        pooled = pooled.with_columns(
            pl.col("worth").sum().over(key).alias(f"{level}_worth"),
            pl.col("variance").sum().over(key).alias(f"{level}_variance"),
            pl.col("cost").sum().over(key).alias(f"{level}_cost"),
            pl.col("mature_clicks").sum().over(key).alias(f"{level}_clicks"),
            pl.col("orders").sum().over(key).alias(f"{level}_orders"),
        )
        above = _above(*(pooled[f"{level}_{name}"].to_numpy() for name in _POOLED))
        pooled = pooled.with_columns(
            pl.Series(f"{level}_above", above),
            (target_acos * pl.col(f"{level}_cost") / pl.col(f"{level}_worth")).alias(
                f"{level}_acos"
            ),
        )
    return pooled.drop("worth", "variance")


_POOLED = ("worth", "variance", "cost")


def _above(worth: Floats, variance: Floats, cost: Floats) -> Floats:
    """Return P(worth of the sales at the target < cost), with worth gamma distributed."""
    spread = variance + (SHARED * worth) ** 2
    known = (worth > 0) & (spread > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = gamma.cdf(cost, worth**2 / spread, scale=spread / worth)
    return np.where(known, chance, np.where(cost > 0, 1.0, 0.5))


def bid_factors(
    rows: pl.DataFrame, guard_rails: GuardRails, target_acos: float
) -> tuple[Floats, pl.Series]:
    """Return new bid over old of each row's targeting (NaN: no new bid), and which level says so.

    A bid goes to where ACOS would meet the target, by no more than a step. The step follows the
    certainty: ``certain_step`` where the level is above the target with 95 %, else ``step``.
    """
    targeting = _factor(rows, "targeting", guard_rails, target_acos)
    group = _factor(rows, "group", guard_rails, target_acos)
    # the ad group speaks for targetings of its own that say nothing themselves
    silent = np.isnan(targeting) & (rows["targeting_above"].to_numpy() >= 0.5)
    covered = silent & (group < 1)
    factor = np.where(covered, group, targeting)
    level = np.where(covered, "group", np.where(np.isnan(targeting), "", "targeting"))
    return factor, pl.Series("level", level, dtype=pl.String)


def _factor(rows: pl.DataFrame, level: str, guard_rails: GuardRails, target_acos: float) -> Floats:
    above, acos = rows[f"{level}_above"].to_numpy(), rows[f"{level}_acos"].to_numpy()
    orders = rows[f"{level}_orders"].fill_null(0).to_numpy()
    enough: Mask = (orders > 0) | (rows[f"{level}_clicks"].to_numpy() >= _FEWEST[level])
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = np.nan_to_num(target_acos / acos, nan=0.0)
    step = np.where(above >= _CERTAIN, guard_rails.certain_step, guard_rails.step)
    lowered = np.where(enough & (above >= _LIKELY), np.maximum(exact, 1 - step), np.nan)
    raised = (above <= 1 - _LIKELY) & (orders > 0) & (level == "targeting")
    factor: Floats = np.where(raised, np.minimum(exact, 1 + guard_rails.step), lowered)
    return factor
