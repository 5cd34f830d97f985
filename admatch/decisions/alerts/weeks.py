"""Daily rows → figures of campaigns by week, the last one first: ``by_week``."""

from datetime import date

import polars as pl

from admatch.impact.maturity import LagCurve

WEEK = 7
PAST = 8  # weeks that a week is compared with, at most
FEWEST = 4  # at least: with fewer, nothing says how much weeks differ
UNIT = ("currency", "campaign")


def clean_days(report: pl.DataFrame, lag: LagCurve) -> pl.DataFrame:
    """Return day, names, clicks, spend, orders and mature clicks of rows that are one day each."""
    daily = report.filter(
        pl.col("start_date").is_not_null(), pl.col("start_date") == pl.col("end_date")
    )
    return daily.select(
        *UNIT, "ad_group", "start_date", "end_date",
        term=pl.col("search_term").str.to_lowercase(),
        clicks=pl.col("clicks").fill_null(0).clip(0),
        spend=pl.col("spend").fill_null(0.0).clip(0),
        orders=pl.min_horizontal(pl.col("orders").fill_null(0).clip(0), pl.col("clicks")),
        has_orders=pl.col("orders").is_not_null(),
    ).with_columns(mature=pl.col("clicks") * lag.known(), day=pl.col("start_date"))  # fmt: skip


def by_week(days: pl.DataFrame, until: date) -> pl.DataFrame:
    """Return the sums of each campaign, and of all (campaign null), by week before ``until``.

    ``week`` 0 ends on ``until``; weeks that begin before the first day are left out.
    """
    first = days["day"].min()
    assert isinstance(first, date)
    known = ((until - first).days + 1) // WEEK
    age = (pl.lit(until) - pl.col("day")).dt.total_days()
    aged = days.with_columns(week=age // WEEK).filter(
        age >= 0, pl.col("week") < min(PAST + 1, known)
    )
    sums = [pl.col(name).sum() for name in ("clicks", "spend", "orders", "mature")]
    campaigns = aged.group_by(*UNIT, "week").agg(*sums)
    whole = aged.group_by("currency", "week").agg(*sums)
    both = pl.concat(
        [campaigns, whole.with_columns(campaign=pl.lit(None, pl.String))], how="diagonal"
    )
    return both.sort(*UNIT, "week")
