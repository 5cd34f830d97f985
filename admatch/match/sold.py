"""Which product a term is about, as orders say: ``sold_products``.

An ad group shows its own products. A term about one of them sells there at the account's rate for
own terms, a term about another product at a lower one. So each candidate's log-odds gain what the
orders of the ad groups that advertise it say; an ad group of one product names it even where
meaning does not, and so does one in which other terms about one product sell (``siblings``). Clicks
without an order take nothing away: with that, fewer first products were right. Amazon's report of
purchased products labels terms by their targets (``labels``).
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from admatch.match.label_gains import label_gains, unlisted
from admatch.match.labels import GROUP, all_advertised, labels_of
from admatch.match.records import Matches
from admatch.match.siblings import sibling_gains
from admatch.match.taught import Rates
from admatch.reports.records import SearchTermReport

# A term about another product of the account still sells a little: this share of an own term's
# rate. Of .1, .3 and .5 the first found most right products on six simulated accounts.
ELSEWHERE = 0.1
_PAIR = ["search_term", "product_id"]
# Orders behind a product: of ad groups without another one, after clicks on its ad by the targets
# that serve the term, and of other terms about it in the ad groups in which the term sells.
_REASONS = ("alone", "shown", "beside")


@dataclass(frozen=True)
class Sold:
    """``matches`` with each term's products in the order that sales leave.

    ``terms`` have evidence of their own, ``moved`` another first product than before. ``changes``
    has a row for each of the latter: search_term, product_id, title, before (product_id),
    title_before, and the orders for the product: ``alone`` in ad groups without another one,
    ``shown`` after clicks on its ad by targets that serve the term, ``beside`` of other terms about
    it in the ad groups in which the term sells.
    """

    matches: Matches
    terms: int = 0
    changes: pl.DataFrame | None = None

    @property
    def moved(self) -> int:
        """The number of terms with another first product."""
        return 0 if self.changes is None else self.changes.height


def sold_products(
    matches: Matches,
    report: SearchTermReport,
    advertised: pl.DataFrame,
    rates: Rates | None,
    purchases: pl.DataFrame | None = None,
) -> Sold:
    """Return the matches with products ranked by meaning and by where their terms sell.

    ``advertised`` has campaign, ad_group and product_id, ``rates`` are those of ``taught``; without
    them nothing is known about what a sale means. ``purchases`` is Amazon's report of purchased
    products. A term keeps its probability and outcome.
    """
    if rates is None:
        return Sold(matches)
    evidence = _evidence(report, rates)
    gains = [_by_ad_group(matches, evidence, advertised)]
    # By meaning alone: what ad groups show has made up its mind in the first of these already.
    gains.append(sibling_gains(matches.products, evidence, _families(matches)))
    if purchases is not None:
        every = all_advertised(advertised, purchases)
        labels = labels_of(purchases, report.frame, every)
        gains.append(label_gains(labels, _scored(matches.products, gains[0]), every))
    every_gain = pl.concat(gains, how="diagonal").group_by(_PAIR, maintain_order=True)
    return _ranked(matches, every_gain.agg(pl.col("gain", *_REASONS).sum()))


def _families(matches: Matches) -> pl.DataFrame:
    """Return product_id and family of products that have a parent."""
    if matches.catalog is None:
        return pl.DataFrame(schema={"product_id": pl.String, "family": pl.String})
    return matches.catalog.frame.select("product_id", family="parent_id").drop_nulls()


def _by_ad_group(
    matches: Matches, evidence: pl.DataFrame, advertised: pl.DataFrame
) -> pl.DataFrame:
    """Return the gains of products that ad groups show in which a term sells, by term.

    A product that is not among the term's candidates gains where its ad group has no other.
    """
    sizes = advertised.group_by(GROUP).len("size")
    shown = advertised.join(sizes, on=GROUP)
    here = evidence.join(shown, on=GROUP, maintain_order="left")
    known = matches.products.select(*_PAIR, known=pl.lit(True))
    rows = here.join(known, on=_PAIR, how="left", maintain_order="left")
    alone = pl.col("size") == 1
    of_it = rows.filter(pl.col("known").fill_null(False) | alone)
    return of_it.group_by(_PAIR, maintain_order=True).agg(
        gain=pl.col("ratio").sum(),
        alone=pl.col("orders").filter(alone).sum().cast(pl.Float64),
        shown=pl.lit(0.0),
    )


def _evidence(report: SearchTermReport, rates: Rates) -> pl.DataFrame:
    """Return, by ad group and term, how much likelier its orders make a product that is there."""
    promoted = pl.col("units_promoted").sum() / pl.col("units").sum()
    share = promoted.fill_nan(None).fill_null(1.0).clip(0, 1)
    sums = report.frame.group_by("search_term", *GROUP, maintain_order=True).agg(
        pl.col("clicks").fill_null(0).sum(),
        orders=(pl.col("orders").fill_null(0).sum() * share),
    )
    sums = sums.filter(pl.col("orders") > 0)
    clicks = sums["clicks"].to_numpy().astype(np.float64)
    orders = np.minimum(sums["orders"].to_numpy().astype(np.float64), clicks)
    apart = replace(rates, foreign=rates.own * ELSEWHERE)
    ratio = np.where(orders > 0, np.maximum(apart.log_ratio(orders, clicks), 0.0), 0.0)
    return sums.with_columns(ratio=pl.Series(ratio)).drop("clicks")


def _scored(products: pl.DataFrame, gains: pl.DataFrame) -> pl.DataFrame:
    """Return each term's products with ``moved``: their scores and gains.

    Those that only sales name are added with the score of what meaning does not list.
    """
    known = products.select("product_id", "title", "semantic_id").unique(
        "product_id", keep="first", maintain_order=True
    )
    rest = unlisted(products).select(
        "search_term", score=(pl.col("unlisted") / (1 - pl.col("unlisted"))).log()
    )
    named = gains.join(products.select(_PAIR), on=_PAIR, how="anti").select(_PAIR)
    added = named.join(rest, on="search_term").join(known, on="product_id")
    last = pl.lit(products.height + 1, dtype=pl.Int64)  # behind what meaning ranks
    rows = pl.concat([products, added.with_columns(rank=last)], how="diagonal")
    joined = rows.join(gains, on=_PAIR, how="left", maintain_order="left")
    return joined.with_columns(score=pl.col("score") + pl.col("gain").fill_null(0.0), was="score")


def _ranked(matches: Matches, gains: pl.DataFrame) -> Sold:
    """Return the products in their new order; the first has the first's probability as before."""
    scored = _scored(matches.products, gains)
    ordered = scored.with_columns(
        place=pl.struct(-pl.col("score"), pl.col("rank")).rank("ordinal").over("search_term")
    ).with_columns(pl.col("place").cast(pl.Int64), score="was")
    figures = matches.products.select("search_term", "probability", place="rank")
    ranked = (
        ordered.drop("probability")
        .join(figures, on=["search_term", "place"], maintain_order="left")  # as many as before
        .rename({"rank": "before", "place": "rank"})
        .sort("search_term", "rank", maintain_order=True)
    )
    order = matches.products.select("search_term").unique(maintain_order=True)
    products = order.join(ranked, on="search_term", how="left", maintain_order="left")
    found = replace(matches, products=products.select(*matches.products.columns))
    first = products.filter(pl.col("rank") == 1, pl.col("before") != 1)
    return Sold(found, gains["search_term"].n_unique(), _changes(matches, first))


def _changes(matches: Matches, first: pl.DataFrame) -> pl.DataFrame:
    """Return the terms with another first product, what was first, and why."""
    was = matches.products.filter(pl.col("rank") == 1).select(
        "search_term", before="product_id", title_before="title"
    )
    both = first.drop("before").join(was, on="search_term", maintain_order="left")
    orders = pl.col(*_REASONS).fill_null(0.0)
    return both.select(*_PAIR, "title", "before", "title_before", orders)
