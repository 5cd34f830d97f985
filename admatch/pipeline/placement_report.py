"""What a report of placements says of the days that still count: ``recent_placements``."""

from datetime import timedelta

import polars as pl

from admatch.reports.insights.records import Insights
from admatch.reports.records import SearchTermReport

_DAYS = 60  # as many as a bulk file's figures are of; percentages change, and old clicks had others


def recent_placements(insights: Insights | None, report: SearchTermReport) -> pl.DataFrame | None:
    """Return the rows of the last days of a search-term report; None without any.

    A row without days counts.
    """
    if insights is None or insights.placements.is_empty():
        return None
    rows, period = insights.placements, report.period
    if period is not None:
        late = pl.col("end_date") > period[1] - timedelta(days=_DAYS)
        rows = rows.filter((late & (pl.col("start_date") <= period[1])).fill_null(True))
    return None if rows.is_empty() else rows
