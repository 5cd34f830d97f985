"""What else sells in an ad group says which product a term there is about: ``sibling_gains``.

An ad group of one product sells by many terms, and meaning knows the product of most. So a term
that sells there, too, is likelier about that product: *lax vox schlauch* about the tube for voice
training that other terms of its ad group name. Where many products sell, that says little. Of the
sizes and colours of one product, it says nothing: the term itself chooses between them.
"""

import polars as pl

from admatch.match.labels import GROUP
from admatch.match.tokens import words

# Orders that stand for what has not sold yet, over all families; orders by which one term counts at
# most; the chance that a term sells where its product is not shown. Of 2, 5 and 20 orders the first
# left most first products right on six simulated accounts, and none worse than without.
_UNSEEN, _MOST, _ASTRAY = 2.0, 2.0, 0.1
_PAIR = ("search_term", "product_id")


def sibling_gains(
    candidates: pl.DataFrame, orders: pl.DataFrame, families: pl.DataFrame
) -> pl.DataFrame:
    """Return what other terms add to the log-odds of products: search_term, product_id, gain.

    ``beside`` are the orders of other terms behind it. ``candidates`` has search_term, product_id
    and score (log-odds), ``orders`` has ``GROUP``, search_term and orders of advertised products,
    ``families`` product_id and family: one without is a family of its own. A family of which no
    product is among a term's candidates is there with the one whose title has most of its words.
    """
    known = candidates.join(families, on="product_id", how="left", maintain_order="left")
    known = known.with_columns(family=pl.coalesce("family", "product_id"))
    usual = 1 / max(known["family"].n_unique(), 1)
    shares = _shares(known)
    sold = orders.with_columns(pl.col("orders").clip(0, _MOST))
    each = sold.join(shares, on="search_term", maintain_order="left").with_columns(
        own=pl.col("orders") * pl.col("share")
    )
    rows = _beside(each)
    rest = pl.col("rest") + _UNSEEN
    # The chance that the ad group shows the family, and that it shows one that no term has named.
    here, none = (
        (1 - _ASTRAY) * (beside + _UNSEEN * usual) / rest + _ASTRAY * usual
        for beside in (pl.col("beside"), pl.lit(0.0))
    )
    gained = rows.with_columns(gain=(here / none).log()).filter(pl.col("gain") > 0)
    by_family = gained.group_by("search_term", "family", maintain_order=True).agg(
        pl.col("gain").max(), pl.col("beside").sum()
    )
    return _of_products(by_family, known, each)


def _shares(candidates: pl.DataFrame) -> pl.DataFrame:
    """Return the chance that each term is about each of its products, together at most 1."""
    chance = 1 / (1 + (-pl.col("score")).exp())
    whole = chance.sum().over("search_term").clip(1.0)
    return candidates.select(*_PAIR, "family", share=chance / whole)


def _beside(each: pl.DataFrame) -> pl.DataFrame:
    """Return for each term of an ad group the orders of its other terms, by family and in all."""
    term, family = [*GROUP, "search_term"], [*GROUP, "family"]
    own = each.group_by(*term, "family", maintain_order=True).agg(pl.col("own").sum())
    by_term = own.group_by(term, maintain_order=True).agg(by_it=pl.col("own").sum())
    by_family = own.group_by(family, maintain_order=True).agg(behind=pl.col("own").sum())
    rows = by_term.with_columns(rest=pl.col("by_it").sum().over(GROUP) - pl.col("by_it"))
    both = rows.join(by_family, on=GROUP, maintain_order="left").join(
        own, on=[*term, "family"], how="left", maintain_order="left"
    )
    return both.with_columns(beside=(pl.col("behind") - pl.col("own").fill_null(0)).clip(0))


def _of_products(gains: pl.DataFrame, known: pl.DataFrame, each: pl.DataFrame) -> pl.DataFrame:
    """Return the gains of families as those of their products that terms have, or else of one."""
    pair = ["search_term", "family"]
    listed = known.select(*_PAIR, "family")
    of_listed = gains.join(listed, on=pair, maintain_order="left")
    others = gains.join(listed, on=pair, how="anti", maintain_order="left")
    titles = known.select("product_id", pl.col("title").fill_null("")).unique("product_id")
    sellers = each.group_by("family", "product_id", maintain_order=True).agg(pl.col("own").sum())
    choice = others.join(sellers, on="family", maintain_order="left").join(
        titles, on="product_id", maintain_order="left"
    )
    texts = pl.concat([choice["search_term"], choice["title"]]).unique()
    read = {text: {*words(text)} for text in texts}
    pairs = choice.select("search_term", "title").iter_rows()
    alike = [len(read[term] & read[title]) for term, title in pairs]
    best = choice.with_columns(alike=pl.Series(alike, dtype=pl.Int64)).sort(
        "alike", "own", descending=True, maintain_order=True
    )
    named = best.unique(pair, keep="first", maintain_order=True)
    return pl.concat([of_listed, named], how="diagonal").select(*_PAIR, "gain", "beside")
