"""Search-term reports of any size → every row, or their sums where the rows would fill memory."""

from collections.abc import Sequence
from pathlib import Path

from admatch.errors import InputError
from admatch.reports.aggregate import aggregate_report
from admatch.reports.combine import combine
from admatch.reports.reader import check_arguments, read_report
from admatch.reports.records import SearchTermReport
from admatch.tables.content import text_size

LARGE = 1 << 28  # bytes of text, about 1.1 million rows: what is read whole stays below 4 GiB


def read_any_size(
    path: str | Path | Sequence[str | Path], *, currency: str | None = None
) -> SearchTermReport:
    """Return every row, as ``read_report`` does, or where they are too many their sums.

    The sums are those of ``aggregate_report``, without days; a problem says so. Several files that
    are large together are each added up; where their periods meet, only days tell what is counted
    twice: they are read whole.
    """
    paths = check_arguments(path, currency)
    if not is_large(*paths):
        return read_report(paths, currency=currency)
    try:
        report = combine([aggregate_report(one, currency=currency) for one in paths])
    except InputError:
        if len(paths) == 1:
            raise
        return read_report(paths, currency=currency)
    return read_report(paths, currency=currency) if report.repeated.height else report


def is_large(*paths: Path) -> bool:
    """Tell whether files together are too large to be held whole."""
    return sum(map(text_size, paths)) >= LARGE
