"""Which tables of a file hold the products, and why the others are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from admatch.catalog.columns import known_columns
from admatch.catalog.headers import (
    EXAMPLE_SHEETS,
    HEADERS,
    WEAK_TITLES,
    advertising_figures,
    plain_headers,
)
from admatch.catalog.joined import Source, join_columns
from admatch.catalog.pasted import without_pasted
from admatch.catalog.template import is_template, with_header
from admatch.errors import InputError, Problem, shorten
from admatch.messages import Message, say
from admatch.tables.header_table import normalise
from admatch.tables.raw import RawTable

_FIGURES = 3  # columns of advertising from which a table is a report
_NAMED = 8  # sheets in a message
_OF_PRODUCTS = frozenset(
    ("product_id", "sku", "price", "brand", "category", "description", "image1", "bullet1")
)
_LIKE_PRODUCTS = 2  # of these, and a table lists products, whatever it calls their titles


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A table with its header found, and which column is which."""

    table: RawTable
    columns: dict[str, int]

    @property
    def titled(self) -> bool:
        """Whether it holds products: a lone column "name" may name anything."""
        if "title" not in self.columns or not self.table.frame.height:
            return False
        weak = normalise(self.table.header[self.columns["title"]]) in WEAK_TITLES
        return len(self.columns) > 1 or not weak

    @property
    def example(self) -> bool:
        """Whether the sheet shows how to fill a template."""
        words = normalise(self.table.sheet or "")
        return any(word in words for word in EXAMPLE_SHEETS)

    @property
    def headers(self) -> dict[str, str]:
        header = self.table.header
        return {name: normalise(header[at]) for name, at in self.columns.items()}

    @cached_property
    def titles(self) -> pl.Series:
        return self._texts("title")

    @cached_property
    def ids(self) -> pl.Series:
        """What tells the products apart: the surest column that the sheet has."""
        names = (one for one in ("product_id", "sku", "title") if one in self.columns)
        return self._texts(next(names))

    @property
    def rank(self) -> tuple[bool, bool, bool, int, int]:
        template = is_template(self.table)
        distinct = self.titles.n_unique() if self.titled else 0
        return self.titled, not self.example, template, len(self.columns), distinct

    def _texts(self, name: str) -> pl.Series:
        return self.table.frame[str(self.columns[name])].drop_nulls().str.strip_chars()


def choose_tables(
    tables: Sequence[RawTable], overrides: Mapping[str, str]
) -> tuple[list[RawTable], list[Problem]]:
    """Return the tables that hold the products, with their headers found.

    The best table is read, and those with the same columns that hold other products. Every other
    one is named in a ``Problem``, with the reason. Raises ``InputError`` where no table has titles,
    or where the file is a report.
    """
    located = [sheet for table in tables for sheet in _sheets(table, overrides)]
    sheets = [sheet for sheet in located if not sheet.table.hidden] or located
    best = max(sheets, key=lambda sheet: sheet.rank)
    if "title" not in best.columns:
        known_columns(best.table, overrides)  # says so if a named header is missing
        raise InputError(_no_title(best.table))
    _refuse_report(best)
    read, left_out = [best], []
    for sheet in sheets:
        if sheet is best or not sheet.titled:
            continue
        reason = _reason(sheet, read)
        if reason is None:
            read.append(sheet)
        else:
            left_out.append((sheet, reason))
    untitled = [one for one in sheets if one is not best and not one.titled]
    read, joined = _joined(read, [*(sheet for sheet, _ in left_out), *untitled])
    problems = [reason for sheet, reason in left_out if sheet not in joined]
    hidden = [one.table for one in located if one.table.hidden and one.titled]
    problems += _named([one.table for one in untitled if one not in joined], hidden=False)
    problems += _named(hidden, hidden=True) if len(sheets) < len(located) else []
    return [one.table for one in read], [*joined.values(), *problems]


def present(overrides: Mapping[str, str], table: RawTable) -> dict[str, str]:
    """Return the overrides whose headers a table has near its top."""
    if not overrides:
        return {}
    cells = {normalise(cell) for line in table.head(30) for cell in line}
    return {name: header for name, header in overrides.items() if normalise(header) in cells}


def _sheets(table: RawTable, overrides: Mapping[str, str]) -> list[_Sheet]:
    """Return a sheet of a file, or each of the tables pasted below each other in it."""
    sheet = _located(table, overrides)
    if not sheet.titled:
        return [sheet]
    first, *pasted = without_pasted(sheet.table, sheet.columns["title"])
    here = present(overrides, first)
    return [
        _Sheet(first, known_columns(first, here)),
        *(_located(one, overrides) for one in pasted),
    ]


def _located(table: RawTable, overrides: Mapping[str, str]) -> _Sheet:
    """Return the table with its header found; of ``overrides`` those count that are in it."""
    here = present(overrides, table)
    located = with_header(table, frozenset(header.strip() for header in here.values()))
    return _Sheet(located, known_columns(located, here))


def _joined(
    read: Sequence[_Sheet], others: Sequence[_Sheet]
) -> tuple[list[_Sheet], dict[_Sheet, Problem]]:
    """Return the sheets of products with further columns, and the sheets that gave them."""
    found, joined = list(read), {}
    for sheet in others:
        if sheet.example or sheet.table.sheet in (None, read[0].table.sheet):
            continue
        for at, one in enumerate(found):
            both = join_columns(Source(one.table, one.columns), Source(sheet.table, sheet.columns))
            if both is not None:
                table, joined[sheet] = both
                found[at] = _Sheet(table, known_columns(table, {}))
    return found, joined


def _reason(sheet: _Sheet, read: Sequence[_Sheet]) -> Problem | None:
    """Return why a sheet with titles is left out; None where it has more products to read."""
    best, name, rows = read[0], shorten(str(sheet.table.sheet)), sheet.table.frame.height
    nothing_lost, path = say("catalog.identity.nothing_lost"), sheet.table.path
    if sheet.table.sheet == best.table.sheet:  # pasted below it
        return None
    if sheet.example and not best.example:
        return Problem(path, say("catalog.columns.example_sheet", sheet=name, n=rows), nothing_lost)
    ids = pl.concat([one.ids for one in read]).implode()
    titles = pl.concat([one.titles for one in read]).implode()
    if sheet.ids.is_in(ids).all() and sheet.titles.is_in(titles).all():
        return Problem(path, say("catalog.columns.same_products", sheet=name, n=rows), nothing_lost)
    if sheet.headers != best.headers:
        other = shorten(str(best.table.sheet))
        what = say("catalog.columns.other_columns", sheet=name, n=rows, other=other)
        return Problem(path, what, say("catalog.columns.save_sheet"))
    return None


def _named(tables: Sequence[RawTable], *, hidden: bool) -> list[Problem]:
    names = [shorten(str(table.sheet), 30) for table in tables if table.frame.height]
    if not names:
        return []
    listed = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    if hidden:
        what = say("catalog.columns.hidden_sheets", n=len(names), sheets=listed)
        return [Problem(tables[0].path, what, say("catalog.columns.show_sheets"))]
    what = say("catalog.columns.untitled_sheets", n=len(names), sheets=listed)
    return [Problem(tables[0].path, what, say("catalog.columns.give_titles"))]


def _refuse_report(sheet: _Sheet) -> None:
    """Raise ``InputError`` where a table with titles is a report of advertising."""
    found = advertising_figures(sheet.table.header)
    products = {"sku", "price", "parent_id", "bullet1", "description"} & set(sheet.columns)
    if len(found) >= _FIGURES and not products and "product_id" not in sheet.columns:
        headers = ", ".join(f"'{shorten(cell, 30)}'" for cell in found[:_NAMED])
        raise InputError(say("catalog.columns.report", file=sheet.table.path.name, headers=headers))


def _no_title(table: RawTable) -> Message:
    """Return what is wrong with a table without titles: no header for them, or names of others."""
    weak = HEADERS.ranked(plain_headers(table.header)).get("title", ())
    if weak:
        column = table.frame[str(weak[0])].drop_nulls()
        return say(
            "catalog.columns.names_of_others",
            file=table.path.name,
            header=table.header[weak[0]],
            n=column.n_unique(),
            rows=len(column),
        )
    headers = ", ".join(f"'{shorten(cell)}'" for cell in table.header if cell)
    if len(_OF_PRODUCTS & set(known_columns(table, {}))) >= _LIKE_PRODUCTS:
        return say("catalog.columns.only_title_missing", file=table.path.name, headers=headers)
    return say(
        "catalog.columns.no_title",
        file=table.path.name,
        headers=headers or say("catalog.columns.no_headers"),
    )
