"""Which product a term is about, as the ad groups say in which it sells: ``sold_products``.

An ad group shows its own products. A term about one of them sells there at the account's rate for
own terms, a term about another product at a lower one. So each candidate's log-odds gain what the
orders of the ad groups that advertise it say. Clicks without an order take nothing away: with that,
fewer first products were right.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from admatch.match.records import Matches
from admatch.match.taught import Rates
from admatch.reports.records import SearchTermReport

# A term about another product of the account still sells a little: this share of an own term's
# rate. Of .1, .3 and .5 the first found most right products on six simulated accounts.
ELSEWHERE = 0.1


@dataclass(frozen=True)
class Sold:
    """``matches`` with each term's products in the order that sales leave.

    ``terms`` have evidence of their own, ``moved`` another first product than before.
    """

    matches: Matches
    terms: int = 0
    moved: int = 0


def sold_products(
    matches: Matches, report: SearchTermReport, advertised: pl.DataFrame, rates: Rates | None
) -> Sold:
    """Return the matches with products ranked by meaning and by where their terms sell.

    ``advertised`` has campaign, ad_group and product_id, ``rates`` are those of ``taught``; without
    them nothing is known about what a sale means. A term keeps its probability and outcome.
    """
    if rates is None or advertised.is_empty():
        return Sold(matches)
    evidence = _evidence(report, rates)
    shown = advertised.with_columns(here=pl.lit(True))
    pairs = matches.products.select("search_term", "product_id", "rank", "score").join(
        evidence, on="search_term"
    )
    told = pairs.join(
        shown, on=["campaign", "ad_group", "product_id"], how="left", maintain_order="left"
    )
    gains = told.group_by("search_term", "product_id", maintain_order=True).agg(
        gain=pl.col("ratio").filter(pl.col("here").fill_null(False)).sum()
    )
    return _ranked(matches, gains)


def _evidence(report: SearchTermReport, rates: Rates) -> pl.DataFrame:
    """Return, by ad group and term, how much likelier its orders make a product that is there."""
    promoted = pl.col("units_promoted").sum() / pl.col("units").sum()
    share = promoted.fill_nan(None).fill_null(1.0).clip(0, 1)
    sums = report.frame.group_by("search_term", "campaign", "ad_group", maintain_order=True).agg(
        pl.col("clicks").fill_null(0).sum(),
        orders=(pl.col("orders").fill_null(0).sum() * share),
    )
    sums = sums.filter(pl.col("orders") > 0)
    clicks = sums["clicks"].to_numpy().astype(np.float64)
    orders = np.minimum(sums["orders"].to_numpy().astype(np.float64), clicks)
    apart = replace(rates, foreign=rates.own * ELSEWHERE)
    ratio = np.where(orders > 0, np.maximum(apart.log_ratio(orders, clicks), 0.0), 0.0)
    return sums.with_columns(ratio=pl.Series(ratio)).drop("orders", "clicks")


def _ranked(matches: Matches, gains: pl.DataFrame) -> Sold:
    """Return the products in their new order; the first has the first's probability as before."""
    rows = matches.products.join(
        gains, on=["search_term", "product_id"], how="left", maintain_order="left"
    ).with_columns(moved=pl.col("score") + pl.col("gain").fill_null(0.0))
    ordered = rows.with_columns(
        place=pl.struct(-pl.col("moved"), pl.col("rank")).rank("ordinal").over("search_term")
    )
    at = ["search_term", "place"]
    figures = matches.products.select("search_term", "probability", place="rank")
    ranked = (
        ordered.with_columns(pl.col("place").cast(pl.Int64))
        .drop("probability", "rank")
        .join(figures, on=at, how="left", maintain_order="left")
        .rename({"place": "rank"})
        .sort("search_term", "rank", maintain_order=True)
    )
    order = matches.products.select("search_term").unique(maintain_order=True)
    products = order.join(ranked, on="search_term", how="left", maintain_order="left")
    first = ordered.filter(pl.col("place") == 1)
    moved = first.filter(pl.col("rank") != 1).height
    found = replace(matches, products=products.select(*matches.products.columns))
    return Sold(found, gains["search_term"].n_unique(), moved)
