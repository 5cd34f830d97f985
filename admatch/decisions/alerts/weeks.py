"""Daily rows → sums by day, ``Days``; and of campaigns by week, the last one first: ``by_week``."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from admatch.impact.maturity import LagCurve

WEEK = 7
PAST = 8  # weeks that a week is compared with, at most
FEWEST = 4  # at least: with fewer, nothing says how much weeks differ
UNIT = ("currency", "campaign")
GROUP = (*UNIT, "ad_group")


@dataclass(frozen=True)
class Days:
    """A report's sums by ``day``, made once for all days that are judged.

    ``campaigns`` has clicks, spend, orders and mature clicks by ``UNIT``, ``groups`` the clicks by
    ``GROUP``, ``terms`` clicks, spend and orders of each term in the week after its ``first`` day,
    ``bought`` spend and orders of all terms with clicks by currency.
    """

    campaigns: pl.DataFrame
    groups: pl.DataFrame
    terms: pl.DataFrame
    bought: pl.DataFrame

    def until(self, day: date) -> "Days":
        """Return what was known on a day."""
        known = pl.col("day") <= day
        parts = (self.campaigns, self.groups, self.terms, self.bought)
        return Days(*(one.filter(known) for one in parts))

    @property
    def first(self) -> date | None:
        """The first day, if there is any."""
        day = self.campaigns["day"].min()
        return day if isinstance(day, date) else None

    @property
    def last(self) -> date | None:
        """The last day, if there is any."""
        day = self.campaigns["day"].max()
        return day if isinstance(day, date) else None


def days_of(report: pl.DataFrame, lag: LagCurve) -> Days:
    """Return the sums of the rows that are one day each."""
    rows = _clean(report, lag)
    clicked = rows.filter(pl.col("clicks") > 0)
    searched = clicked.filter(pl.col("term").is_not_null())
    terms = searched.with_columns(first=pl.col("day").min().over("currency", "term")).filter(
        pl.col("day") < pl.col("first") + pl.duration(days=WEEK)
    )
    return Days(
        _summed(rows, *UNIT, "day", of=("clicks", "spend", "orders", "mature")),
        _summed(clicked, *GROUP, "day", of=("clicks",)),
        _summed(terms, "currency", "term", "first", "day", of=("clicks", "spend", "orders")),
        _summed(searched, "currency", "day", of=("spend", "orders")),
    )


def _summed(rows: pl.DataFrame, *by: str, of: tuple[str, ...]) -> pl.DataFrame:
    return rows.group_by(by, maintain_order=True).agg(pl.col(of).sum())


def _clean(report: pl.DataFrame, lag: LagCurve) -> pl.DataFrame:
    daily = report.filter(
        pl.col("start_date").is_not_null(), pl.col("start_date") == pl.col("end_date")
    )
    return daily.select(
        *GROUP, "start_date", "end_date",
        term=pl.col("search_term").str.to_lowercase(),
        clicks=pl.col("clicks").fill_null(0).clip(0),
        spend=pl.col("spend").fill_null(0.0).clip(0),
        orders=pl.min_horizontal(pl.col("orders").fill_null(0).clip(0), pl.col("clicks")),
        has_orders=pl.col("orders").is_not_null(),
    ).with_columns(mature=pl.col("clicks") * lag.known(), day=pl.col("start_date"))  # fmt: skip


def by_week(days: pl.DataFrame, until: date) -> pl.DataFrame:
    """Return the sums of each campaign, and of all (campaign null), by week before ``until``.

    ``days`` are ``Days.campaigns``. ``week`` 0 ends on ``until``; weeks that begin before the
    first day are left out.
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
