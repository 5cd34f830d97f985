"""Which lines of an account's file are entities, and what is told of the others."""

from collections.abc import Iterator

import polars as pl

from admatch.errors import Problem
from admatch.reports.rows import Columns, RowKind, classify_rows
from admatch.tables.raw import RawTable

_ROWS_NAMED = 10  # lines told one by one; further ones of a kind are counted
_BULK = ("bulk_campaigns", "bulk_v1")
_NOTES = {True: "the row names no entity", False: "the row has neither clicks nor cost"}
_SKIPPED = {
    RowKind.TOTAL: ("this is a total", "it was left out"),
    RowKind.HEADER: ("the header is repeated here", "it was left out"),
    RowKind.CUT: (
        "the last row ends before its last columns, so the file was cut off",
        "it was left out; download the file again",
    ),
}


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


def row_notices(table: RawTable, kinds: pl.Series, key: str) -> Iterator[Problem]:
    """Yield a problem for each of the first lines that were left out, and a count of the rest."""
    labels = table.frame.select(pl.coalesce(pl.all())).to_series()
    lines = pl.DataFrame({"kind": kinds, "row": table.frame_rows, "label": labels})
    skipped = _SKIPPED | {RowKind.NOTE: (_NOTES[key in _BULK], "it was left out")}
    for kind, (what, remedy) in skipped.items():
        rows = lines.filter(pl.col("kind") == kind.value)
        for row, label in rows.select("row", "label").head(_ROWS_NAMED).iter_rows():
            yield Problem(table.path, what, remedy, row=row, value=label)
        if rows.height > _ROWS_NAMED:
            more = f"{rows.height - _ROWS_NAMED} further rows: {what}"
            yield Problem(table.path, more, remedy)
