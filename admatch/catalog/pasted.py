"""Tables pasted below each other in one sheet → a table each."""

from dataclasses import replace

from admatch.catalog.headers import HEADERS, name_of, plain_headers
from admatch.tables.raw import RawTable

_LEAST = 2  # known headers that make a line a header
_MOSTLY = 0.6  # of a line's cells
_SPELLINGS = [one.lower() for spellings in HEADERS.columns.values() for one in spellings]


def without_pasted(table: RawTable, titles: int) -> list[RawTable]:
    """Return the table above the first repeated header, and one for each header below it.

    ``titles`` is the number of the column of titles. A product may be called like a header, but
    then the rest of its row is not spelled like one.
    """
    column = table.lines[str(titles)][table.header_at + 1 :]
    named = column.str.strip_chars().str.to_lowercase().is_in(_SPELLINGS).fill_null(False)
    starts = [table.header_at + 1 + at for at in named.arg_true() if _is_header(table, at)]
    if not starts:
        return [table]
    ends = [*starts[1:], table.lines.height]
    first = replace(table, lines=table.lines[: starts[0]], rows=table.rows[: starts[0]])
    return [first, *(_part(table, start, end) for start, end in zip(starts, ends, strict=True))]


def _is_header(table: RawTable, below: int) -> bool:
    line = [cell for cell in table.lines.row(table.header_at + 1 + below) if cell]
    known = {name_of(cell) for cell in plain_headers(line)} - {None}
    return len(known) >= _LEAST and len(known) >= _MOSTLY * len(line)


def _part(table: RawTable, start: int, end: int) -> RawTable:
    lines = table.lines[start:end]
    empty = [name for name in lines.columns if lines[name].null_count() == lines.height]
    kept = lines.drop(empty)
    named = kept.rename({old: str(at) for at, old in enumerate(kept.columns)})
    return replace(table, lines=named, rows=table.rows[start:end], header_at=0, read_problems=())
