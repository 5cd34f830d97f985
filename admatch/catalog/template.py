"""Which line of a catalog is its header; Amazon's templates have several, and examples below."""

import re
from collections.abc import Sequence
from dataclasses import replace

from admatch.catalog.headers import HEADERS, plain_headers
from admatch.tables.raw import RawTable

_SETTING = re.compile(r"\b(labelRow|attributeRow|dataRow)=(\d+)")
_HEADER_LINES = 30
_NAMES_BELOW = 4  # machine names stand one to four lines below a template's labels
_AS_MANY = 0.6  # of the labels' columns that machine names must cover, of a header's cells known
_HEADER = 2  # known names in a line that is a header rather than a product
_MACHINE = re.compile(r"^[a-z][a-z0-9]*(?:[_#.\[].*)?$")


def is_template(table: RawTable) -> bool:
    """Return whether a table begins as Amazon's templates do."""
    first = "".join(table.head(1)[0]) if table.lines.height else ""
    return "TemplateType=" in first or _SETTING.search(first) is not None


def with_header(table: RawTable, named: frozenset[str]) -> RawTable:
    """Return the table with its header set: machine names below labels, no example rows.

    ``named`` are headers that stand in the header for sure.
    """
    lines = table.head(_HEADER_LINES)
    known = [_names(line) for line in lines]
    counts = [(len(named & set(line)), len(one)) for line, one in zip(lines, known, strict=True)]
    at = counts.index(max(counts)) if counts else 0
    if counts and not counts[at][0]:
        at = next((one for one in range(at - 1) if _begins(lines, known, one, at)), at)
    least = max(3.0, _AS_MANY * (len(known[at]) if known else 0))
    for below in range(at + 1, min(at + 1 + _NAMES_BELOW, len(lines))):
        if len(known[below]) >= least and _is_machine(lines[below]) and not _is_machine(lines[at]):
            at = below
    return _without_examples(table.with_header_at(at))


def _names(line: tuple[str, ...]) -> set[str]:
    return set(HEADERS.ranked(plain_headers(line)))


def _begins(
    lines: Sequence[tuple[str, ...]], known: Sequence[set[str]], above: int, best: int
) -> bool:
    """Return whether a line is the header of a table that stands above another, larger one."""
    filled = [cell for cell in lines[above] if cell]
    header = "title" in known[above] and len(known[above]) >= max(2, _AS_MANY * len(filled))
    between = [one for one in range(above + 1, best) if len(known[one]) < _HEADER]
    return header and bool(between) and not _is_machine(lines[best])


def _is_machine(line: tuple[str, ...]) -> bool:
    """Return whether a line has names that programs use, as most of its cells."""
    filled = [cell for cell in line if cell]
    return sum(_MACHINE.match(cell) is not None for cell in filled) > len(filled) / 2


def _without_examples(table: RawTable) -> RawTable:
    """Return a template without the rows between its header and its first product.

    The first cell says on which rows labels, machine names and products stand. Only distances
    count, as rows may have been removed above.
    """
    first = " ".join(table.head(1)[0]) if table.lines.height else ""
    settings = {name: int(row) for name, row in _SETTING.findall(first)}
    if "dataRow" not in settings:
        return table
    found = table.rows[table.header_at]
    known = settings.get("attributeRow" if _is_machine(table.header) else "labelRow", found)
    start = found + settings["dataRow"] - known
    kept = (table.rows <= found) | (table.rows >= start)
    return replace(table, lines=table.lines.filter(kept), rows=table.rows.filter(kept))
