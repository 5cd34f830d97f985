"""Which lines of a report are data, and which are totals, repeated headers or notes."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from admatch.tables.header_table import Recognition
from admatch.tables.raw import RawTable

_TOTAL = (
    r"(?i)^(?:grand\s+total|totals?|sum|summe|gesamt|gesamtsumme|gesamtergebnis|insgesamt|"
    r"totale|totales|total\s+général|totaal|合計|総計|小計|总计|合计|小计|總計)(?:\s*[:：(].*)?$"
)
_EDGE_LINES = 12  # totals stand in the first lines or the last ones


class RowKind(StrEnum):
    """What a line below the header is."""

    DATA = "data"
    TOTAL = "total"
    HEADER = "header"
    NOTE = "note"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Columns:
    """A table's recognised columns as text: ``cells``, and the file's ``headers``, by our names.

    ``rows`` are the row numbers as a spreadsheet shows them.
    """

    cells: pl.DataFrame
    headers: dict[str, str]
    rows: pl.Series

    @classmethod
    def of(cls, table: RawTable, found: Recognition) -> "Columns":
        """Return the columns of ``table`` that were recognised."""
        cells = [table.frame.to_series(at).alias(name) for name, at in found.columns.items()]
        return cls(pl.DataFrame(cells), found.named, table.frame_rows)

    def get(self, name: str) -> pl.Series:
        """Return the column ``name``, all null where the table has none."""
        if name in self.cells.columns:
            return self.cells[name]
        return pl.repeat(None, self.cells.height, dtype=pl.String, eager=True).alias(name)

    def filter(self, mask: pl.Series) -> "Columns":
        """Return the same columns with the rows where ``mask`` is true."""
        if mask.all():
            return self
        return Columns(self.cells.filter(mask), self.headers, self.rows.filter(mask))


def classify_rows(
    table: RawTable, columns: Columns, *, is_first: bool = True, is_last: bool = True
) -> pl.Series:
    """Return the ``RowKind`` of each row of ``table.frame``.

    ``is_first`` and ``is_last`` say whether the table holds its file's first and last rows.
    """
    kinds = pl.DataFrame(
        {
            "total": _is_total(table, columns, is_first, is_last),
            "header": _is_header(columns),
            "note": columns.get("clicks").is_null() & columns.get("spend").is_null(),
            "cut": _is_cut(table) if is_last else _nowhere(table),
        }
    )
    kind = (
        pl.when("header")
        .then(pl.lit(RowKind.HEADER.value))
        .when("note")
        .then(pl.lit(RowKind.NOTE.value))
        .when("total")
        .then(pl.lit(RowKind.TOTAL.value))
        .when("cut")
        .then(pl.lit(RowKind.CUT.value))
        .otherwise(pl.lit(RowKind.DATA.value))
    )
    return kinds.select(kind.alias("kind")).to_series()


def first_cells(frame: pl.DataFrame) -> pl.Series:
    """Return the first cell of each row that is not empty."""
    first = frame.to_series(0)
    return frame.select(pl.coalesce(pl.all())).to_series() if first.null_count() else first


def _is_total(table: RawTable, columns: Columns, is_first: bool, is_last: bool) -> pl.Series:
    term, campaign, ad_group = (
        columns.get(name) for name in ("search_term", "campaign", "ad_group")
    )
    label = first_cells(table.frame)
    if "campaign" not in columns.headers:
        edge = _at_the_edge(table, is_first, is_last)
        return _has_total(label, edge) | term.is_null()
    if not ad_group.null_count():
        return _nowhere(table)
    nameless = (campaign.is_null() | (campaign == label)).fill_null(True) & ad_group.is_null()
    return _has_total(label, nameless) | (term.is_null() & campaign.is_null() & ad_group.is_null())


def _has_total(label: pl.Series, where: pl.Series) -> pl.Series:
    """Return where ``label`` calls a row a total, among the rows ``where`` it may."""
    is_total = label.filter(where).str.contains(_TOTAL).fill_null(False)
    return where.scatter(where.arg_true(), is_total)


def _is_header(columns: Columns) -> pl.Series:
    # a number of clicks is shorter than the header: lengths are faster to compare than texts
    header = columns.headers["clicks"].strip()
    long = (columns.get("clicks").str.len_bytes() >= len(header.encode())).fill_null(False)
    rows = columns.cells.filter(long)
    if not rows.height:
        return long
    again = _repeats(rows["search_term"], columns, "search_term")
    return long.scatter(long.arg_true(), again & _repeats(rows["clicks"], columns, "clicks"))


def _repeats(cells: pl.Series, columns: Columns, name: str) -> pl.Series:
    return (cells.str.strip_chars() == columns.headers[name].strip()).fill_null(False)


def _at_the_edge(table: RawTable, is_first: bool, is_last: bool) -> pl.Series:
    indices = pl.int_range(table.frame.height, eager=True)
    behind = indices >= table.frame.height - _EDGE_LINES
    return ((indices < _EDGE_LINES) & pl.Series([is_first])) | (behind & pl.Series([is_last]))


def _is_cut(table: RawTable) -> pl.Series:
    """Return true for the last row of a file that was cut off there."""
    indices = pl.int_range(table.frame.height, eager=True)
    return (indices == table.frame.height - 1) & pl.Series([table.is_cut])


def _nowhere(table: RawTable) -> pl.Series:
    return pl.repeat(False, table.frame.height, eager=True)
