"""Whether a catalog is the advertiser's: what sold is about it, what is advertised is in it."""

import polars as pl

from admatch.catalog.columns import ASIN
from admatch.catalog.records import Catalog
from admatch.display.money import money, percent
from admatch.match.records import Matches, Outcome
from admatch.messages import Message, say
from admatch.reports.account.records import Account, Entity
from admatch.reports.records import TermKind

_MOST = 0.5  # of an advertiser's own catalog, terms that sold are foreign for a tenth at most
_LEAST = 5  # terms that sold, or advertised products, below which chance may decide


def catalog_doubts(matches: Matches, account: Account | None) -> tuple[Message, ...]:
    """Return why the catalog seems to be another's: a sentence for each sign, none without one.

    ``matches`` are those of meaning alone, as orders teach even a foreign catalog matches.
    """
    absent = _absent(matches.catalog, account)
    return tuple(one for one in (absent, _none_of_it(matches)) if one is not None)


def _none_of_it(matches: Matches) -> Message | None:
    """Return a sentence where most of the spend with orders is about none of the products."""
    sold = matches.frame.filter(
        (pl.col("term_kind") == TermKind.KEYWORD.value) & (pl.col("orders") > 0)
    ).with_columns(foreign=pl.col("outcome") == Outcome.NONE.value)
    sums = sold.group_by("currency", maintain_order=True).agg(
        pl.col("search_term").n_unique().alias("terms"),
        pl.col("spend").sum(),
        pl.col("spend").filter("foreign").sum().alias("lost"),
    )
    doubtful = sums.filter((pl.col("terms") >= _LEAST) & (pl.col("lost") > _MOST * pl.col("spend")))
    if doubtful.is_empty():
        return None
    worst = doubtful.sort("lost", descending=True).row(0, named=True)
    return say(
        "pipeline.catalog.none_of_it",
        share=percent(worst["lost"] / worst["spend"], 0),
        n=worst["terms"],
        spend=money(worst["spend"], worst["currency"]),
    )


def _absent(catalog: Catalog | None, account: Account | None) -> Message | None:
    """Return a sentence where most of the advertised products are not in the catalog.

    Nothing can be said where the two have no kind of ID in common.
    """
    if catalog is None or account is None:
        return None
    ads = account.frame.filter(pl.col("entity") == Entity.PRODUCT_AD.value)
    upper = {name: pl.col(name).str.to_uppercase() for name in ("asin", "sku")}
    products = ads.select(**upper).unique(maintain_order=True)
    ids, skus = _ids(catalog), catalog.frame["sku"].drop_nulls().str.to_uppercase()
    has_asins, has_skus = bool(ids.str.contains(ASIN).any()), bool(len(skus))
    known = pl.concat([ids, skus.alias("id")]).unique().implode()
    comparable = products.filter(
        (pl.col("asin").is_not_null() & has_asins) | (pl.col("sku").is_not_null() & has_skus)
    )
    found = pl.any_horizontal(pl.col("asin", "sku").is_in(known).fill_null(False))
    absent = comparable.filter(~found)
    if comparable.height < _LEAST or absent.height <= _MOST * comparable.height:
        return None
    first = absent.select(pl.coalesce("asin", "sku")).item(0, 0)
    return say("pipeline.catalog.absent", n=absent.height, all=comparable.height, first=first)


def _ids(catalog: Catalog) -> pl.Series:
    # a second offer of one listing is kept as "ASIN/SKU"
    own = catalog.frame["product_id"].str.replace("/.*$", "").alias("id")
    return pl.concat([own, catalog.frame["parent_id"].alias("id")]).drop_nulls().str.to_uppercase()
