"""Rows → units: what one change does, over all the rows that it touches."""

import numpy as np
import polars as pl
from scipy.special import ndtr

from admatch.decisions.actions import CHANGING, LEVERS, NEW_KEYWORDS, Action
from admatch.decisions.caps import SHARED
from admatch.decisions.correction import Correction, corrected
from admatch.decisions.protection import asin_in
from admatch.impact.columns import AD_GROUP, TARGETING

_SUMS = (
    *("spend_freed", "spent_again", "sales_change", "sales_value", "sales_allowed"),
    "sales_at_risk",
)
_KNOWN = ("spend_freed", "sales_value")  # what is gained, counted apart where a margin is known


def units_of(rows: pl.DataFrame, learned: Correction) -> pl.DataFrame:
    """Return one line a change: negations, new keywords, isolated terms, bids.

    Columns: ``AD_GROUP``, unit (its number, as in ``with_units``), action, rows, spend_freed,
    spent_again, sales_change, sales_value, sales_allowed, gain, profit_gain (the part of the gain
    that rests on margins), sales_at_risk, risk_variance, click (what one costs), worth (of a unit
    of its sales), net_risk. The last is the expected loss of sales beyond what the freed spend is
    worth: a change that stops a certain loss puts next to nothing at risk, however many sales it
    costs. Of a change that spends more, it is the expected shortfall of the sales that pay for it.
    Effects are as ``learned``.
    """
    touched = rows.filter(_changing() | _covered())
    sold = pl.col("expected_sales").fill_null(0.0).clip(1e-12)
    changed = pl.col("sales_moved") / pl.col("expected_sales").clip(1e-12)
    units = touched.group_by("unit", maintain_order=True).agg(
        pl.col(*AD_GROUP).first(),
        pl.col("action").filter(_changing()).first(),
        pl.len().alias("rows"),
        pl.col(*_SUMS).sum(),
        pl.col(*_KNOWN).filter(pl.col("margin").is_not_null()).sum().name.prefix("known_"),
        ((pl.col("sales_deviation") * changed) ** 2).sum().alias("risk_variance"),
        pl.col("cpc").max().alias("click"),
        ((pl.col("worth") * sold).sum() / sold.sum()).alias("worth"),
    )
    return _judged(units.drop_nulls("action").sort("unit"), learned)


def units_of_lines(lines: pl.DataFrame, learned: Correction) -> pl.DataFrame:
    """Return the units of lines about whole campaigns (``campaign_lines``), one each."""
    named = lines.with_columns(
        ad_group=pl.lit(None, pl.String), rows=pl.lit(1).cast(pl.get_index_type())
    )
    known = [f"known_{name}" for name in _KNOWN]
    return _judged(
        named.select(
            *AD_GROUP, "unit", "action", "rows", *_SUMS, *known, "risk_variance", "click", "worth"
        ).select(pl.col("unit"), pl.exclude("unit")),
        learned,
    )


def _judged(units: pl.DataFrame, learned: Correction) -> pl.DataFrame:
    """Return units with their profit and what they put at risk, effects as ``learned``."""
    units = corrected(units, learned)
    profit = (pl.col("known_spend_freed") + pl.col("known_sales_value")).alias("profit_gain")
    return units.with_columns(_net_risk(units), profit).drop("^known_.*$")


def _net_risk(units: pl.DataFrame) -> pl.Series:
    """Return E[(sales lost - spend freed / worth)+]; sales lost are normal, and negative if won."""
    mean = -units["sales_change"].fill_null(0.0).to_numpy()
    spread = np.sqrt(units["risk_variance"].fill_null(0.0).to_numpy() + (SHARED * mean) ** 2)
    short = mean - (units["spend_freed"] / units["worth"]).fill_null(0.0).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.nan_to_num(short / spread, nan=0.0, posinf=40.0, neginf=-40.0)
    expected = short * ndtr(away) + spread * np.exp(-0.5 * away**2) / np.sqrt(2 * np.pi)
    return pl.Series("net_risk", np.where(spread > 0, expected, np.maximum(short, 0.0)))


def _changing() -> pl.Expr:
    return pl.col("action").is_in([one.value for one in CHANGING])


def _covered() -> pl.Expr:
    """Return whether a row changes nothing itself but is served by a targeting with a new bid."""
    return ~_changing() & pl.col("factor").is_not_null()


def with_units(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``unit``: rows that the same change touches share a number."""
    bid = pl.col("action").is_in([one.value for one in LEVERS]) | _covered()
    name = (
        pl.when(pl.col("action") == Action.NEGATE_PHRASE.value)
        .then("stem")
        .when(pl.col("action") == Action.NEGATE_EXACT.value)
        .then("folded")
        .when(pl.col("action") == Action.NEGATE_PRODUCT.value)
        .then(pl.coalesce(asin_in("search_term"), "search_term").str.to_lowercase())
        .when(bid)
        .then(pl.concat_str(pl.col(TARGETING).fill_null(""), separator="\t"))
        .otherwise(pl.col("search_term").str.to_lowercase())
    )
    named = rows.with_columns(unit_name=name)
    way = (
        pl.when(pl.col("factor") == 0)
        .then(pl.lit(Action.PAUSE.value))
        .when(pl.col("factor") < 1)
        .then(pl.lit(Action.BID_DOWN.value))
        .otherwise(pl.lit(Action.BID_UP.value))
    )
    action = pl.when(bid).then(way).otherwise("action").alias("action")
    # the same new keyword for a term of several ad groups is one change
    new = (
        pl.col("action").is_in([one.value for one in NEW_KEYWORDS])
        & pl.col("to_campaign").is_not_null()
    )
    place = [
        pl.when(new).then(pl.col(f"to_{name}")).otherwise(name).alias(name)
        for name in ("campaign", "ad_group")
    ]
    number = pl.struct("currency", *place, action, "unit_name").rank("dense")
    return named.with_columns(unit=number.cast(pl.Int64)).drop("unit_name")


def decisions_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what each unit belongs to: what an ad group as a whole calls for, or what one term.

    Columns: unit, decision.
    """
    called = (pl.col("level") == "group") & pl.col("action").is_in([one.value for one in LEVERS])
    negated = pl.col("action") == Action.NEGATE_EXACT.value
    decision = (
        pl.when(called)
        .then(pl.concat_str(pl.lit("group"), *AD_GROUP, separator="\t", ignore_nulls=True))
        .when(negated)
        .then(pl.concat_str(pl.lit("term"), "folded", separator="\t"))
        .otherwise(pl.concat_str(pl.lit("unit"), "unit", separator="\t"))
    )
    changing = rows.filter(pl.col("action").is_in([one.value for one in CHANGING]))
    return changing.select("unit", decision=decision).unique("unit", keep="first")


def with_whole_gains(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``whole_gain``, of all rows of their decision, and ``whole_rows``.

    A row's own ``gain`` is its share of that, which may be negative.
    """
    known = rows.join(decisions_of(rows), on="unit", how="left", maintain_order="left")
    of = ("currency", "decision")
    several = pl.col("decision").is_not_null() & (pl.len().over(of) > 1)
    return known.with_columns(
        whole_gain=pl.when(several).then(pl.col("gain").sum().over(of)),
        whole_rows=pl.when(several).then(pl.len().over(of)),
    ).drop("decision")
