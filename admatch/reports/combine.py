"""Several reports → one, without counting anything twice."""

from collections.abc import Sequence

from admatch.reports.records import SearchTermReport


def combine(reports: Sequence[SearchTermReport]) -> SearchTermReport:
    """Return the rows of all reports."""
    if len(reports) == 1:
        return reports[0]
    raise NotImplementedError
