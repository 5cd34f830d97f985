"""Tables pasted below each other in one sheet → a table each."""

from dataclasses import replace

from admatch.catalog.headers import HEADERS, name_of, plain_headers
from admatch.tables.raw import RawTable

_LEAST = 2  # known headers that make a line a header
_MOSTLY = 0.6  # of a line's cells
_SPELLINGS = [one.lower() for spellings in HEADERS.columns.values() for one in spellings]


def without_pasted(table: RawTable, titles: int) -> list[RawTable]:
    """Return the table without repetitions of its header, and one for each other header below it.

    ``titles`` is the number of the column of titles. A product may be called like a header, but
    then the rest of its row is not spelled like one.
    """
    start = table.header_at + 1
    column = table.lines[str(titles)][start:].str.strip_chars().str.to_lowercase()
    spellings = [*_SPELLINGS, *(cell.strip().lower() for cell in table.header)]
    named = [start + at for at in column.is_in(spellings).fill_null(False).arg_true()]
    again = [at for at in named if _line(table, at) == table.header]
    others = [at for at in named if at not in again and _is_header(_line(table, at))]
    ends = [*others, table.lines.height]
    parts = [_rows(table, range(ends[0]), again)]
    return parts + [
        _part(table, range(at, end), again) for at, end in zip(others, ends[1:], strict=True)
    ]


def _line(table: RawTable, at: int) -> tuple[str, ...]:
    return tuple(cell or "" for cell in table.lines.row(at)[: len(table.header)])


def _is_header(line: tuple[str, ...]) -> bool:
    filled = [cell for cell in line if cell]
    known = {name_of(cell) for cell in plain_headers(filled)} - {None}
    return len(known) >= _LEAST and len(known) >= _MOSTLY * len(filled)


def _rows(table: RawTable, lines: range, without: list[int]) -> RawTable:
    kept = [at for at in lines if at not in without] if without else lines
    return replace(table, lines=table.lines[kept], rows=table.rows[kept])


def _part(table: RawTable, lines: range, without: list[int]) -> RawTable:
    part = _rows(table, lines, without)
    filled = [name for name in part.lines.columns if part.lines[name].count()]
    names = {old: str(at) for at, old in enumerate(filled)}
    named = part.lines.select(filled).rename(names)
    return replace(part, lines=named, header_at=0, read_problems=())
