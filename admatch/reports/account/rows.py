"""Which lines of an account's file are entities, and the problems of the others."""

import polars as pl

from admatch.messages import say
from admatch.reports.notices import RowProblems, left_out, skip_messages
from admatch.reports.rows import Columns, RowKind, classify_rows, first_cells
from admatch.tables.raw import RawTable

_BULK = ("bulk_campaigns", "bulk_v1")


def classify_account_rows(table: RawTable, columns: Columns, key: str) -> pl.Series:
    """Return the ``RowKind`` of each row of ``table.frame``; ``key`` is the format's."""
    if key not in _BULK:
        # a campaign is to these reports what a search term is to others: what each row is about
        header = columns.headers["campaign"]
        cells = columns.cells.with_columns(search_term=columns.get("campaign"))
        named = Columns(cells, columns.headers | {"search_term": header}, columns.rows)
        return classify_rows(table, named)
    entity = columns.get("entity")
    indices = pl.int_range(table.frame.height, eager=True)
    kinds = pl.DataFrame(
        {
            "note": entity.is_null(),
            "header": (entity.str.strip_chars() == columns.headers["entity"]).fill_null(False),
            "cut": (indices == table.frame.height - 1) & pl.Series([table.is_cut]),
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


def left_out_lines(table: RawTable, kinds: pl.Series, key: str) -> dict[RowKind, RowProblems]:
    """Return the problems of the lines that are not entities."""
    lines = pl.DataFrame(
        {"kind": kinds, "row": table.frame_rows, "label": first_cells(table.frame)}
    )
    remedy = say("reports.account.left_out")
    messages = skip_messages() | {RowKind.TOTAL: (say("reports.account.total"), remedy)}
    if key in _BULK:
        messages[RowKind.NOTE] = (say("reports.account.no_entity"), remedy)
    return left_out(table.path, lines, messages)
