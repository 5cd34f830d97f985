"""The days of Brand Analytics' reports, which name their last day and how long they are."""

import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from admatch.tables.dates import find_order, parse_dates
from admatch.tables.raw import RawTable

_MONTHS = {"month": 1, "quarter": 3}
_WORDS = {
    "week": r"week|woche|semaine|semana|settiman|週|周",
    "month": r"month|monat|mois|mensuel|mes\b|mensual|mese|mensil|月",
    "quarter": r"quarter|quartal|trimest|四半期|季度",
}


def reported_days(table: RawTable, last: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return first and last day of each row, and which cells of ``last`` are no dates.

    How long a report is stands above its header or in its name; where neither says so, the first
    day is null.
    """
    order = find_order([last.drop_nulls().unique(maintain_order=True)], where=table.path.name)
    found = parse_dates(last, order)
    span = _span(table)
    ends = found.end
    first = [None if day is None or span is None else _first(day, span) for day in ends]
    return pl.Series("start_date", first, pl.Date), ends.alias("end_date"), found.bad


def _span(table: RawTable) -> str | None:
    """Return week, month or quarter."""
    above = " ".join(cell for line in table.preamble for cell in line)
    return _named(above) or _named(_words(table.path))


def _named(text: str) -> str | None:
    for span in ("quarter", "week", "month"):  # a quarter's report may name its months too
        if re.search(_WORDS[span], text, re.IGNORECASE):
            return span
    return None


def _words(path: Path) -> str:
    return re.sub(r"[_\-.]+", " ", path.name)


def _first(last: date, span: str) -> date:
    if span == "week":
        return last - timedelta(days=6)
    months = last.year * 12 + last.month - _MONTHS[span]
    return date(months // 12, months % 12 + 1, 1)
