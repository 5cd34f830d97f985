"""One sheet → the tables in it: people paste them below each other and beside each other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from admatch.tables.header_table import HeaderTable
from admatch.tables.raw import RawTable

_FEWEST = 3  # known names that make a line a header
_FIGURES = ("clicks", "spend")  # a header has one of them at least
_TITLE = 2  # cells that a line above a header has at most


def split_tables(table: RawTable, known: HeaderTable) -> list[RawTable]:
    """Return the tables of a sheet, each with its header located; ``table`` has the first one.

    A header that is repeated as it stands begins no table of its own.
    """
    tables = [
        beside for below in _below_each_other(table, known) for beside in _beside(below, known)
    ]
    return tables or [table]


def _below_each_other(table: RawTable, known: HeaderTable) -> Iterator[RawTable]:
    headers = [table.header_at]
    for line in _further_headers(table, known):
        if _begins_a_table(table, line, headers[-1], known):
            headers.append(line)
    starts = [0, *(_with_titles(table, line, headers) for line in headers[1:])]
    for at, (start, header) in enumerate(zip(starts, headers, strict=True)):
        is_last = at == len(headers) - 1
        end = table.lines.height if is_last else starts[at + 1]
        yield replace(
            table,
            lines=table.lines[start:end],
            rows=table.rows[start:end],
            header_at=header - start,
            is_cut=table.is_cut and is_last,
        )


def has_further_headers(table: RawTable, known: HeaderTable) -> bool:
    """Return whether a header with other columns stands below the first one."""
    return any(
        _begins_a_table(table, line, table.header_at, known)
        for line in _further_headers(table, known)
    )


def _further_headers(table: RawTable, known: HeaderTable) -> list[int]:
    """Return the lines below the header that are headers too."""
    clicks = known.recognise(table.header).columns.get("clicks")
    below = table.lines[table.header_at + 1 :].with_row_index("line", table.header_at + 1)
    if clicks is not None:  # a cell of letters there, or none: few rows are left
        cells = pl.col(table.lines.columns[clicks])
        below = below.filter(cells.is_null() | cells.str.contains(r"\p{L}\p{L}"))
    spellings = {one.strip().lower() for name in _FIGURES for one in known.columns[name]}
    named = pl.exclude("line").str.strip_chars().str.to_lowercase().is_in(spellings)
    possible = below.filter(pl.any_horizontal(named.fill_null(False)))
    return [line for line in possible["line"] if _is_header(_cells(table, line), known)]


def _begins_a_table(table: RawTable, line: int, header: int, known: HeaderTable) -> bool:
    """Return whether a header is another one than ``header``, and not some of its runs again."""
    cells, above = _cells(table, line), _cells(table, header)
    runs = [([cells[at] for at in run], [above[at] for at in run]) for run in _runs(above)]
    if all(again == first or not any(again) for again, first in runs):
        return False
    return _columns(table, line, known) != _columns(table, header, known)


def _is_header(cells: Sequence[str], known: HeaderTable) -> bool:
    """Return whether cells beside each other are a header; rows of another table may go on."""
    return any(_is_header_run([cells[at] for at in run], known) for run in _runs(cells))


def _is_header_run(cells: Sequence[str], known: HeaderTable) -> bool:
    if any(cell.strip()[:1].isdigit() and cell.strip()[-1:].isdigit() for cell in cells):
        return False
    names = known.ranked(cells)
    return len(names) >= _FEWEST and any(name in names for name in _FIGURES)


def _cells(table: RawTable, line: int) -> tuple[str, ...]:
    return tuple(cell or "" for cell in table.lines.row(line))


def _columns(table: RawTable, line: int, known: HeaderTable) -> dict[str, tuple[int, ...]]:
    return known.ranked(_cells(table, line))


def _with_titles(table: RawTable, header: int, headers: Sequence[int]) -> int:
    """Return the first of the lines above ``header`` that are titles of its table."""
    start = header
    while start - 1 > 0 and start - 1 not in headers and _is_title(_cells(table, start - 1)):
        start -= 1
    return start


def _is_title(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return len(filled) <= _TITLE and not any(cell[:1].isdigit() for cell in filled)


def _beside(table: RawTable, known: HeaderTable) -> list[RawTable]:
    """Return the tables beside each other: columns with names of their own, a blank between.

    What repeats names of a table and is none itself, like a summary by campaign, is left out.
    """
    runs, names = _apart(table.header, known)
    if len(runs) == 1:
        return [table]
    reports = [at for at, found in enumerate(names) if found >= set(known.required)]
    if not reports:
        return [table]
    kept = {at: [*runs[at]] for at in reports}
    for at, run in enumerate(runs):
        main = max((one for one in reports if one <= at), default=reports[0])
        if at not in kept and not (names[at] and names[at] <= names[main]):
            kept[main] += run
    if len(reports) == 1 and len(kept[reports[0]]) == sum(map(len, runs)):
        return [table]
    return [_only(table, sorted(columns)) for columns in kept.values()]


def _apart(header: Sequence[str], known: HeaderTable) -> tuple[list[list[int]], list[set[str]]]:
    """Return columns that may be tables of their own, and the names in each.

    A blank column within a table, where no name of it is repeated, sets nothing apart.
    """
    apart: list[list[int]] = []
    names: list[set[str]] = []
    for run in _runs(header):
        found = set(known.ranked([header[at] for at in run]))
        if found and names and names[-1].isdisjoint(found):
            apart[-1] += run
            names[-1] |= found
        else:
            apart.append(run)
            names.append(found)
    return apart, names


def _runs(header: Sequence[str]) -> list[list[int]]:
    """Return the columns that stand beside each other without a blank header between."""
    runs: list[list[int]] = [[]]
    for at, cell in enumerate(header):
        if cell.strip():
            runs[-1].append(at)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _only(table: RawTable, columns: Sequence[int]) -> RawTable:
    """Return the table with these columns; lines that are empty in them go, but not the header."""
    lines = table.lines.select(table.lines.columns[at] for at in columns)
    lines.columns = [str(at) for at in range(lines.width)]
    filled = ~lines.select(pl.all_horizontal(pl.all().is_null())).to_series()
    above = int(filled[: table.header_at].sum())
    return replace(
        table, lines=lines.filter(filled), rows=table.rows.filter(filled), header_at=above
    )
