"""Products that were bought after a click on another one's ad: ``bought_products``."""

import polars as pl

from admatch.catalog.records import Catalog
from admatch.reports.insights.records import Insights

_KEY = ("currency", "campaign", "ad_group", "targeting", "match_type", "asin", "purchased_asin")


def bought_products(insights: Insights | None, catalog: Catalog | None) -> pl.DataFrame | None:
    """Return orders, units and sales of each pair of products by target, most orders first.

    ``title`` and ``purchased_title`` are null where the catalog lacks the product. None without
    Amazon's report of purchased products.
    """
    if insights is None or insights.purchases.is_empty():
        return None
    figures = ("orders", "units", "sales")
    sums = insights.purchases.group_by(_KEY, maintain_order=True).agg(
        pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
        for name in figures
    )
    if catalog is None:
        titles = pl.DataFrame(schema={"product_id": pl.String, "title": pl.String})
    else:
        titles = catalog.frame.select("product_id", "title").unique("product_id", keep="first")
    named = sums.join(
        titles, left_on="asin", right_on="product_id", how="left", maintain_order="left"
    ).join(
        titles.rename({"title": "purchased_title"}), left_on="purchased_asin",
        right_on="product_id", how="left", maintain_order="left",
    )  # fmt: skip
    columns = (*_KEY[:6], "title", "purchased_asin", "purchased_title", *figures)
    return named.select(columns).sort("orders", *_KEY, descending=[True, *[False] * 7])
