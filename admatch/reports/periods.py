"""The days that a report's rows are about."""

import re
from dataclasses import dataclass
from datetime import date

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.records import Granularity
from admatch.reports.rows import Columns
from admatch.tables.dates import Dates, DayOrder, find_order, parse_dates
from admatch.tables.raw import RawTable
from admatch.tables.threads import for_each

_DAYS_TO_1904 = 1462
DATE_COLUMNS = ("date", "start_date", "end_date", "date_range")
# bulk-<account>-20251118-20260117-<time>.xlsx, also behind what others put before a name
_BULK_NAME = re.compile(r"(?:^|[^a-z])bulk-[^-]+-(20\d{6})-(20\d{6})-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Periods:
    """First and last day of each row, and whether the rows are days or sums over days.

    ``bad`` holds a Boolean column for each date column, true where the cell is not a date.
    """

    start: pl.Series
    end: pl.Series
    granularity: Granularity
    bad: pl.DataFrame
    problems: tuple[Problem, ...] = ()


def find_periods(table: RawTable, columns: Columns) -> Periods:
    """Return the period of each row: from its date cells, the lines above the header, or the name.

    Raises ``InputError`` where 01/02/2025 may be January or February and nothing decides.
    """
    order = find_order(date_spellings(columns).values(), where=table.path.name)
    return read_periods(table, columns, order)


def date_spellings(columns: Columns) -> dict[str, pl.Series]:
    """Return the distinct cells of each date column, in the order of the file."""
    cells = columns.cells
    names = [name for name in DATE_COLUMNS if name in cells.columns]
    return for_each(
        names,
        lambda name: cells[name].drop_nulls().unique(maintain_order=True),
        rows=cells.height,
    )


def read_periods(table: RawTable, columns: Columns, order: DayOrder | None) -> Periods:
    """Return the period of each row, dates read in ``order``; ``table`` has the lines above."""
    cells = columns.cells
    names = [name for name in DATE_COLUMNS if name in cells.columns]
    if not names:
        return _without_columns(table, cells.height)
    days = {name: _from_1900(cells[name]) if table.from_1904 else cells[name] for name in names}
    dates = for_each(names, lambda name: parse_dates(days[name], order), rows=cells.height)
    bad = pl.DataFrame({name: found.bad for name, found in dates.items()})
    start, end = _span(dates)
    by_day = "date" in dates or {"start_date", "end_date"} <= dates.keys()
    daily = by_day and bool((start == end).fill_null(True).all())
    granularity = Granularity.DAILY if daily else Granularity.SUMMARY
    return Periods(start, end, granularity, bad)


def _from_1900(cells: pl.Series) -> pl.Series:
    """Return days that are numbered from 1904 as numbered from 1900; dates stay as they are."""
    numbers = cells.str.extract(r"^([345]\d{4})(?:\.0+)?$").cast(pl.Int64, strict=False)
    moved = (numbers + _DAYS_TO_1904).cast(pl.String)
    return moved.zip_with(moved.is_not_null(), cells)


def _span(dates: dict[str, Dates]) -> tuple[pl.Series, pl.Series]:
    if "date" in dates:
        return dates["date"].start, dates["date"].end
    if "date_range" in dates and "start_date" not in dates:
        return dates["date_range"].start, dates["date_range"].end
    start = dates["start_date" if "start_date" in dates else "end_date"].start
    end = dates["end_date" if "end_date" in dates else "start_date"].end
    return start, end


def _without_columns(table: RawTable, height: int) -> Periods:
    span = _preamble_span(table)
    problems: tuple[Problem, ...] = ()
    if span is None and (named := _BULK_NAME.search(table.path.name)) is not None:
        start, end = parse_dates(pl.Series(named.groups())).start
        span = start, end
        what = say("reports.periods.from_name", start=str(start), end=str(end))
        problems = (Problem(table.path, what, say("reports.periods.check_name")),)
    if span is None:
        what, remedy = say("reports.periods.unknown"), say("reports.periods.download_dates")
        problems = (Problem(table.path, what, remedy),)
    first, last = span or (None, None)
    return Periods(
        pl.repeat(first, height, dtype=pl.Date, eager=True),
        pl.repeat(last, height, dtype=pl.Date, eager=True),
        Granularity.SUMMARY,
        pl.DataFrame(),
        problems,
    )


def _preamble_span(table: RawTable) -> tuple[date, date] | None:
    """Return the period named above the header: "January 17, 2024 - February 15, 2024"."""
    cells = [cell for line in table.preamble for cell in line]
    texts = [text for cell in cells for text in (cell, cell.partition(":")[2].strip()) if text]
    for text in texts:
        found = parse_dates(pl.Series([text], dtype=pl.String))
        if found.start[0] is not None and found.start[0] != found.end[0]:
            return found.start[0], found.end[0]
    return None
