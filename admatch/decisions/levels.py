"""Evidence pooled where a bid is set: targetings and ad groups, ``with_levels``."""

import numpy as np
import polars as pl

from admatch.arrays import Floats, Mask
from admatch.decisions.caps import SHARED
from admatch.decisions.guard_rails import GuardRails
from admatch.impact.beta import Beta
from admatch.impact.columns import AD_GROUP, TARGET

# A thin term is judged by the targeting that serves it, a thin targeting by its ad group. Below so
# many mature clicks a level says nothing: in a small account the prior alone is too sure of itself.
_FEWEST = {"targeting": 15, "group": 30}
_CUT = 0.5  # of what clicks have cost: placements and dynamic bids alone seldom explain more
_LIKELY = 0.90  # P(ACOS above the target) from which a bid is lowered: the 80 % range is beyond it
_CERTAIN = 0.95  # from which it is lowered by the larger step


def with_levels(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with what their targeting and their ad group say, all terms pooled.

    For each level: ``_acos`` (expected), ``_above`` (the probability that it lies above the
    targets of its rows), ``_at_target`` (the spend that they allow), ``_clicks`` (mature) and
    ``_orders``; ``price_cut`` where the bid is so far below what clicks have cost that somebody
    lowered it since.
    """
    per_rate = pl.col("expected_clicks") * pl.col("order_value").fill_null(0.0)
    pooled = rows.with_columns(
        value=per_rate * pl.col("target_acos"),
        at_target=per_rate * pl.col("target_acos") * pl.col("rate"),
        brought=per_rate * pl.col("rate"),
    )
    for level, key in (("targeting", TARGET), ("group", AD_GROUP)):
        pooled = pooled.with_columns(
            pl.col("value", "at_target", "brought", "cost")
            .sum()
            .over(key)
            .name.prefix(f"{level}_"),
            pl.col("strength").mean().over(key).alias(f"{level}_strength"),
            pl.col("mature_clicks").sum().over(key).alias(f"{level}_clicks"),
            pl.col("orders").sum().over(key).alias(f"{level}_orders"),
        )
        parts = (pooled[f"{level}_{name}"].to_numpy() for name in _POOLED)
        pooled = pooled.with_columns(
            pl.Series(f"{level}_above", _above(*parts)),
            (pl.col(f"{level}_cost") / pl.col(f"{level}_brought")).alias(f"{level}_acos"),
        )
    paid = pl.col("cost").sum().over(TARGET) / pl.col("expected_clicks").sum().over(TARGET)
    cut = (pl.col("bid") < _CUT * paid).fill_null(False)
    return pooled.with_columns(price_cut=cut).drop("value", "at_target", "brought")


_POOLED = ("value", "at_target", "cost", "strength", "clicks")


def _above(value: Floats, worth: Floats, cost: Floats, strength: Floats, clicks: Floats) -> Floats:
    """Return the probability that a level's orders a click are below what its cost asks for.

    ``value`` is what the sales would be worth at the target if every click ordered. The rate is
    beta distributed: the prior counts once, however many terms share it, and the values of an order
    and of a click add ``SHARED`` to its relative deviation.
    """
    known = (worth > 0) & (value > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.clip(np.where(known, worth / value, 0.5), 1e-6, 1 - 1e-6)
        odds = (1 - rate) / rate
        relative = odds / (strength + clicks + 1) + SHARED**2
        chance = 1 - Beta.of(rate, odds / relative - 1).above(cost / value)
    return np.where(known, chance, np.where(cost > 0, 1.0, 0.5))


def bid_factors(rows: pl.DataFrame, guard_rails: GuardRails) -> tuple[Floats, pl.Series]:
    """Return new bid over old of each row's targeting (NaN: no new bid), and which level says so.

    A bid goes to where ACOS would meet the target, by no more than a step. The step follows the
    certainty: ``certain_step`` where the level is above the target with 95 %, else ``step``. A bid
    that was cut since waits for clicks at its own price.
    """
    targeting = _factor(rows, "targeting", guard_rails)
    group = _factor(rows, "group", guard_rails)
    # the ad group speaks for targetings of its own that say nothing themselves
    silent = np.isnan(targeting) & (rows["targeting_above"].to_numpy() >= 0.5)
    covered = silent & (group < 1)
    factor = np.where(covered, group, targeting)
    factor = np.where(rows["price_cut"].to_numpy(), np.nan, factor)
    level = np.where(np.isnan(factor), "", np.where(covered, "group", "targeting"))
    return factor, pl.Series("level", level, dtype=pl.String)


def _factor(rows: pl.DataFrame, level: str, guard_rails: GuardRails) -> Floats:
    above = rows[f"{level}_above"].to_numpy()
    worth, cost = rows[f"{level}_at_target"].to_numpy(), rows[f"{level}_cost"].to_numpy()
    orders = rows[f"{level}_orders"].fill_null(0).to_numpy()
    enough: Mask = rows[f"{level}_clicks"].to_numpy() >= _FEWEST[level]
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = np.nan_to_num(worth / cost, nan=0.0)
    step = np.where(above >= _CERTAIN, guard_rails.certain_step, guard_rails.step)
    lowered = np.where(enough & (above >= _LIKELY), np.maximum(exact, 1 - step), np.nan)
    raised = enough & (above <= 1 - _LIKELY) & (orders > 0) & (level == "targeting")
    factor: Floats = np.where(raised, np.minimum(exact, 1 + guard_rails.step), lowered)
    return factor
