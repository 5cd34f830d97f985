"""Amazon's listing templates: rows of labels, names and examples above the products."""

import re
from dataclasses import replace

from admatch.catalog.headers import HEADERS, plain_headers
from admatch.tables.raw import RawTable

_SETTING = re.compile(r"\b(attributeRow|dataRow)=(\d+)")
_HEADER_LINES = 30
_NAMES_BELOW = 4  # machine names stand one to four lines below a template's labels
_AS_MANY = 0.6  # of the labels' columns that machine names must cover to be the header


def is_template(table: RawTable) -> bool:
    """Return whether a table begins as Amazon's templates do."""
    first = "".join(table.head(1)[0]) if table.lines.height else ""
    return "TemplateType=" in first or _SETTING.search(first) is not None


def with_header(table: RawTable, named: frozenset[str]) -> RawTable:
    """Return the table with its header set: machine names rather than labels, no example rows.

    ``named`` are headers that stand in the header for sure.
    """
    lines = table.head(_HEADER_LINES)
    known = [(len(named & set(line)), _known(line)) for line in lines]
    at = known.index(max(known)) if known else 0
    least = max(3.0, _AS_MANY * (known[at][1] if known else 0))
    for below in range(at + 1, min(at + 1 + _NAMES_BELOW, len(lines))):
        if known[below][1] >= least:
            at = below
    return _without_examples(table.with_header_at(at))


def _known(line: tuple[str, ...]) -> int:
    return len(HEADERS.ranked(plain_headers(line)))


def _without_examples(table: RawTable) -> RawTable:
    """Return a template without the rows between its machine names and its first product.

    The first cell says on which row either stands. Only their distance counts, as rows may have
    been removed above.
    """
    first = " ".join(table.head(1)[0]) if table.lines.height else ""
    settings = {name: int(row) for name, row in _SETTING.findall(first)}
    if len(settings) < 2:
        return table
    start = table.rows[table.header_at] + settings["dataRow"] - settings["attributeRow"]
    kept = (table.rows <= table.rows[table.header_at]) | (table.rows >= start)
    return replace(table, lines=table.lines.filter(kept), rows=table.rows.filter(kept))
