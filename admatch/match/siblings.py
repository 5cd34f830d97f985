"""What else sells in an ad group says which product a term there is about: ``sibling_gains``.

An ad group of one product sells by many terms, and meaning knows the product of most. So a term
that sells there is likelier about the product that the others are about: *lax vox schlauch* about
the tube for voice training that *blubberschlauch set* names. Where many products sell in an ad
group, that says little by itself.
"""

import polars as pl

from admatch.match.labels import GROUP

# Orders that a product without any has in an ad group, over all products; orders by which one
# term repeats itself; the chance that a term sells where its product is not shown.
_UNSEEN, _MOST, _ASTRAY = 2.0, 5.0, 0.1
_PAIR = ["search_term", "product_id"]


def sibling_gains(products: pl.DataFrame, orders: pl.DataFrame, size: int) -> pl.DataFrame:
    """Return what other terms of the ad groups in which a term sells add to its products' log-odds.

    Columns: search_term, product_id, gain. ``products`` has search_term, product_id and score (the
    log-odds that the term is about it), ``orders`` has ``GROUP``, search_term and orders; the
    catalog has ``size`` products.
    """
    chance = 1 / (1 + (-pl.col("score")).exp())
    shares = products.select(*_PAIR, chance=chance).with_columns(
        share=pl.col("chance") / pl.col("chance").sum().over("search_term").clip(1.0)
    )
    sold = orders.with_columns(pl.col("orders").clip(0, _MOST))
    each = sold.join(shares, on="search_term", maintain_order="left").with_columns(
        weight=pl.col("orders") * pl.col("share")
    )
    of_product = each.group_by(*GROUP, "product_id", maintain_order=True).agg(
        pl.col("weight").sum().alias("behind")
    )
    of_group = each.group_by(GROUP).agg(pl.col("weight").sum().alias("whole"))
    own = each.group_by(*GROUP, "search_term").agg(pl.col("weight").sum().alias("own"))
    rows = (
        sold.select(*GROUP, "search_term")
        .join(of_product, on=GROUP, maintain_order="left")
        .join(of_group, on=GROUP, maintain_order="left")
        .join(own, on=[*GROUP, "search_term"], how="left", maintain_order="left")
        .join(each.select(*GROUP, *_PAIR, "weight"), on=[*GROUP, *_PAIR], how="left",
              maintain_order="left")
    )  # fmt: skip
    others = (pl.col("behind") - pl.col("weight").fill_null(0)).clip(0)
    rest = (pl.col("whole") - pl.col("own").fill_null(0)).clip(0) + _UNSEEN
    usual = 1 / size
    here = (others + _UNSEEN * usual) / rest
    unseen = (_UNSEEN * usual) / rest
    mixed, least = (1 - _ASTRAY) * here + _ASTRAY * usual, (1 - _ASTRAY) * unseen + _ASTRAY * usual
    return (
        rows.select(*_PAIR, gain=(mixed / least).log())
        .group_by(_PAIR, maintain_order=True)
        .agg(pl.col("gain").max())
        .filter(pl.col("gain") > 0)
    )
