"""Evidence pooled where money is steered, and by product: ``with_levels``."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.arrays import Floats, Mask
from admatch.decisions.caps import SHARED
from admatch.decisions.guard_rails import GuardRails
from admatch.impact.beta import Beta
from admatch.impact.columns import AD_GROUP, CAMPAIGN, TARGET
from admatch.impact.interval import HIGH, LOW
from admatch.impact.shrinkage import Level, Shrinkage

PRODUCT = ("currency", "product_id")
LEVELS = {"targeting": TARGET, "group": AD_GROUP, "campaign": CAMPAIGN, "product": PRODUCT}
# A thin term is judged by the targeting that serves it, a thin targeting by its ad group. Below so
# many mature clicks a level says nothing by itself.
FEWEST = {"targeting": 15, "group": 30}
_SUMMED = {"clicks": "mature_clicks", "seen": "clicks", "orders": "orders", "cost": "cost"}
_CUT = 0.5  # of what clicks have cost: placements and dynamic bids alone seldom explain more
LIKELY = 0.90  # P(ACOS above the target) from which a bid is lowered: the 80 % range is beyond it
CERTAIN = 0.95  # from which it is lowered by the larger step


@dataclass(frozen=True, slots=True)
class PooledLevel:
    """What the rows of a level say together, whatever their goals are.

    ``sums`` are its columns of the result, ``rate`` what its clicks convert at, the values of an
    order and of a click included; ``group`` numbers the rows' own, ``sales_a_rate`` is what a rate
    of 1 would sell there.
    """

    sums: pl.DataFrame
    rate: Beta
    group: npt.NDArray[np.uint32]
    sales_a_rate: Floats

    @classmethod
    def of(cls, rows: pl.DataFrame, level: str, key: tuple[str, ...], rate: Beta) -> "PooledLevel":
        """Return the level of rows; ``SHARED`` is added to the relative deviation of the rate."""
        sums = rows.select(
            pl.col(name).sum().over(key).alias(f"{level}_{of}") for of, name in _SUMMED.items()
        )
        group = rows.select(pl.struct(key).rank("dense")).to_series().to_numpy()
        sold = _sum_by(group, _sales_a_rate(rows))
        return cls(sums, with_shared_doubt(rate), group, sold)


def pooled_levels(rows: pl.DataFrame) -> dict[str, PooledLevel]:
    """Return each level of rows as they are known before any goal."""
    shrinkage, found = Shrinkage.fit(rows), {}
    for level, key in LEVELS.items():
        rate = _rate_of_products(rows, shrinkage) if level == "product" else shrinkage.level(key)
        found[level] = PooledLevel.of(rows, level, key, rate.posterior(rows))
    return found


def with_levels(rows: pl.DataFrame, levels: Mapping[str, PooledLevel]) -> pl.DataFrame:
    """Return the rows with what their targeting, ad group, campaign and product say, terms pooled.

    For each level: ``_clicks`` (mature), ``_seen`` (all of them), ``_orders``, ``_cost``,
    ``_allowed`` (the spend that the targets of its rows allow, with ``_low`` and ``_high``),
    ``_acos``, ``_above`` (the probability that it lies above the targets), and ``_hopeless``: the
    same at the marketplace's lowest bid. The product is the one that a term is about.
    ``price_cut`` where the bid is so far below what clicks have cost that somebody lowered it
    since.
    """
    value = _sales_a_rate(rows) * rows["target_acos"].cast(pl.Float64).to_numpy()
    lowest = (rows["lowest_bid"] / rows["bid"]).clip(upper_bound=1.0).to_numpy()
    columns: list[pl.Series] = []
    for name, level in levels.items():
        columns += [*level.sums, *_figures(level, name, _sum_by(level.group, value), lowest)]
    paid = pl.col("cost").sum().over(TARGET) / pl.col("expected_clicks").sum().over(TARGET)
    cut = (pl.col("bid") < _CUT * paid).fill_null(False)
    return rows.with_columns(*columns, price_cut=cut)


def _sales_a_rate(rows: pl.DataFrame) -> Floats:
    """Return what each row would sell if every click brought an order."""
    sold = rows["expected_clicks"] * rows["order_value"].fill_null(0.0)
    return sold.fill_null(0.0).to_numpy().astype(np.float64)


def _sum_by(group: npt.NDArray[np.uint32], values: Floats) -> Floats:
    """Return the sum of each row's group; what is unknown counts nothing."""
    sums: Floats = np.bincount(group, weights=np.nan_to_num(values)).astype(np.float64)[group]
    return sums


def _rate_of_products(rows: pl.DataFrame, shrinkage: Shrinkage) -> Level:
    """Return the rates of products, drawn to the account's: their terms are served anywhere."""
    above = pl.Series("above", shrinkage.account_rates(rows))
    return Level.fit(rows.with_columns(above).drop_nulls("product_id"), PRODUCT)


def _figures(level: PooledLevel, name: str, value: Floats, lowest: Floats) -> list[pl.Series]:
    """Return what a level's rate says about its ACOS at goals, with which it sells ``value``."""
    cost, rate = level.sums[f"{name}_cost"].to_numpy(), level.rate
    with np.errstate(divide="ignore", invalid="ignore"):
        acos = cost / (level.sales_a_rate * rate.mean)
        needed = np.where(value > 0, cost / value, np.where(cost > 0, np.inf, np.nan))
    figures = {
        "allowed": value * rate.mean,
        "allowed_low": value * rate.quantile(LOW),
        "allowed_high": value * rate.quantile(HIGH),
        "acos": acos,
        "above": np.nan_to_num(1 - rate.above(needed), nan=0.5),
        "hopeless": np.nan_to_num(1 - rate.above(needed * lowest), nan=0.0),
    }
    return [pl.Series(f"{name}_{figure}", values) for figure, values in figures.items()]


def bid_factors(rows: pl.DataFrame, guard_rails: GuardRails) -> tuple[Floats, pl.Series]:
    """Return new bid over old of each row's targeting (NaN: no new bid), and which level says so.

    A bid goes to where ACOS would meet the target, by no more than a step, and never below the
    marketplace's lowest. The step follows the certainty: ``certain_step`` where the level is above
    the target with 95 %, else ``step``. 0 is a pause: not even the lowest bid would pay. A bid that
    was cut since waits for clicks at its own price.
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


def with_bid_ranges(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``bid_low`` and ``bid_high``: what bids their clicks are worth (80 %).

    The level that decides about the bid says so, else the targeting.
    """
    group = pl.col("level") == "group"
    return rows.with_columns(
        (
            pl.col("bid")
            * pl.when(group).then(f"group_allowed_{end}").otherwise(f"targeting_allowed_{end}")
            / pl.when(group).then("group_cost").otherwise("targeting_cost")
        )
        .fill_nan(None)
        .alias(f"bid_{end}")
        for end in ("low", "high")
    )


def with_shared_doubt(rate: Beta) -> Beta:
    """Return the rates with ``SHARED`` added to their relative deviation."""
    odds = (1 - rate.mean) / rate.mean
    return Beta.of(rate.mean, odds / (odds / (rate.a + rate.b + 1) + SHARED**2) - 1)


def _factor(rows: pl.DataFrame, level: str, guard_rails: GuardRails) -> Floats:
    above, hopeless = rows[f"{level}_above"].to_numpy(), rows[f"{level}_hopeless"].to_numpy()
    allowed, cost = rows[f"{level}_allowed"].to_numpy(), rows[f"{level}_cost"].to_numpy()
    orders = rows[f"{level}_orders"].fill_null(0).to_numpy()
    enough: Mask = rows[f"{level}_clicks"].to_numpy() >= FEWEST[level]
    lowest = (rows["lowest_bid"] / rows["bid"]).fill_null(0.0).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = np.nan_to_num(allowed / cost, nan=0.0)
    step = np.where(above >= CERTAIN, guard_rails.certain_step, guard_rails.step)
    down = np.maximum(np.maximum(exact, 1 - step), lowest)
    down = np.where(hopeless >= CERTAIN, 0.0, np.where(down < 1, down, np.nan))
    lowered = np.where(enough & (above >= LIKELY), down, np.nan)
    raised = enough & (above <= 1 - LIKELY) & (orders > 0) & (level == "targeting")
    factor: Floats = np.where(raised, np.minimum(exact, 1 + guard_rails.step), lowered)
    return factor
