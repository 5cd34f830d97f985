"""Amazon's other reports → ``Insights``; and which files of several are such reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.reports.currencies import workbook_currency
from admatch.reports.insights.combine import combine_sheets
from admatch.reports.insights.kinds import InsightTable, recognise_insight
from admatch.reports.insights.records import Insights
from admatch.reports.insights.sheet import Sheet, read_insight_sheet
from admatch.reports.reader import check_arguments, known_headers
from admatch.tables.batches import WholeFileError, read_batches
from admatch.tables.raw import RawTable
from admatch.tables.reader import read_tables

_LARGE = 64 << 20  # bytes; a larger file shows in its first rows what it is


def read_insights(
    path: str | Path | Sequence[str | Path], *, currency: str | None = None
) -> Insights:
    """Return what Amazon's reports beside search terms say, of one file or of several together.

    Reads Search Query Performance, Search Catalog Performance, Brand Analytics' top search terms,
    and the reports of purchased products, placements and budgets, whatever their files are called.
    ``currency`` is that of rows whose file does not name it. Raises ``InputError`` for other files,
    and for numbers or dates that can be read in two ways.

    >>> am.read_insights("data/sample/catalog.csv")
    Traceback (most recent call last):
        ...
    admatch.errors.InputError: ...
    """
    paths = check_arguments(path, currency)
    return combine_sheets([(one, sheet) for one in paths for sheet in _read_file(one, currency)])


def is_insight(path: Path) -> bool:
    """Return whether a file holds one of these reports and no search-term report."""
    try:
        tables = _some_tables(path)
    except InputError:
        return False  # whoever reads it says why it cannot be read
    if not any(recognise_insight(table) for table in tables):
        return False
    return not any(_has_terms(table) for table in tables)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Files by what they are: reports of search terms (or anything else), and other reports."""

    reports: tuple[Path, ...]
    insights: tuple[Path, ...]


def sort_files(paths: Iterable[str | Path]) -> Sorted:
    """Return which of several files are other reports; a single file is always a report."""
    found = [Path(one) for one in paths]
    if len(found) == 1:
        return Sorted(tuple(found), ())
    other = [one for one in found if is_insight(one)]
    return Sorted(tuple(one for one in found if one not in other), tuple(other))


def _read_file(path: Path, currency: str | None) -> list[Sheet]:
    raw = read_tables(path)
    found = [one for table in raw if (one := recognise_insight(table)) is not None]
    if not found:
        header = [shorten(cell) for cell in raw[0].header if cell.strip()]
        listed = ", ".join(header[:30]) + (", …" if len(header) > 30 else "")
        raise InputError(say("reports.insights.unknown", file=path.name, headers=listed))
    shown = [one for one in found if not one.table.hidden] or found
    named = currency or workbook_currency(raw)
    return [read_insight_sheet(one, _label(one, shown), named) for one in shown]


def _label(one: InsightTable, shown: Sequence[InsightTable]) -> str:
    name, sheet = one.table.path.name, one.table.sheet
    return name if len(shown) == 1 or sheet is None else f"{name} [{sheet}]"


def _some_tables(path: Path) -> Sequence[RawTable]:
    if path.is_file() and path.stat().st_size > _LARGE:
        try:
            return (next(read_batches(path)),)
        except WholeFileError:
            pass
    return read_tables(path)


def _has_terms(table: RawTable) -> bool:
    return not known_headers(None).locate(table)[1].missing
