"""Which lines of an account's file are entities, and what is told of the others."""

import polars as pl

from admatch.reports.notices import SKIPPED, Told, left_out
from admatch.reports.rows import Columns, RowKind, classify_rows, first_cells
from admatch.tables.raw import RawTable

_BULK = ("bulk_campaigns", "bulk_v1")
_REMEDY = "it was left out"


def classify_account_rows(table: RawTable, columns: Columns, key: str) -> pl.Series:
    """Return the ``RowKind`` of each row of ``table.frame``; ``key`` is the format's."""
    if key not in _BULK:
        # what a search term is to its report, a row's campaign is to these
        header = columns.headers["campaign"]
        cells = columns.cells.with_columns(search_term=columns.get("campaign"))
        named = Columns(cells, columns.headers | {"search_term": header}, columns.rows)
        return classify_rows(table, named)
    entity = columns.get("entity")
    places = pl.int_range(table.frame.height, eager=True)
    kinds = pl.DataFrame(
        {
            "note": entity.is_null(),
            "header": (entity.str.strip_chars() == columns.headers["entity"]).fill_null(False),
            "cut": (places == table.frame.height - 1) & pl.Series([table.is_cut]),
        }
    )
    kind = (
        pl.when("note")
        .then(pl.lit(RowKind.NOTE.value))
        .when("header")
        .then(pl.lit(RowKind.HEADER.value))
        .when("cut")
        .then(pl.lit(RowKind.CUT.value))
        .otherwise(pl.lit(RowKind.DATA.value))
    )
    return kinds.select(kind.alias("kind")).to_series()


def left_out_lines(table: RawTable, kinds: pl.Series, key: str) -> dict[RowKind, Told]:
    """Return what is told of the lines that are no entities."""
    lines = pl.DataFrame(
        {"kind": kinds, "row": table.frame_rows, "label": first_cells(table.frame)}
    )
    said = SKIPPED | {RowKind.TOTAL: ("this is a total", _REMEDY)}
    if key in _BULK:
        said[RowKind.NOTE] = ("the row names no entity", _REMEDY)
    return left_out(table.path, lines, said)
