"""Queries that shoppers buy one's products after and no keyword is for: ``new_keywords``.

Volumes are what Amazon counted (Search Query Performance, Brand Analytics), nothing is guessed. The
rate to expect is that of one's own products after the query, drawn to everybody's: both count
unpaid clicks, too, so it is shown and decides nothing.
"""

import numpy as np
import polars as pl

from admatch.decisions.words import stems
from admatch.impact.beta import Beta
from admatch.impact.interval import HIGH, LOW
from admatch.impact.strength import TELLING, fit_strength
from admatch.match.records import Matches, Outcome
from admatch.reports.account.records import TARGETS, Account
from admatch.reports.records import SearchTermReport

NEW_KEYWORDS: dict[str, pl.DataType] = {
    "query": pl.String(),
    "product_id": pl.String(),
    "title": pl.String(),
    "probability": pl.Float64(),  # that the query is about the product
    "frequency_rank": pl.Int64(),  # 1 is the query searched most; null where not listed
    "volume": pl.Int64(),  # searches in the reports' days
    "clicks": pl.Int64(),  # everybody's, as are purchases
    "purchases": pl.Int64(),
    "own_clicks": pl.Int64(),
    "own_purchases": pl.Int64(),
    "own_share": pl.Float64(),  # of the purchases
    "rate": pl.Float64(),  # purchases a click to expect of one's own products
    "rate_low": pl.Float64(),  # with rate_high, an interval of 80 %
    "rate_high": pl.Float64(),
    "most_cpc": pl.Float64(),  # that the target allows at this rate and the product's price
}
MOST = 2000  # queries that are matched: as many terms take half a minute
_ASIN = r"(?i)^b0[a-z0-9]{8}$"


def open_queries(
    queries: pl.DataFrame, report: SearchTermReport, account: Account | None
) -> pl.DataFrame:
    """Return the queries that neither the report nor a keyword has, the most bought first.

    ``queries`` has a row a query in small letters (``term``) with its sums.
    """
    known = [report.frame["search_term"].drop_nulls()]
    if account is not None:
        running = account.only(*TARGETS)
        known.append(running.filter(pl.col("keyword").is_not_null())["keyword"])
    taken = stems(pl.concat([one.alias("text") for one in known]).unique())
    named = queries.with_columns(stem=stems(queries["term"]))
    free = named.filter(~pl.col("stem").is_in(taken.implode()), ~pl.col("term").str.contains(_ASIN))
    order = ("purchases", "own_purchases", "volume", "frequency_rank", "term")
    ordered = free.sort(order, descending=[True, True, True, False, False], nulls_last=True)
    return ordered.unique("stem", keep="first", maintain_order=True).head(MOST).drop("stem")


def new_keywords(
    free: pl.DataFrame, queries: pl.DataFrame, asked: Matches, target_acos: float
) -> pl.DataFrame:
    """Return the ``free`` queries that are about a product (columns of ``NEW_KEYWORDS``).

    ``queries`` are all of them, ``asked`` what the free ones match.
    """
    about = asked.terms.filter(pl.col("outcome") == Outcome.MATCH.value)
    best = asked.products.filter(pl.col("rank") == 1).select(
        term="search_term", product_id="product_id", title="title"
    )
    rows = free.join(
        about.select("probability", term="search_term"), on="term", maintain_order="left"
    ).join(best, on="term", maintain_order="left")
    if rows.is_empty():
        return pl.DataFrame(schema=NEW_KEYWORDS)
    rates = _rates(rows, queries)
    found = rows.rename({"term": "query"}).with_columns(
        own_share=pl.when(pl.col("purchases") > 0).then(
            pl.col("own_purchases") / pl.col("purchases")
        ),
        rate=pl.Series(rates.mean),
        rate_low=pl.Series(rates.quantile(LOW)),
        rate_high=pl.Series(rates.quantile(HIGH)),
    )
    unknown = pl.col("clicks").fill_null(0) == 0  # Brand Analytics counts no clicks
    names = ("rate", "rate_low", "rate_high")
    found = found.with_columns(pl.when(~unknown).then(pl.col(name)).alias(name) for name in names)
    found = found.with_columns(most_cpc=pl.col("rate") * _prices(found, asked) * target_acos)
    return found.select(*NEW_KEYWORDS).cast(pl.Schema(NEW_KEYWORDS))


def _rates(rows: pl.DataFrame, queries: pl.DataFrame) -> Beta:
    """Return one's own rate after each query, drawn to everybody's, and that to all queries'."""

    def counted(frame: pl.DataFrame, name: str) -> np.ndarray:
        return frame[name].fill_null(0).to_numpy().astype(np.float64)

    clicks, bought = counted(queries, "clicks"), counted(queries, "purchases")
    bought = np.minimum(bought, clicks)
    usual = float(np.clip(bought.sum() / max(clicks.sum(), 1.0), 1e-4, 0.95))
    telling = int((clicks >= TELLING).sum())
    worth = fit_strength(bought, clicks, np.full(len(clicks), usual), telling)
    here = counted(rows, "clicks"), counted(rows, "purchases")
    market = (np.minimum(here[1], here[0]) + worth * usual) / (here[0] + worth)
    own = counted(queries, "own_clicks"), counted(queries, "own_purchases")
    every = (bought + worth * usual) / (clicks + worth)
    strength = fit_strength(
        np.minimum(own[1], own[0]), own[0], every, int((own[0] >= TELLING).sum())
    )
    mine = counted(rows, "own_clicks"), counted(rows, "own_purchases")
    return Beta.after(np.minimum(mine[1], mine[0]), mine[0], market, strength)


def _prices(rows: pl.DataFrame, asked: Matches) -> pl.Series:
    """Return the price of each row's product; null where the catalog names none."""
    if asked.catalog is None:
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, rows.height)
    prices = asked.catalog.frame.select("product_id", "price").unique("product_id", keep="first")
    return rows.join(prices, on="product_id", how="left", maintain_order="left")["price"]
