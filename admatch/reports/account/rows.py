"""Which lines of an account's file are entities, and the problems of the others."""

import polars as pl

from admatch.messages import say
from admatch.reports.notices import RowProblems, left_out, skip_messages
from admatch.reports.rows import Columns, RowKind, classify_rows, first_cells
from admatch.reports.suspects import RowShape, has_total_word, is_total_label
from admatch.tables.raw import RawTable

_BULK = ("bulk_campaigns", "bulk_v1")


def classify_account_rows(table: RawTable, columns: Columns, key: str) -> pl.Series:
    """Return the ``RowKind`` of each row of ``table.frame``; ``key`` is the format's."""
    if key not in _BULK:
        # a campaign is to these reports what a search term is to others: what each row is about
        header = columns.headers["campaign"]
        cells = columns.cells.with_columns(search_term=columns.get("campaign"))
        named = Columns(cells, columns.headers | {"search_term": header}, columns.rows)
        classified = classify_rows(table, named, _is_total(table, columns))
        return classified.replace(RowKind.SUSPECT.value, RowKind.TOTAL.value)
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


def _is_total(table: RawTable, columns: Columns) -> pl.Series:
    """Return the rows that are called totals, and those without any name."""
    label = first_cells(table.frame)
    shape = RowShape.of(columns)
    lacking = shape.lacking(columns).select(pl.lit(False), *shape.groups)
    unlike = lacking.select(pl.any_horizontal(pl.all())).to_series()
    nameless = lacking.select(pl.all_horizontal(pl.lit(bool(shape.groups)), *shape.groups))
    campaign, ad_group = columns.get("campaign"), columns.get("ad_group")
    alone = ad_group.is_null() & (campaign.is_null() | (campaign == label).fill_null(False))
    named = (unlike & has_total_word(label)) | is_total_label(label)
    return (alone & named) | nameless.to_series()


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
