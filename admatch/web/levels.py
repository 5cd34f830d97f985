"""Decisions added up by targeting, ad group, campaign or product, and traffic by day."""

from typing import TYPE_CHECKING, Any

from admatch.errors import InputError, shorten
from admatch.messages import say

if TYPE_CHECKING:
    import polars as pl

LEVELS: dict[str, tuple[str, ...]] = {
    "targeting": ("campaign", "ad_group", "targeting", "match_type"),
    "ad_group": ("campaign", "ad_group"),
    "campaign": ("campaign",),
    "product": ("product_id", "title"),
}
_ASIN = r"\b(B0[0-9A-Z]{8})\b"
_NAMES = ("campaign", "ad_group", "targeting", "match_type", "product_id", "title")
_SEEN = ("impressions", "clicks", "spend", "orders", "sales")
_DONE = ("spend_freed", "sales_change", "sales_at_risk", "gain")
_AMOUNTS = ("spend", "sales", "acos", "acos_expected", *_DONE)
SORTABLE = (*_NAMES, *_SEEN, *_DONE, "terms", "acos", "acos_expected", "in_file")


def level_page(rows: "pl.DataFrame", level: str, sort: str, page: int, size: int) -> dict[str, Any]:
    """Return a page of a level with its totals; ``rows`` are decisions that passed a filter.

    What changes do counts where they go into the file; ``acos_expected`` is that with them.
    """
    import polars as pl

    if level not in LEVELS:
        raise InputError(say("web.levels.unknown", name=shorten(level), fields=", ".join(LEVELS)))
    own = rows.group_by("currency", *LEVELS[level], maintain_order=True).agg(_sums())
    own = own.with_columns(_ratios())
    total = rows.select(_sums()).with_columns(_ratios()).to_dicts()[0]
    missing = [pl.lit(None, pl.String).alias(name) for name in _NAMES if name not in own.columns]
    ordered = _sorted(own.with_columns(missing), sort)
    start = (page - 1) * size
    several = rows["currency"].n_unique() > 1
    return {
        "total": own.height,
        "page": page,
        "size": size,
        "sums": total | (dict.fromkeys(_AMOUNTS) if several else {}),
        "items": ordered[start : start + size].to_dicts(),
    }


def _sums() -> "list[pl.Expr]":
    import polars as pl

    inside = pl.col("unit_in_file")
    return [
        pl.len().alias("terms"),
        *(pl.col(name).sum() for name in (*_SEEN, "expected_spend", "expected_sales")),
        *(pl.col(name).filter(inside).sum() for name in _DONE),
        pl.col("in_file").sum(),
    ]


def _ratios() -> "list[pl.Expr]":
    import polars as pl

    left = pl.col("expected_spend") - pl.col("spend_freed")
    sold = pl.col("expected_sales") + pl.col("sales_change")
    return [
        pl.when(pl.col("sales") > 0).then(pl.col("spend") / pl.col("sales")).alias("acos"),
        pl.when(sold > 0).then(left / sold).alias("acos_expected"),
    ]


def _sorted(rows: "pl.DataFrame", sort: str) -> "pl.DataFrame":
    name = sort.removeprefix("-")
    if name not in SORTABLE:
        raise InputError(say("web.decisions.sort", name=shorten(name), fields=", ".join(SORTABLE)))
    return rows.sort(
        name, *_NAMES, descending=[sort.startswith("-"), *[False] * len(_NAMES)], nulls_last=True
    )


def with_own_products(rows: "pl.DataFrame", ads: "pl.DataFrame | None") -> "pl.DataFrame":
    """Return the rows with the product that each was spent on, by meaning or by its ad group.

    Without products it is the only one that the ad group advertises, or the ASIN in its name.
    """
    import polars as pl

    meant = pl.col("outcome") == "match"
    named = pl.coalesce(
        pl.col("ad_group").str.extract(_ASIN), pl.col("campaign").str.extract(_ASIN)
    )
    titles = rows.filter(meant).select("product_id", "title").unique("product_id")
    shown = pl.col("shown") if ads is not None else pl.lit(None, pl.String)
    if ads is not None:
        only = ads.rename({"product_id": "shown"})
        rows = rows.join(only, on=["campaign", "ad_group"], how="left", maintain_order="left")
    own = pl.when(meant).then("product_id").otherwise(pl.coalesce(shown, named))
    rows = rows.with_columns(product_id=own).drop("title")
    return rows.join(titles, on="product_id", how="left", maintain_order="left")


def days(report: "pl.DataFrame", given: dict[str, str | None]) -> list[dict[str, Any]]:
    """Return clicks, spend, orders and sales by day; none where the report is not daily."""
    import polars as pl

    own = [
        pl.col(name).fill_null("") == value for name, value in given.items() if value is not None
    ]
    if (report["start_date"] != report["end_date"]).any():
        return []
    rows = report.filter(*own)
    if rows["start_date"].n_unique() < 2:
        return []
    sums = rows.group_by("start_date").agg(pl.col("clicks", "spend", "orders", "sales").sum())
    return [
        row | {"day": row.pop("start_date").isoformat()}
        for row in sums.sort("start_date").to_dicts()
    ]
