"""Which rows earlier changes have touched too recently to be judged anew (guard-rail 8)."""

import polars as pl

from admatch.impact.changes import ChangeSet


def touched(rows: pl.DataFrame, recent: ChangeSet | None) -> pl.Series:
    """Return whether each row's term, or the target that serves it, was changed in its ad group."""
    if not recent:
        return pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    changed = pl.DataFrame(
        [(one.place.campaign, one.place.ad_group, one.text.lower()) for one in recent],
        schema={"campaign": pl.String, "ad_group": pl.String, "text": pl.String},
        orient="row",
    ).unique()
    named = rows.select("row", "campaign", "ad_group", "search_term", "targeting")
    found = [
        named.with_columns(text=pl.col(column).str.to_lowercase()).join(
            changed, on=["campaign", "ad_group", "text"], how="semi"
        )["row"]
        for column in ("search_term", "targeting")
    ]
    return rows["row"].is_in(pl.concat(found).unique().implode())
