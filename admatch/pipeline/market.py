"""Search Query Performance beside a report's own clicks → a market's evidence: ``market_of``."""

import polars as pl

from admatch.reports.insights.records import Insights
from admatch.reports.records import SearchTermReport

_FIGURES = ("clicks", "purchases")


def market_of(insights: Insights | None, report: SearchTermReport) -> pl.DataFrame | None:
    """Return what others and one's own unpaid listings sell after each query; None without any.

    Columns are those of ``impact.market.MARKET_SCHEMA``. Amazon counts clicks on ads among one's
    own, so what the report has of a term is taken off: nothing counts twice.
    """
    if insights is None or insights.queries.is_empty():
        return None
    whole = by_query(insights.queries)
    ads = report.frame.group_by(term=pl.col("search_term").str.to_lowercase()).agg(
        pl.col("clicks").fill_null(0).sum().alias("ad_clicks"),
        pl.col("orders").fill_null(0).sum().alias("ad_orders"),
    )
    both = whole.join(ads, on="term", how="left", maintain_order="left")
    return both.select(
        "term",
        others_clicks=(pl.col("clicks") - pl.col("own_clicks")).clip(0).cast(pl.Float64),
        others_purchases=(pl.col("purchases") - pl.col("own_purchases")).clip(0).cast(pl.Float64),
        organic_clicks=(pl.col("own_clicks") - pl.col("ad_clicks").fill_null(0))
        .clip(0)
        .cast(pl.Float64),
        organic_purchases=(pl.col("own_purchases") - pl.col("ad_orders").fill_null(0))
        .clip(0)
        .cast(pl.Float64),
    )


def by_query(queries: pl.DataFrame) -> pl.DataFrame:
    """Return the sums of each query (``term``, small letters), everybody's and one's own.

    The view of products repeats everybody's figures for each of them. Where the view of the brand
    has a query's days as well, its own figures are those.
    """
    term = pl.col("query").str.to_lowercase().str.replace_all(r"\s+", " ").alias("term")
    brand = pl.col("asin").is_null()
    own = ("own_impressions", "own_clicks", "own_purchases")
    periods = queries.group_by(term, "start_date", "end_date", maintain_order=True).agg(
        *(pl.col(name).max() for name in ("volume", "impressions", *_FIGURES)),
        *(
            pl.when(brand.any())
            .then(pl.col(name).filter(brand).max())
            .otherwise(pl.col(name).sum())
            .alias(name)
            for name in own
        ),
    )
    sums = [pl.col(name).fill_null(0).sum() for name in ("volume", "impressions", *_FIGURES, *own)]
    return periods.group_by("term", maintain_order=True).agg(*sums)


def searched(insights: Insights | None) -> pl.DataFrame | None:
    """Return the sums of every query that the reports name, with its rank among all; None without.

    The rank (``frequency_rank``) is Brand Analytics', which counts no clicks: they are null there.
    """
    if insights is None or (insights.queries.is_empty() and insights.top_terms.is_empty()):
        return None
    term = pl.col("query").str.to_lowercase().str.replace_all(r"\s+", " ").alias("term")
    ranks = insights.top_terms.group_by(term).agg(pl.col("frequency_rank").min())
    return by_query(insights.queries).join(
        ranks, on="term", how="full", coalesce=True, maintain_order="left_right"
    )
