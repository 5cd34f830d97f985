"""Decisions added up by targeting, ad group, campaign and product: ``level_table``."""

import polars as pl

from admatch.decisions.actions import CHANGING
from admatch.decisions.levels import LEVELS, PRODUCT
from admatch.decisions.recommendations import Recommendations

_SEEN = ("impressions", "clicks", "spend", "orders", "sales")
_EXPECTED = ("expected_spend", "expected_sales")
_DONE = ("spend_freed", "sales_change", "sales_at_risk", "gain")
_NAMES = ("campaign", "ad_group", "targeting", "match_type", "product_id", "title")
_BID = ("action", "bid", "new_bid", "bid_low", "bid_high")
_POOLED = ("acos_expected", "acos_low", "acos_high", "above_target")
COLUMNS = (
    *("level", "currency", *_NAMES, "terms", *_SEEN, "acos", *_EXPECTED, *_POOLED),
    *("changes", *_DONE, "spend_after", "sales_after", "acos_after", *_BID, "preset"),
)


def level_table(advice: Recommendations) -> pl.DataFrame:
    """Return a line for each targeting, ad group, campaign and product (``COLUMNS``).

    What changes do counts where they are chosen. ``acos_expected`` with its 80 % interval and
    ``above_target``, the probability that it lies above the target, rest on all clicks of the
    level; those of a product are the clicks of the terms that are about it. A targeting has its
    bid, the new one, and what bids its clicks are worth at the target.
    """
    rows = _with_chosen(advice.rows)
    keys = LEVELS | {"product": (*PRODUCT, "title")}
    parts = []
    for level, key in keys.items():
        known = rows.filter(pl.col("product_id").is_not_null()) if level == "product" else rows
        sums = known.group_by(key, maintain_order=True).agg(*_sums(), *_of_level(level))
        named = {"group": "ad_group"}.get(level, level)
        parts.append(sums.with_columns(level=pl.lit(named)))
    table = pl.concat(parts, how="diagonal_relaxed")
    spend, sales = pl.col("expected_spend"), pl.col("expected_sales")
    table = table.with_columns(
        acos=_ratio(pl.col("spend"), pl.col("sales")),
        spend_after=spend - pl.col("spend_freed"),
        sales_after=sales + pl.col("sales_change"),
        preset=pl.lit(next(iter(advice.totals["preset"]), None), pl.String),
    )
    after = _ratio(pl.col("spend_after"), pl.col("sales_after"))
    missing = [pl.lit(None).alias(name) for name in COLUMNS if name not in table.columns]
    return table.with_columns(*missing).with_columns(acos_after=after).select(COLUMNS)


def _with_chosen(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the effects of chosen changes only, and the number of a chosen unit."""
    chosen = pl.col("chosen")
    changing = pl.col("action").is_in([one.value for one in CHANGING])
    return rows.with_columns(
        *(pl.when(chosen).then(name).otherwise(0.0).alias(name) for name in _DONE),
        chosen_unit=pl.when(chosen & changing).then("unit"),
        lever=pl.when(chosen & pl.col("factor").is_not_null()).then("action"),
    )


def _sums() -> list[pl.Expr]:
    return [
        pl.len().alias("terms"),
        *(pl.col(name).sum() for name in (*_SEEN, *_EXPECTED, *_DONE)),
        pl.col("chosen_unit").drop_nulls().n_unique().alias("changes"),
    ]


def _of_level(level: str) -> list[pl.Expr]:
    cost = pl.col(f"{level}_cost").first()
    target = cost / pl.col(f"{level}_allowed").first()  # ACOS over target
    acos = pl.col(f"{level}_acos").first()
    found = [
        acos.alias("acos_expected"),
        (acos / target * cost / pl.col(f"{level}_allowed_high").first()).alias("acos_low"),
        (acos / target * cost / pl.col(f"{level}_allowed_low").first()).alias("acos_high"),
        pl.col(f"{level}_above").first().alias("above_target"),
    ]
    if level == "targeting":
        levers = pl.col("lever").drop_nulls().first().alias("action")
        changed = pl.col("lever").is_not_null()
        bids = [pl.col("new_bid").filter(changed).first()]
        found += [levers, *bids, *(pl.col(name).first() for name in ("bid", "bid_low", "bid_high"))]
    return found


def _ratio(spend: pl.Expr, sales: pl.Expr) -> pl.Expr:
    return pl.when(sales > 0).then(spend / sales)
