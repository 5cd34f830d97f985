"""Which column of a catalog file is which, whatever its format calls it."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from admatch.errors import InputError, Problem
from admatch.messages import Message, say
from admatch.tables.header_table import HeaderTable
from admatch.tables.raw import RawTable

_TABLE = Path(__file__).with_name("headers.toml")
HEADERS = HeaderTable.load(_TABLE)
ATTRIBUTES: tuple[str, ...] = tuple(tomllib.loads(_TABLE.read_text("utf-8"))["attributes"])

# Amazon's newer templates: bullet_point[marketplace_id=ATVPDKIKX0DER]#2.value
_PATH = re.compile(r"^(\w+)(?:\[[^\]]*\])*#(\d+)\.(\w+)$")
_PLAIN_LEAVES = ("value", "media_location")
_HEADER_LINES = 30
_NAMES_BELOW = 4  # machine names stand one to four lines below an Amazon template's labels
_SHOWN = 60  # letters of a header in a message
_AS_MANY = 0.6  # of the labels' columns that machine names must cover to be the header


class _Sheet(NamedTuple):
    """A table with its header found: whether it has a title, and how many columns are known."""

    table: RawTable
    titled: bool
    known: int


def choose_table(
    tables: Sequence[RawTable], overrides: Mapping[str, str]
) -> tuple[RawTable, tuple[Problem, ...]]:
    """Return the sheet with the most known columns, its header located.

    Each further sheet with titles gives a ``Problem``. Raises ``InputError`` where no sheet has a
    title column.
    """
    shown = [table for table in tables if not table.hidden] or list(tables)
    sheets = [_locate(table, overrides) for table in shown]
    ranked = sorted(sheets, key=lambda sheet: (sheet.titled, sheet.known, sheet.table.frame.height))
    best = ranked[-1]
    if not best.titled and "title" not in overrides:
        raise InputError(_no_title(best.table))
    others = [sheet.table for sheet in ranked[:-1] if sheet.titled and sheet.table.frame.height]
    return best.table, tuple(_left_out(table) for table in others)


def take_columns(table: RawTable, overrides: Mapping[str, str]) -> pl.DataFrame:
    """Return the known columns by their names, as text, and ``row``: the number of each row."""
    cleaned = {name: clean_header(header) for name, header in overrides.items()}
    found = HEADERS.recognise(_clean(table), cleaned)
    cells = [pl.col(str(at)).alias(name) for name, at in found.columns.items()]
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


def _locate(table: RawTable, overrides: Mapping[str, str]) -> _Sheet:
    """Return the table with its header at the surest names: machine names rather than labels."""
    cells = {cell.strip() for line in table.head(_HEADER_LINES) for cell in line}
    here = {name: header for name, header in overrides.items() if header.strip() in cells}
    located, found = HEADERS.locate(table, here)
    names, least = set(found.columns), max(3.0, _AS_MANY * len(found.columns))
    start = located.header_at + 1
    for line, below in enumerate(table.head(start + _NAMES_BELOW)[start:], start=start):
        machine = HEADERS.recognise([clean_header(cell) for cell in below]).columns
        if len(machine) >= least:
            located, names = table.with_header_at(line), set(machine)
    known = names | set(HEADERS.recognise(_clean(located)).columns)
    return _Sheet(located, "title" in known, len(known))


def _clean(table: RawTable) -> list[str]:
    return [clean_header(cell) for cell in table.header]


def _no_title(table: RawTable) -> Message:
    headers = ", ".join(f"'{cell[:_SHOWN]}'" for cell in table.header if cell)
    return say(
        "catalog.columns.no_title",
        file=table.path.name,
        headers=headers or say("catalog.columns.no_headers"),
    )


def _left_out(table: RawTable) -> Problem:
    sheet, rows = str(table.sheet), table.frame.height
    what = say("catalog.columns.sheet_left_out", sheet=sheet, n=rows)
    return Problem(table.path, what, say("catalog.columns.save_sheet"))
