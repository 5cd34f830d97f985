"""Orders that name the advertised product and the target → labels of terms: ``labels_of``.

Amazon's report of purchased products says, by target, on which product's ad the click was after
which another product was bought. So it names the product that Amazon showed for that target's
terms; the report of search terms does not. A target serves several terms, so a label is each one's
in the share in which the report of search terms counts such orders for it.
"""

import polars as pl

from admatch.reports.account.records import MatchType
from admatch.reports.account.values import translate

TARGET = ("campaign", "ad_group", "targeting", "match_type")
GROUP = TARGET[:2]
_POSITIVE = [one.value for one in (MatchType.EXACT, MatchType.PHRASE, MatchType.BROAD)]


def all_advertised(advertised: pl.DataFrame, purchases: pl.DataFrame) -> pl.DataFrame:
    """Return ``GROUP`` and product_id of all products that the account or the report names."""
    named = _complete(purchases).select(*GROUP, product_id="asin")
    return pl.concat([advertised.select(*GROUP, "product_id"), named]).unique(maintain_order=True)


def labels_of(
    purchases: pl.DataFrame, report: pl.DataFrame, advertised: pl.DataFrame
) -> pl.DataFrame:
    """Return a row for each label and each term that it may be of.

    Columns: label (its number), ``GROUP``, search_term, product_id, orders, share (of the label,
    the term's) and base (chance of this product, whatever the term). ``purchases`` are those of
    ``Insights``, ``advertised`` those of ``all_advertised``.
    """
    rows = _by_target(_complete(purchases))
    labels = rows.group_by(*TARGET, product_id="asin", maintain_order=True).agg(
        pl.col("orders").sum()
    )
    shares = _shares(_by_target(report))
    return (
        _with_base(labels, advertised)
        .with_row_index("label")
        .join(shares, on=TARGET, nulls_equal=True, maintain_order="left")
    )


def _complete(purchases: pl.DataFrame) -> pl.DataFrame:
    return purchases.drop_nulls([*GROUP, "asin"]).filter(pl.col("orders") > 0)


def _by_target(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with targets as both reports name them; no keyword has no match type."""
    types = translate(rows["match_type"], "match_type")
    return rows.with_columns(
        pl.col("targeting").str.to_lowercase().str.strip_chars(),
        match_type=types.set(~types.is_in(_POSITIVE).fill_null(True), None),
    )


def _shares(rows: pl.DataFrame) -> pl.DataFrame:
    """Return each target's terms with their shares of its orders of other products.

    Of its orders, where the report does not say of which product they were.
    """
    halo, orders = pl.col("units_halo").fill_null(0), pl.col("orders").fill_null(0)
    key = (*TARGET, "search_term")
    sums = rows.drop_nulls("search_term").group_by(key, maintain_order=True)
    weighed = sums.agg(halo=halo.sum(), orders=orders.sum()).with_columns(
        weight=pl.when(pl.col("halo").sum().over(TARGET) > 0).then("halo").otherwise("orders")
    )
    share = pl.col("weight") / pl.col("weight").sum().over(TARGET)
    return weighed.filter(pl.col("weight") > 0).select(*key, share=share)


def _with_base(labels: pl.DataFrame, advertised: pl.DataFrame) -> pl.DataFrame:
    """Return the labels with the chance of each product among those of its ad group.

    By the orders of the group's other labels, and one more for each product.
    """
    sizes = advertised.group_by(GROUP).len("size")
    of_it = pl.col("orders").sum().over(*GROUP, "product_id") - pl.col("orders")
    of_all = pl.col("orders").sum().over(GROUP) - pl.col("orders")
    return labels.join(sizes, on=GROUP, maintain_order="left").with_columns(
        base=(of_it + 1) / (of_all + pl.col("size"))
    )
