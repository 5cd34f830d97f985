"""A table whose owner said what its columns hold, and the headers of one that nobody knows."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.messages import say
from admatch.pipeline.inspect_file import Checked
from admatch.reports.aggregate import aggregate_report, is_large
from admatch.reports.reader import known_headers, read_report
from admatch.reports.records import SearchTermReport
from admatch.tables.reader import read_tables
from admatch.web.limits import Limits
from admatch.web.work.file_names import FileNames
from admatch.web.work.read_catalog import read_products

_MOST = 60  # columns of an unknown table that can be named
_NAMED = say("web.report.named")
TERM = "search_term"  # whoever names it says that the table is a search-term report


def read_named_table(
    file: Path, columns: Mapping[str, str], folder: Path, names: FileNames, limits: Limits,
    currency: str | None,
) -> Checked:  # fmt: skip
    """Return a table as its owner says: a search-term report, or else a list of products."""
    try:
        if TERM in columns:
            return Checked(file, report=_report(file, columns, currency))
        return Checked(file, catalog=read_products([(file, columns)], folder, names, limits))
    except InputError as error:
        return Checked(file, refusal=error.message)


def is_named(report: SearchTermReport) -> bool:
    """Return whether a report was read by columns that its owner named: only as it was read."""
    return _NAMED in report.formats


def headers_of(path: Path) -> dict[str, Any]:
    """Return the first line of an unknown table, and what is recognised in it, by field."""
    try:
        first = next((one.lines for one in read_tables(path) if one.lines.height), None)
    except InputError:
        first = None
    cells = first.row(0) if first is not None and first.width > 1 else ()
    headers = [str(one) for one in cells if one is not None][:_MOST]
    known = known_headers(None).recognise(headers).columns
    return {"headers": headers, "known": {name: headers[at] for name, at in known.items()}}


def _report(file: Path, columns: Mapping[str, str], currency: str | None) -> SearchTermReport:
    read = aggregate_report if is_large(file) else read_report
    report = read(file, columns=columns, currency=currency)
    # The format that it is least unlike says nothing: neither its name nor its window.
    named = known_headers(None).recognise(headers_of(file)["headers"], columns)
    window = report.window_days if named.days else None
    return replace(report, formats=(_NAMED,), window_days=window)
