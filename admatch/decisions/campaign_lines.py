"""Changes of a whole campaign as lines beside the decided terms: ``campaigns``, ``as_lines``.

Such a line counts no click, spend or sale of its own, as its campaign's terms count them. What it
changes is estimated on what they come to once everything that is decided about them is done.
"""

from collections.abc import Mapping

import polars as pl

from admatch.decisions.ruled_out import REJECTED
from admatch.impact.changes import ChangeSet
from admatch.reports.records import TermKind

_ZEROS = ("impressions", "clicks", "orders", "expected_spend", "expected_sales", "spend", "sales")
_LEAST_SHARE = 0.001  # of the account's spend that a change has to gain, as for terms


def campaigns(rows: pl.DataFrame, capped: Mapping[str, float]) -> pl.DataFrame:
    """Return a line for each campaign of decided rows.

    ``spend`` and ``sales`` are what is expected once it is done, ``spend_before`` and
    ``sales_before`` without that; ``target_acos``, ``margin`` and ``worth`` average its rows' by
    their sales. ``capped`` is the share of days on which it runs out of its budget.
    """
    sold = pl.col("expected_sales").fill_null(0.0).clip(1e-12)
    mean = {
        name: (pl.col(name) * sold).sum() / sold.sum()
        for name in ("target_acos", "margin", "worth")
    }
    clicks = pl.col("expected_clicks").sum()
    sums = rows.group_by("currency", "campaign", maintain_order=True).agg(
        pl.col("campaign_id").drop_nulls().first(),
        spend_before=pl.col("expected_spend").sum(),
        sales_before=pl.col("expected_sales").fill_null(0.0).sum(),
        spend=(pl.col("expected_spend") - pl.col("spend_freed")).sum(),
        sales=(pl.col("expected_sales") + pl.col("sales_change")).fill_null(0.0).sum(),
        target_acos=mean["target_acos"],
        worth=mean["worth"],
        margin=pl.when(pl.col("margin").is_not_null().all()).then(mean["margin"]),
        click=pl.col("expected_spend").sum() / clicks,
        order_value=(pl.col("order_value") * sold).sum() / sold.sum(),
    )
    share = pl.col("campaign").replace_strict(capped, default=0.0, return_dtype=pl.Float64)
    least = _LEAST_SHARE * pl.col("spend_before").sum().over("currency")
    known = (pl.col("spend") > 0) & (pl.col("sales") > 0) & (pl.col("target_acos") > 0)
    return sums.with_columns(capped=share, least=least).filter(known & pl.col("click").is_finite())


def with_gains(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with what they gain by ``spend_added`` and ``sales_change``.

    ``variance`` is that of the change of sales. Lines that gain less at the target than a click or
    a thousandth of the spend are left out.
    """
    lost, known = (-pl.col("sales_change")).clip(0), pl.col("margin").is_not_null()
    gained = lines.with_columns(
        spend_freed=-pl.col("spend_added"),
        sales_moved="sales_change",
        sales_value=pl.col("worth") * pl.col("sales_change"),
        sales_allowed=pl.col("target_acos") * pl.col("sales_change"),
        sales_at_risk=lost,
        sales_at_risk_high=lost,
        risk_variance="variance",
    ).with_columns(
        gain=pl.col("sales_value") + pl.col("spend_freed"),
        known_spend_freed=pl.when(known).then("spend_freed").otherwise(0.0),
        known_sales_value=pl.when(known).then("sales_value").otherwise(0.0),
    )
    at_target = pl.col("sales_allowed") + pl.col("spend_freed")
    return gained.filter(at_target > pl.max_horizontal("least", "click")).drop(
        "spend_before", "sales_before", "spend_added", "variance", "order_value", "capped", "least"
    )


def without_ruled_out(
    lines: pl.DataFrame,
    recent: ChangeSet | None,
    earlier: ChangeSet | None,
    rejected: pl.DataFrame | None,
) -> pl.DataFrame:
    """Return the lines without changes within the cooldown, taken back, or rejected."""
    named = [
        (one.place.campaign, one.text.lower()) for one in recent or () if one.setting is not None
    ]
    back = [
        (one.place.campaign, one.text.lower(), one.setting < one.before)
        for one in earlier or ()
        if one.setting is not None and one.before is not None
    ]
    schema: dict[str, type[pl.DataType]] = {"campaign": pl.String, "text": pl.String}
    way: dict[str, type[pl.DataType]] = {"raised": pl.Boolean}
    lines = lines.with_columns(
        text=pl.col("label").str.to_lowercase(), raised=pl.col("new_setting") > pl.col("setting")
    )
    for known, columns in ((named, schema), (back, schema | way)):
        out = pl.DataFrame(known, schema=columns, orient="row").unique()
        lines = lines.join(out, on=out.columns, how="anti", maintain_order="left")
    if rejected is not None:
        on = ["campaign", "text", "action"]
        out = rejected.select(list(REJECTED)).filter(pl.col("ad_group").is_null()).select(on)
        lines = lines.join(out, on=on, how="anti", maintain_order="left")
    return lines.drop("text", "raised")


def as_lines(lines: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with the columns of decided rows, each a unit of its own."""
    last = (rows["unit"].max() or 0, rows["row"].max() or 0)
    zeros = {name: pl.lit(0).cast(rows.schema[name]) for name in _ZEROS}
    return (
        lines.with_row_index("at", offset=1)
        .with_columns(
            search_term="label",
            targeting="label",
            term_kind=pl.lit(TermKind.EMPTY.value),
            unit=pl.col("at").cast(pl.Int64) + last[0],
            row=(pl.col("at") + last[1]).cast(rows.schema["row"]),
            **zeros,
        )
        .drop("at", "label")
    )


def with_lines(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return decided rows, then the lines."""
    added = lines.drop("known_spend_freed", "known_sales_value", "risk_variance", "click")
    return pl.concat([rows, added], how="diagonal_relaxed")
