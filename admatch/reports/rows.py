"""Which lines of a report are data: totals, repeated headers and notes are told apart."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

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
    """A table's recognised columns as text: ``cells`` and the file's ``headers`` by our names.

    ``rows`` are the row numbers as a spreadsheet shows them.
    """

    cells: pl.DataFrame
    headers: dict[str, str]
    rows: pl.Series

    def get(self, name: str) -> pl.Series:
        """Return the column ``name``, all null where the table has none."""
        if name in self.cells.columns:
            return self.cells[name]
        return pl.Series(name, [None] * self.cells.height, pl.String)

    def filter(self, kept: pl.Series) -> "Columns":
        """Return the same columns with the rows where ``kept`` is true."""
        return Columns(self.cells.filter(kept), self.headers, self.rows.filter(kept))


def classify_rows(table: RawTable, columns: Columns) -> pl.Series:
    """Return the ``RowKind`` of each row of ``table.frame``."""
    term, campaign, ad_group = (
        columns.get(name) for name in ("search_term", "campaign", "ad_group")
    )
    clicks, spend = columns.get("clicks"), columns.get("spend")
    label = table.frame.select(pl.coalesce(pl.all())).to_series()
    has_campaigns = "campaign" in columns.headers
    nameless = campaign.is_null() | (campaign == label)
    if has_campaigns:
        total = label.str.contains(_TOTAL) & nameless.fill_null(True) & ad_group.is_null()
        total = total | (term.is_null() & campaign.is_null() & ad_group.is_null())
    else:
        total = (label.str.contains(_TOTAL) & _at_the_edge(table)) | term.is_null()
    header = _repeats(term, columns, "search_term") & _repeats(clicks, columns, "clicks")
    note = clicks.is_null() & spend.is_null()
    kinds = pl.DataFrame({"total": total, "header": header, "note": note, "cut": _is_cut(table)})
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


def _repeats(cells: pl.Series, columns: Columns, name: str) -> pl.Series:
    return (cells.str.strip_chars() == columns.headers[name].strip()).fill_null(False)


def _at_the_edge(table: RawTable) -> pl.Series:
    places = pl.int_range(table.frame.height, eager=True)
    return (places < _EDGE_LINES) | (places >= table.frame.height - _EDGE_LINES)


def _is_cut(table: RawTable) -> pl.Series:
    """Return true for the last row of a file that was cut off in it."""
    places = pl.int_range(table.frame.height, eager=True)
    return (places == table.frame.height - 1) & pl.Series([table.is_cut])
