"""What terms cost beyond what their sales are worth, and why: ``waste_by_cause``."""

import polars as pl

from admatch.decisions.actions import Action
from admatch.decisions.recommendations import Recommendations
from admatch.reports.records import TermKind


def waste_by_cause(advice: Recommendations, currency: str | None) -> list[tuple[str, float]]:
    """Return causes with the report's spend beyond the target, the largest first.

    The spend of a row above target times sales counts under the first cause that fits.
    """
    rows = advice.rows.filter(pl.col("currency").eq_missing(pl.lit(currency, pl.String)))
    excess = (pl.col("spend") - advice.target_acos * pl.col("sales")).clip(0)
    asin = pl.col("term_kind") == TermKind.ASIN.value
    action = pl.col("action")
    cause = (
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
    sums = rows.group_by(cause.alias("cause"), maintain_order=True).agg(
        excess.sum().alias("excess")
    )
    ordered = sums.filter(pl.col("excess") > 0).sort("excess", "cause", descending=[True, False])
    return list(ordered.iter_rows())
