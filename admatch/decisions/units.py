"""Rows → units: what one change does, over all the rows that it touches."""

import polars as pl

from admatch.decisions.actions import BIDS, NEGATIONS, Action
from admatch.impact.columns import AD_GROUP, TARGET, TARGETING
from admatch.impact.elasticities import COST_POWER, VOLUME_POWER

_SUMS = ("spend_freed", "sales_change", "profit_gain", "sales_at_risk")


def units_of(rows: pl.DataFrame, worth: float) -> pl.DataFrame:
    """Return one line a change whose effect is known: negations, bids.

    Columns: ``AD_GROUP``, unit (its number, as in ``with_units``), action, rows, spend_freed,
    sales_change, profit_gain, sales_at_risk, risk_variance. A new bid touches all rows of its
    target that are not negated.
    """
    negated = rows.filter(pl.col("action").is_in([one.value for one in NEGATIONS]))
    lost = pl.col("sales_at_risk") / pl.col("expected_sales").clip(1e-12)
    blocks = negated.group_by("unit", maintain_order=True).agg(
        pl.col(*AD_GROUP, "action").first(),
        pl.len().alias("rows"),
        pl.col(*_SUMS).sum(),
        ((pl.col("sales_deviation") * lost) ** 2).sum().alias("risk_variance"),
    )
    return pl.concat([blocks, _bid_units(rows, worth)], how="diagonal_relaxed").sort("unit")


def with_units(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``unit``: rows that the same change touches share a number."""
    name = (
        pl.when(pl.col("action") == Action.NEGATE_PHRASE.value)
        .then("stem")
        .when(pl.col("action") == Action.NEGATE_EXACT.value)
        .then("folded")
        .when(pl.col("action").is_in([one.value for one in BIDS]))
        .then(pl.concat_str(pl.col(TARGETING).fill_null(""), separator="\t"))
        .otherwise(pl.col("search_term").str.to_lowercase())
    )
    named = rows.with_columns(unit_name=name)
    number = pl.struct(*AD_GROUP, "action", "unit_name").rank("dense")
    return named.with_columns(unit=number.cast(pl.Int64)).drop("unit_name")


def _bid_units(rows: pl.DataFrame, worth: float) -> pl.DataFrame:
    moved = rows.filter(pl.col("action").is_in([one.value for one in BIDS])).unique(
        "unit", maintain_order=True
    )
    remaining = rows.filter(~pl.col("action").is_in([one.value for one in NEGATIONS]))
    sums = remaining.group_by(TARGET, maintain_order=True).agg(
        pl.len().alias("rows"),
        pl.col("expected_spend", "expected_sales").sum(),
        (pl.col("sales_deviation") ** 2).sum().alias("variance"),
    )
    bids = moved.select(*TARGET, "unit", "action", "factor").join(
        sums, on=list(TARGET), nulls_equal=True, maintain_order="left"
    )
    volume, price = pl.col("factor") ** VOLUME_POWER[0], pl.col("factor") ** COST_POWER[0]
    change = pl.col("expected_sales") * (volume - 1)
    return bids.select(
        *AD_GROUP,
        "unit",
        "action",
        "rows",
        spend_freed=pl.col("expected_spend") * (1 - volume * price),
        sales_change=change,
        sales_at_risk=pl.col("expected_sales") * (1 - volume).clip(0),
        risk_variance=pl.col("variance") * (1 - volume).clip(0) ** 2,
    ).with_columns(profit_gain=worth * pl.col("sales_change") + pl.col("spend_freed"))
