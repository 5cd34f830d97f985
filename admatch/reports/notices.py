"""The problems of a report's columns and rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.errors import Problem, listed, shorten
from admatch.messages import Message, say
from admatch.reports.attribution import attribution_notices
from admatch.reports.formats import is_known_header, is_known_spelling
from admatch.reports.periods import DATE_COLUMNS
from admatch.reports.rows import Columns, RowKind
from admatch.tables.header_table import Recognition, normalise

ROWS_NAMED = 10  # problems that name single rows; further ones of a kind are counted
TEXT_COLUMNS = ("search_term", "campaign", "ad_group")
# Amazon's API v1 lists a term only where it was clicked, since July 2026 for earlier days, too
# (amzn/ads-advanced-tools-docs, issue 476).
_CLICKED_ONLY = "searchTerm.value"
_EXPECTED = ("impressions", "sales", "orders", "units")


def column_notices(path: Path, found: Recognition) -> Iterator[Problem]:
    """Yield the problems of the columns: variants, unknown and missing ones, windows."""
    variants = [
        f"'{shorten(header)}' as {name}"
        for name, header in found.normalised.items()
        if not is_known_spelling(header)
    ]
    if variants:
        what = say("reports.columns.variants", headers=", ".join(variants))
        yield Problem(path, what, say("reports.columns.name_yourself"))
    strange = [header for header in found.unknown if not is_known_header(header)]
    if strange:
        what = say("reports.columns.unknown", headers=listed(strange))
        yield Problem(path, what, say("reports.columns.unless_needed"))
    yield from attribution_notices(path, found)
    if normalise(found.named.get("search_term", "")) == normalise(_CLICKED_ONLY):
        what = say("reports.columns.clicked_only")
        yield Problem(path, what, say("reports.columns.clicked_only_remedy"))
    missing = [name for name in _EXPECTED if name not in found.columns]
    if missing:
        what = say("reports.columns.missing", columns=", ".join(missing))
        yield Problem(path, what, say("reports.columns.stay_empty"))
    windows = {found.days[name] for name in ("sales", "orders", "units") if name in found.days}
    if len(windows) > 1:
        days = ", ".join(f"{name}: {days}" for name, days in found.days.items())
        what = say("reports.columns.windows", windows=days)
        yield Problem(path, what, say("reports.columns.compare"))


@dataclass(frozen=True, slots=True)
class RowProblems:
    """Rows with one and the same problem: the first few, and how many there are."""

    first: tuple[Problem, ...] = ()
    count: int = 0

    def __add__(self, further: "RowProblems") -> "RowProblems":
        return RowProblems((self.first + further.first)[:ROWS_NAMED], self.count + further.count)


def skip_messages() -> dict[RowKind, tuple[Message, Message]]:
    """Return the sentence and the remedy for each kind of row that is left out."""
    left_out = say("reports.rows.left_out")
    return {
        RowKind.TOTAL: (say("reports.rows.total"), left_out),
        RowKind.HEADER: (say("reports.rows.header"), left_out),
        RowKind.NOTE: (say("reports.rows.note"), left_out),
        RowKind.CUT: (say("reports.rows.cut"), say("reports.rows.cut_left_out")),
    }


def left_out(
    path: Path, kinds: pl.DataFrame, messages: Mapping[RowKind, tuple[Message, Message]]
) -> dict[RowKind, RowProblems]:
    """Return the rows left out, by kind; ``kinds`` has kind, row number and first cell.

    ``messages`` holds the sentence and the remedy for each kind.
    """
    skipped = {}
    for kind, (what, remedy) in messages.items():
        rows = kinds.filter(pl.col("kind") == kind.value)
        named = rows.select("row", "label").head(ROWS_NAMED).iter_rows()
        first = tuple(Problem(path, what, remedy, row=row, value=label) for row, label in named)
        skipped[kind] = RowProblems(first, rows.height)
    return skipped


def row_notices(path: Path, skipped: Mapping[RowKind, RowProblems]) -> Iterator[Problem]:
    """Yield one problem for each of the first rows left out of a kind, and one for the others."""
    for rows in skipped.values():
        yield from rows.first
        if rows.count > ROWS_NAMED:
            first = rows.first[0]
            what = say("reports.rows.further", n=rows.count - ROWS_NAMED, what=first.what)
            yield Problem(path, what, first.remedy)


def cell_notices(path: Path, bad: pl.DataFrame, columns: Columns) -> Iterator[Problem]:
    """Yield a problem for each row whose cells are ``bad``, naming the first such cell."""
    yield from unreadable_notices(path, unreadable(path, bad, columns))


def unreadable(path: Path, bad: pl.DataFrame, columns: Columns) -> RowProblems:
    """Return the rows with ``bad`` cells, naming the first such cell of each."""
    rows = bad.select(pl.any_horizontal(pl.lit(False), pl.all())).to_series().arg_true()
    first = [cell_problem(path, bad, columns, at) for at in rows[:ROWS_NAMED]]
    return RowProblems(tuple(first), len(rows))


def cell_problem(path: Path, bad: pl.DataFrame, columns: Columns, at: int) -> Problem:
    """Return the problem of the first ``bad`` cell of the row ``at``."""
    name = next(name for name in bad.columns if bad[name][at])
    what, remedy = say("reports.rows.no_number"), say("reports.rows.expected_number")
    if name in DATE_COLUMNS:
        what, remedy = say("reports.rows.no_date"), say("reports.rows.expected_date")
    if name in TEXT_COLUMNS:
        what, remedy = say("reports.rows.error_cell"), say("reports.rows.correct_cell")
    value = columns.cells[name][at]
    return Problem(path, what, remedy, columns.rows[at], columns.headers[name], value)


def unreadable_notices(path: Path, rows: RowProblems) -> Iterator[Problem]:
    """Yield a problem for each of the first rows with unreadable cells, and one for the others."""
    yield from rows.first
    if rows.count > ROWS_NAMED:
        what = say("reports.rows.further_unreadable", n=rows.count - ROWS_NAMED)
        yield Problem(path, what, say("reports.rows.all_left_out"))
