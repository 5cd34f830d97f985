"""The parts of an account that may have a goal of their own, with what they spent."""

from enum import StrEnum

import polars as pl

from admatch.decisions.goals import cost_margin


class PartKind(StrEnum):
    """What a part is; a goal by its name holds wherever the name is found."""

    CAMPAIGN = "campaign"
    PORTFOLIO = "portfolio"
    BRAND = "brand"
    PRODUCT = "product"


PART = {
    "kind": pl.String,
    "name": pl.String,
    "title": pl.String,
    "currency": pl.String,
    "spend": pl.Float64,
    "sales": pl.Float64,
    "products": pl.Int64,
    "target_acos": pl.Float64,
    "margin": pl.Float64,
}


def account_parts(report: pl.DataFrame | None, products: pl.DataFrame | None) -> pl.DataFrame:
    """Return campaigns and portfolios of report rows, brands and products of catalog rows.

    ``target_acos`` and ``margin`` are those that the catalog states. What spent most comes first.
    """
    found = [pl.DataFrame(schema=PART)]
    if report is not None:
        found += [_of_report(report, one) for one in (PartKind.CAMPAIGN, PartKind.PORTFOLIO)]
    if products is not None:
        found += [_brands(products), _products(products)]
    return pl.concat(found, how="diagonal_relaxed").select(*PART)


def _of_report(report: pl.DataFrame, kind: PartKind) -> pl.DataFrame:
    """Return the campaigns or portfolios; amounts of several currencies are not added up."""
    one = pl.col("currency").n_unique() == 1
    sums = [pl.when(one).then(pl.col(name).sum()).alias(name) for name in ("spend", "sales")]
    named = report.drop_nulls(kind.value).group_by(kind.value, maintain_order=True)
    rows = named.agg(
        pl.when(one).then(pl.col("currency").first()).alias("currency"), *sums, n=pl.sum("clicks")
    )
    ordered = rows.sort("n", "spend", kind.value, descending=[True, True, False], nulls_last=True)
    return ordered.select(
        pl.lit(kind.value).alias("kind"), pl.col(kind.value).alias("name"), "currency", "spend",
        "sales",
    )  # fmt: skip


def _brands(products: pl.DataFrame) -> pl.DataFrame:
    counts = products.drop_nulls("brand").group_by("brand").agg(pl.len().alias("products"))
    return counts.sort("products", "brand", descending=[True, False]).select(
        pl.lit(PartKind.BRAND.value).alias("kind"), pl.col("brand").alias("name"),
        pl.col("products").cast(pl.Int64),
    )  # fmt: skip


_GOALS = ("price", "cost", "fees", "margin", "target_acos")


def _products(products: pl.DataFrame) -> pl.DataFrame:
    lacking = [name for name in _GOALS if name not in products.columns]  # of an earlier admatch
    products = products.with_columns(pl.lit(None, pl.Float64).alias(name) for name in lacking)
    return products.select(
        pl.lit(PartKind.PRODUCT.value).alias("kind"), pl.col("product_id").alias("name"), "title",
        "target_acos", pl.coalesce("margin", cost_margin()).alias("margin"),
    )  # fmt: skip
