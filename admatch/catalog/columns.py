"""Which column of a catalog file is which, whatever its format calls it."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from admatch.errors import InputError, Problem
from admatch.tables.header_table import HeaderTable
from admatch.tables.raw import RawTable

_TABLE = Path(__file__).with_name("headers.toml")
HEADERS = HeaderTable.load(_TABLE)
ATTRIBUTES: tuple[str, ...] = tuple(tomllib.loads(_TABLE.read_text("utf-8"))["attributes"])

# Amazon's newer templates: bullet_point[marketplace_id=ATVPDKIKX0DER]#2.value
_PATH = re.compile(r"^(\w+)(?:\[[^\]]*\])*#(\d+)\.(\w+)$")
_PLAIN_LEAVES = ("value", "media_location")
_NAMES_BELOW = 4  # machine names stand one to four lines below an Amazon template's labels
_SHOWN = 60  # letters of a header in a message
_AS_MANY = 0.6  # of the labels' columns that machine names must give to be the header


def choose_table(
    tables: Sequence[RawTable], overrides: Mapping[str, str]
) -> tuple[RawTable, tuple[Problem, ...]]:
    """Return the sheet with most known columns, its header located.

    A further sheet with titles is told as a ``Problem``. Raises ``InputError`` where no sheet has
    a title column.
    """
    shown = [table for table in tables if not table.hidden] or list(tables)
    located = [_locate(table, overrides if len(shown) == 1 else {}) for table in shown]
    known = [_known(table) for table in located]
    ranked = sorted(
        range(len(located)),
        key=lambda place: ("title" in known[place], len(known[place]), located[place].frame.height),
    )
    best = located[ranked[-1]]
    if "title" not in known[ranked[-1]] and "title" not in overrides:
        raise InputError(_no_title(best))
    others = [located[place] for place in ranked[:-1] if "title" in known[place]]
    return best, tuple(_left_out(table) for table in others if table.frame.height)


def take_columns(table: RawTable, overrides: Mapping[str, str]) -> pl.DataFrame:
    """Return the known columns by their names, as text, and ``row``: where each row stands."""
    cleaned = {name: clean_header(header) for name, header in overrides.items()}
    found = HEADERS.recognise(_clean(table), cleaned)
    cells = [pl.col(str(place)).alias(name) for name, place in found.columns.items()]
    stripped = table.frame.select(cells).select(pl.all().str.strip_chars())
    filled = stripped.select(pl.when(pl.all().str.len_bytes() > 0).then(pl.all()))
    return filled.insert_column(0, table.frame_rows.alias("row"))


def clean_header(cell: str) -> str:
    """Return a header without what nesting adds: ``fields.title``, ``item_name[…]#1.value``."""
    path = _PATH.match(cell.strip())
    if path is not None:
        name, number, leaf = path.groups()
        name += "" if number == "1" else number
        return name if leaf in _PLAIN_LEAVES else f"{name}.{leaf}"
    first, dot, rest = cell.strip().partition(".")
    return rest if dot and first.isidentifier() and rest.isidentifier() else cell


def _locate(table: RawTable, overrides: Mapping[str, str]) -> RawTable:
    """Return the table with its header at the names that are surest: machine names over labels."""
    located, found = HEADERS.locate(table, overrides)
    least = max(3.0, _AS_MANY * len(found.columns))
    start = located.header_at + 1
    for line, cells in enumerate(table.head(start + _NAMES_BELOW)[start:], start=start):
        names = HEADERS.recognise([clean_header(cell) for cell in cells]).columns
        if len(names) >= least:
            located = table.with_header_at(line)
    return located


def _known(table: RawTable) -> dict[str, int]:
    return HEADERS.recognise(_clean(table)).columns


def _clean(table: RawTable) -> list[str]:
    return [clean_header(cell) for cell in table.header]


def _no_title(table: RawTable) -> str:
    headers = ", ".join(f"'{cell[:_SHOWN]}'" for cell in table.header if cell) or "none"
    return (
        f"{table.path.name}: no column is known to hold product titles; headers found: {headers}; "
        'name it with --column title=HEADER, in Python columns={"title": "HEADER"}'
    )


def _left_out(table: RawTable) -> Problem:
    return Problem(
        table.path,
        f"the sheet '{table.sheet}' holds {table.frame.height} rows with titles too, and was left "
        "out as only one sheet is read",
        "save it as a file of its own if they are products",
    )
