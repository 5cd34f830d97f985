"""What reports of placements and campaigns say of the days that still count."""

from datetime import timedelta

import polars as pl

from admatch.reports.insights.records import Insights
from admatch.reports.records import SearchTermReport

# As many as a bulk file's figures are of: settings change, and old clicks had others.
_DAYS = 60


def recent_placements(insights: Insights | None, report: SearchTermReport) -> pl.DataFrame | None:
    """Return what placements brought in the last days of a search-term report; None without any.

    A row without days counts.
    """
    return None if insights is None else _recent(insights.placements, report)


def recent_days(insights: Insights | None, report: SearchTermReport) -> pl.DataFrame | None:
    """Return what campaigns spent on each of the same days; None without any."""
    return None if insights is None else _recent(insights.campaign_days, report)


def _recent(rows: pl.DataFrame, report: SearchTermReport) -> pl.DataFrame | None:
    period = report.period
    if period is not None:
        late = pl.col("end_date") > period[1] - timedelta(days=_DAYS)
        rows = rows.filter((late & (pl.col("start_date") <= period[1])).fill_null(True))
    return None if rows.is_empty() else rows
