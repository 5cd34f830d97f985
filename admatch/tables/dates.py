"""Cells with dates as people write them → days, and periods between two days."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

import polars as pl

from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.tables.distinct import indices_in

_EXCEL_START = date(1899, 12, 30)  # day 0 of Excel's numbering as of March 1900
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]\.?m\.?)?"
_TIME = rf"(?:[t ]{_CLOCK}(?: ?(?:z|utc|[+-]\d{{2}}:?\d{{2}}))?)?"
_YEAR_FIRST = r"(?P<y>\d{4})(?P<s>[-/.]) ?(?P<m>\d{1,2})(?P=s) ?(?P<d>\d{1,2})\.?"
_ASIAN = r"(?P<y>\d{4}) ?[年년] ?(?P<m>\d{1,2}) ?[月월] ?(?P<d>\d{1,2}) ?[日일]?"
_COMPACT = r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"
_NAME = r"(?P<n>[^\W\d_][^\d,/-]*?)"
_MONTH_FIRST = rf"{_NAME}\.?[ -](?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[ -](?P<y>\d{{4}})"
_DAY_FIRST = (
    r"(?:den )?(?P<d>\d{1,2})(?P<dot>\.)?(?:st|nd|rd|th|er|[oª°])?[ /-](?:de )?" + _NAME + r"\.?,?"
    r"[ /-](?:de )?(?P<y>\d{4}|\d{2})\.?(?: [гр]\.)?"
)
_NAME_AMID = rf"(?P<y>\d{{4}})\.?(?: m\.)? {_NAME}\.? (?P<d>\d{{1,2}})\.?(?: d\.)?"
_REIWA = r"(?:令和|r) ?(?P<e>\d{1,2})[年.] ?(?P<m>\d{1,2})[月.] ?(?P<d>\d{1,2})日?"
_VIETNAMESE = r"(?P<d>\d{1,2}) (?:thang|thg) (?P<m>\d{1,2}),? (?:nam )?(?P<y>\d{4})"
_NUMERIC = r"(?P<a>\d{1,2})(?P<s>[-/.]) ?(?P<b>\d{1,2})(?P=s) ?(?P<y>\d{4}|\d{2})\.?"
_FORMS = (
    *(
        _YEAR_FIRST,
        _ASIAN,
        _REIWA,
        _COMPACT,
        _VIETNAMESE,
        _MONTH_FIRST,
        _DAY_FIRST,
        _NAME_AMID,
        _NUMERIC,
    ),
)
_EPOCH = r"(1[2-9]\d{8})(?:\d{3}|\d{6})?(?:\.0+)?"  # seconds, milliseconds or microseconds
_SHORT = re.compile(r"(?<!\d)(?P<a>\d{2})([-/.])(?P<b>\d{2})\2(?P<y>\d{2})(?![-/.\d])")
_EARLY, _LATE = 10, 18  # years of this century in which hardly anybody, and most, advertised
_FEW_YEARS = 2
YEARS = range(1990, 2101)  # other days are mistakes
_REIWA_START = 2018  # the year before Japan's present era
_BUDDHIST = 543  # years that Thailand's calendar is ahead
# Croatian writes a full stop behind the day, Polish does not
_POLISH = {"listopada": 11, "listopad": 11, "lis": 11, "lip": 7}
_CROATIAN = {"listopada": 10}
_NO_DATE = ("-", "--", "—", "N/A")
_BETWEEN = r" ?(?:-|–|—|~|～|〜|to|until|bis|al?|à|au|até|a) ?"


class DayOrder(StrEnum):
    """Which comes first in ``01/02/2025``, or in ``01-02-25``."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    YEAR_FIRST = "year first"  # 25-05-01, as in Korea or Sweden


@dataclass(frozen=True, slots=True)
class Dates:
    """First and last day of each cell (the same day for a single date), null where empty."""

    start: pl.Series
    end: pl.Series
    bad: pl.Series


def find_order(columns: Iterable[pl.Series], *, where: str) -> DayOrder | None:
    """Return the order of day and month that a file's date columns show, None if it is irrelevant.

    Raises ``InputError``, whose sentence begins with ``where``, if there are dates like 01/02/2025
    and no other date decides, or if dates contradict one another.
    """
    every = [cell for cells in columns for cell in cells.drop_nulls().unique(maintain_order=True)]
    if _years_come_first(every, where):
        return DayOrder.YEAR_FIRST
    decided: dict[DayOrder, str] = {}
    unclear = None
    for cell in every:
        for first, second in _numeric_pairs(cell):
            if first > 12:
                decided.setdefault(DayOrder.DAY_FIRST, cell)
            elif second > 12:
                decided.setdefault(DayOrder.MONTH_FIRST, cell)
            elif first != second:
                unclear = unclear or cell
    if len(decided) == 2:
        one, other = decided.values()
        raise InputError(
            say("tables.dates.contradict", where=where, one=shorten(one), other=shorten(other))
        )
    if decided:
        return next(iter(decided))
    if unclear is not None:
        raise InputError(say("tables.dates.ambiguous", where=where, value=shorten(unclear)))
    return None


def _years_come_first(cells: Iterable[str], where: str) -> bool:
    """Return whether dates like 25-05-01 begin with their year.

    Days vary over a file and years hardly do; there was next to no advertising before 2010.
    """
    found = [(match, cell) for cell in cells for match in _SHORT.finditer(_tidy(cell))]
    parts = [tuple(map(int, match.group("a", "b", "y"))) for match, _ in found]
    if not parts or any(month > 12 or not 1 <= day <= 31 for _, month, day in parts):
        return False
    first, last = [one[0] for one in parts], [one[2] for one in parts]
    if max(first) - min(first) > _FEW_YEARS or min(first) < _EARLY:
        return False
    if max(last) - min(last) > _FEW_YEARS or max(last) < _EARLY:
        return True
    if max(last) < _LATE <= min(first):
        raise InputError(say("tables.dates.year_or_day", where=where, value=shorten(found[0][1])))
    return False


def parse_dates(cells: pl.Series, order: DayOrder | None = None) -> Dates:
    """Return the days in ``cells``; without an ``order`` a cell like ``01/02/2025`` is bad."""
    unique = cells.drop_nulls().unique()
    spans = [_span(cell, order) for cell in unique]
    starts = pl.Series([None if span is None else span[0] for span in spans], dtype=pl.Date)
    ends = pl.Series([None if span is None else span[1] for span in spans], dtype=pl.Date)
    blank = [cell in _NO_DATE for cell in unique]
    bad = starts.is_null() & ~pl.Series(blank, dtype=pl.Boolean)
    indices = indices_in(unique, cells)
    start = starts.gather(indices)
    end = start if starts.equals(ends) else ends.gather(indices)
    return Dates(start, end, bad.gather(indices).fill_null(False))


def _span(cell: str, order: DayOrder | None) -> tuple[date, date] | None:
    text = _tidy(cell)
    # a month may be called like a weekday: Mar 1, 2025
    single = _day(text, order) or _day(_without_weekday(text), order)
    if single is not None:
        return single, single
    for between in re.finditer(_BETWEEN, text):
        start = _day(text[: between.start()], order)
        end = _day(text[between.end() :], order)
        if start is not None and end is not None and start <= end:
            return start, end
    return None


def _day(text: str, order: DayOrder | None) -> date | None:
    for pattern in _patterns():
        if (found := pattern.fullmatch(text)) is not None:
            return _from_parts(found.groupdict(), order)
    if re.fullmatch(r"[345]\d{4}(?:\.0+)?", text):
        return _EXCEL_START + timedelta(days=int(float(text)))
    if (seconds := re.fullmatch(_EPOCH, text)) is not None:
        return datetime.fromtimestamp(int(seconds[1]), UTC).date()
    return None


def _from_parts(parts: dict[str, str], order: DayOrder | None) -> date | None:
    if "e" in parts:
        return _date(_REIWA_START + int(parts["e"]), int(parts["m"]), int(parts["d"]))
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    year -= _BUDDHIST if 2400 < year < 2700 else 0
    if "n" in parts:
        month = _month(parts["n"].removesuffix("."), has_dot=parts.get("dot") is not None)
        return None if month is None else _date(year, month, int(parts["d"]))
    if "a" in parts:
        day, month = int(parts["a"]), int(parts["b"])
        if order is DayOrder.YEAR_FIRST and len(parts["y"]) == 2:
            return _date(2000 + day, month, int(parts["y"]))
        if parts["s"] != "." and day != month and order is None:
            return None
        if parts["s"] != "." and order is DayOrder.MONTH_FIRST:
            day, month = month, day
        return _date(year, month, day)
    return _date(year, int(parts["m"]), int(parts["d"]))


def _month(name: str, *, has_dot: bool) -> int | None:
    known = _months() | (_CROATIAN if has_dot else _POLISH)
    return known.get(name) or known.get(name.removeprefix("ב"))  # Hebrew's "in"


def _without_weekday(text: str) -> str:
    """Return a date without the weekday before or behind it."""
    if text[-1:] == ")":
        text = text[: text.rfind("(")].rstrip()
    first, _, rest = text.partition(" ")
    if first.rstrip(".,") in _weekdays():
        return rest
    rest, _, last = text.rpartition(" ")
    return rest if last.rstrip(".") in _weekdays() else text


def _date(year: int, month: int, day: int) -> date | None:
    """Return a day on which there was advertising; 1900 and 9999 stand for no date at all."""
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


def _numeric_pairs(cell: str) -> list[tuple[int, int]]:
    """Return the two numbers, day and month in unknown order, of each such date in ``cell``."""
    if not any(_span(cell, order) for order in DayOrder):
        return []
    found = re.findall(r"(?<!\d)(\d{1,2})([-/])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)", _tidy(cell))
    return [(int(first), int(second)) for first, _, second in found]


def _tidy(cell: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", cell).casefold())
    letters = "".join(
        _plain_digit(letter)
        for letter in plain
        if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
    return " ".join(unicodedata.normalize("NFC", letters).replace("،", ",").lstrip("'").split())


def _plain_digit(letter: str) -> str:
    """Return a letter, or the digit 0 to 9 that it is in another script."""
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form + _TIME) for form in _FORMS)


@cache
def _months() -> dict[str, int]:
    """Return the number of the month of every name in calendar.toml."""
    names = _calendar()["months"]
    return {_tidy(name): int(number) for number, known in names.items() for name in known}


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(map(_tidy, _calendar()["weekdays"]["names"]))


def _calendar() -> dict[str, dict[str, list[str]]]:
    text = files("admatch.tables").joinpath("calendar.toml").read_text("utf-8")
    return tomllib.loads(text)
