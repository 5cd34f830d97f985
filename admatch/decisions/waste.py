"""What is expected to be spent beyond the target, and why: ``waste_by_cause``."""

import polars as pl

from admatch.decisions.actions import NEGATIONS, Action
from admatch.decisions.recommendations import Recommendations
from admatch.impact.columns import TARGET
from admatch.reports.records import TermKind


def waste_by_cause(advice: Recommendations, currency: str | None) -> list[tuple[str, float]]:
    """Return causes with the expected spend beyond the target, the greatest first.

    It is counted where it is acted on: of a term that is negated on its own, of all others for
    their targeting as a whole, where shortfalls of some terms make up for the excess of others. So
    chance alone wastes little: an account below its target has next to no waste. The amounts are of
    a period as long as the report.
    """
    rows = advice.rows.filter(pl.col("currency").eq_missing(pl.lit(currency, pl.String)))
    worth = (pl.col("target_acos") * pl.col("expected_sales")).fill_null(0.0)
    rows = rows.with_columns(excess=pl.col("expected_spend").fill_null(0.0) - worth, cause=_cause())
    negated = pl.col("action").is_in([one.value for one in NEGATIONS])
    single = rows.filter(negated).select("cause", pl.col("excess").clip(0))
    pooled = _by_targeting(rows.filter(~negated))
    sums = (
        pl.concat([single, pooled])
        .group_by("cause", maintain_order=True)
        .agg(pl.col("excess").sum())
    )
    ordered = sums.filter(pl.col("excess") > 0).sort("excess", "cause", descending=[True, False])
    return list(ordered.iter_rows())


def _by_targeting(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the excess of each targeting as a whole, spread over the rows that bring it."""
    net = pl.col("excess").sum().over(TARGET).clip(0)
    own = pl.col("excess").clip(0)
    share = own / own.sum().over(TARGET)
    return rows.select("cause", excess=pl.when(own > 0).then(net * share).otherwise(0.0))


def _cause() -> pl.Expr:
    """Return the first cause that fits a row."""
    asin = pl.col("term_kind") == TermKind.ASIN.value
    action = pl.col("action")
    return (
        pl.when(pl.col("own_asin"))
        .then(pl.lit("own product pages"))
        .when(asin)
        .then(pl.lit("others' product pages"))
        .when(pl.col("term_kind") != TermKind.KEYWORD.value)
        .then(pl.lit("no term known"))
        .when(action == Action.MOVE.value)
        .then(pl.lit("another product fits better"))
        .when(action == Action.FIX_LISTING.value)
        .then(pl.lit("listing does not sell"))
        .when(pl.col("outcome") == "none")
        .then(pl.lit("none of my products"))
        .when(pl.col("orders") > 0)
        .then(pl.lit("sells, but costs too much"))
        .when(action.is_in([Action.NEGATE_EXACT.value, Action.NEGATE_PHRASE.value]))
        .then(pl.lit("fits, but does not sell"))
        .otherwise(pl.lit("fits, not sold yet"))
    )
