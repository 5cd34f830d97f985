"""Decisions that somebody rejected: they are not proposed again for a while."""

import polars as pl

from admatch.decisions.actions import BIDS, Action

REJECTED = {"campaign": pl.String, "ad_group": pl.String, "text": pl.String, "action": pl.String}


def subject() -> pl.Expr:
    """Return what a decided row's change is about: its term, its phrase, or its target."""
    return (
        pl.when(pl.col("action") == Action.NEGATE_PHRASE.value)
        .then("phrase")
        .when(pl.col("action").is_in([one.value for one in BIDS]))
        .then("targeting")
        .otherwise("search_term")
        .str.to_lowercase()
    )


def without_rejected(rows: pl.DataFrame, rejected: pl.DataFrame | None) -> pl.DataFrame:
    """Return decided rows with those watched whose very change is ``rejected``.

    ``rejected`` has the columns of ``REJECTED``.
    """
    if rejected is None or rejected.is_empty():
        return rows
    named = rows.select("campaign", "ad_group", "action", text=subject()).with_row_index("place")
    places = named.join(rejected, on=list(REJECTED), how="semi", nulls_equal=True)["place"]
    out = pl.int_range(pl.len()).is_in(places.implode())
    return rows.with_columns(
        action=pl.when(out).then(pl.lit(Action.WATCH.value)).otherwise("action"),
        why=pl.when(out).then(pl.lit("rejected")).otherwise("why"),
        factor=pl.when(out).then(None).otherwise("factor"),
    )
