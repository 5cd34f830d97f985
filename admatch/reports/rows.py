"""Which lines of a report are data, and which are totals, repeated headers or notes."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from admatch.tables.header_table import Recognition
from admatch.tables.raw import RawTable


class RowKind(StrEnum):
    """What a line below the header is; a ``SUSPECT`` is either data or a total."""

    DATA = "data"
    SUSPECT = "suspect"
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
        frame = table.frame
        cells = [frame.to_series(at).alias(name) for name, at in found.columns.items()]
        return cls(pl.DataFrame(cells), found.named, table.frame_rows)

    def get(self, name: str) -> pl.Series:
        """Return the column ``name``, all null where the table has none."""
        if name in self.cells.columns:
            return self.cells[name]
        return pl.Series(name, [None], dtype=pl.String).new_from_index(0, self.cells.height)

    def filter(self, mask: pl.Series) -> "Columns":
        """Return the same columns with the rows where ``mask`` is true."""
        if mask.all():
            return self
        return Columns(self.cells.filter(mask), self.headers, self.rows.filter(mask))

    def tail(self, count: int) -> "Columns":
        """Return the last ``count`` rows."""
        return Columns(self.cells.tail(count), self.headers, self.rows.tail(count))


def classify_rows(
    table: RawTable, columns: Columns, suspect: pl.Series, *, is_last: bool = True
) -> pl.Series:
    """Return the ``RowKind`` of each row of ``table.frame``; ``suspect`` rows may be totals.

    ``is_last`` says whether the table holds its file's last row.
    """
    kinds = pl.DataFrame(
        {
            "suspect": suspect,
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
        .when("cut")
        .then(pl.lit(RowKind.CUT.value))
        .when("suspect")
        .then(pl.lit(RowKind.SUSPECT.value))
        .otherwise(pl.lit(RowKind.DATA.value))
    )
    return kinds.select(kind.alias("kind")).to_series()


def first_cells(frame: pl.DataFrame) -> pl.Series:
    """Return the first cell of each row that is not empty."""
    first = frame.to_series(0)
    return frame.select(pl.coalesce(pl.all())).to_series() if first.null_count() else first


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


def _is_cut(table: RawTable) -> pl.Series:
    """Return true for the last row of a file that was cut off there."""
    indices = pl.int_range(table.frame.height, eager=True)
    return (indices == table.frame.height - 1) & pl.Series([table.is_cut])


def _nowhere(table: RawTable) -> pl.Series:
    return pl.Series([False]).new_from_index(0, table.frame.height)
