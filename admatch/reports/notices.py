"""What a reader of a report is told about its columns and rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.errors import Problem, shorten
from admatch.reports.formats import ReportFormat, is_known_spelling
from admatch.reports.periods import DATE_COLUMNS
from admatch.reports.rows import Columns, RowKind
from admatch.tables.header_table import Recognition

_ROWS_NAMED = 10  # problems that name single rows; further ones of a kind are counted
_WANTED = ("impressions", "sales", "orders", "units")
SKIPPED = {
    RowKind.TOTAL: ("this is a total, not a search term", "it was left out"),
    RowKind.HEADER: ("the header is repeated here", "it was left out"),
    RowKind.NOTE: ("the row has neither clicks nor cost", "it was left out"),
    RowKind.CUT: (
        "the last row ends before its last columns, so the file was cut off",
        "it was left out; download the file again",
    ),
}


def column_notices(path: Path, found: Recognition, kind: ReportFormat) -> Iterator[Problem]:
    """Yield what is to be said of the columns: variants, unknown and missing ones, windows."""
    variants = [
        f"'{shorten(header)}' as {name}"
        for name, header in found.normalised.items()
        if not is_known_spelling(header)
    ]
    if variants:
        what = f"headers that vary known ones were read: {', '.join(variants)}"
        yield Problem(path, what, "name the columns yourself if that is wrong")
    strange = [shorten(header) for header in found.unknown if not kind.knows(header)]
    if strange:
        what = f"unknown columns were left out: {', '.join(strange)}"
        yield Problem(path, what, "nothing to do unless one of them is needed")
    missing = [name for name in _WANTED if name not in found.columns]
    if missing:
        what = f"the file has no column for {', '.join(missing)}"
        yield Problem(path, what, "these stay empty; download the report with them if you can")
    windows = {found.days[name] for name in ("sales", "orders", "units") if name in found.days}
    if len(windows) > 1:
        told = ", ".join(f"{name} {days} days" for name, days in found.days.items())
        yield Problem(path, f"the columns have different windows ({told})", "compare with care")


@dataclass(frozen=True, slots=True)
class Told:
    """Rows of which one thing is said: the first few, and how many there are."""

    first: tuple[Problem, ...] = ()
    count: int = 0

    def __add__(self, further: "Told") -> "Told":
        return Told((self.first + further.first)[:_ROWS_NAMED], self.count + further.count)


def left_out(
    path: Path, kinds: pl.DataFrame, skipped: Mapping[RowKind, tuple[str, str]] = SKIPPED
) -> dict[RowKind, Told]:
    """Return what is told of the rows left out; ``kinds`` has kind, row number and first cell.

    ``skipped`` holds what is said of each kind, and the remedy.
    """
    told = {}
    for kind, (what, remedy) in skipped.items():
        rows = kinds.filter(pl.col("kind") == kind.value)
        named = rows.select("row", "label").head(_ROWS_NAMED).iter_rows()
        first = tuple(Problem(path, what, remedy, row=row, value=label) for row, label in named)
        told[kind] = Told(first, rows.height)
    return told


def row_notices(path: Path, told: Mapping[RowKind, Told]) -> Iterator[Problem]:
    """Yield one problem a row left out, the tenth of a kind being the last."""
    for rows in told.values():
        yield from rows.first
        if rows.count > _ROWS_NAMED:
            what = f"{rows.count - _ROWS_NAMED} further rows: {rows.first[0].what}"
            yield Problem(path, what, rows.first[0].remedy)


def cell_notices(path: Path, bad: pl.DataFrame, columns: Columns) -> Iterator[Problem]:
    """Yield a problem for each row whose cells are ``bad``, naming the first such cell."""
    yield from unreadable_notices(path, unreadable(path, bad, columns))


def unreadable(path: Path, bad: pl.DataFrame, columns: Columns) -> Told:
    """Return what is told of the rows with ``bad`` cells, naming the first such cell of each."""
    places = bad.select(pl.any_horizontal(pl.lit(False), pl.all())).to_series().arg_true()
    first = []
    for place in places[:_ROWS_NAMED]:
        name = next(name for name in bad.columns if bad[name][place])
        what, remedy = "the cell is no number", "the row was left out; expected like 1234.56"
        if name in DATE_COLUMNS:
            what, remedy = "the cell is no date", "the row was left out; expected like 2025-02-28"
        value = columns.cells[name][place]
        first.append(Problem(path, what, remedy, columns.rows[place], columns.headers[name], value))
    return Told(tuple(first), len(places))


def unreadable_notices(path: Path, told: Told) -> Iterator[Problem]:
    """Yield a problem for each row with unreadable cells, and one that counts the further ones."""
    yield from told.first
    if told.count > _ROWS_NAMED:
        what = f"{told.count - _ROWS_NAMED} further rows have unreadable cells"
        yield Problem(path, what, "they were left out")
