"""The recognised columns of a report's rows → columns of ``REPORT_SCHEMA``, and the faults."""

from dataclasses import dataclass

import polars as pl

from admatch.reports.currencies import find_currencies
from admatch.reports.identifiers import read_ids
from admatch.reports.marketplaces import find_marketplaces
from admatch.reports.measures import AMOUNTS, COUNTS, RATIOS, Measures
from admatch.reports.notices import TEXT_COLUMNS
from admatch.reports.parts import Sheet
from admatch.reports.periods import Periods
from admatch.reports.records import REPORT_SCHEMA
from admatch.reports.rows import Columns
from admatch.reports.terms import classify_terms
from admatch.tables.spellings import ERROR_CELL


@dataclass(frozen=True, slots=True, eq=False)
class TypedRows:
    """Rows of a report in ``frame`` (columns of ``REPORT_SCHEMA``), unreadable ones among them.

    ``bad`` has a Boolean column for each one that may be unreadable; ``damaged_ids`` the IDs that
    lost digits, by column: ``row`` and ``value``.
    """

    frame: pl.DataFrame
    bad: pl.DataFrame
    damaged_ids: dict[str, pl.DataFrame]

    @property
    def is_good(self) -> pl.Series:
        """Whether all cells of each row can be read."""
        return ~self.bad.select(pl.any_horizontal(pl.lit(False), pl.all())).to_series()


def typed_rows(sheet: Sheet, rows: Columns, measures: Measures, periods: Periods) -> TypedRows:
    """Return ``rows`` with all columns of ``REPORT_SCHEMA``."""
    ids, damaged = read_ids(rows)
    bad = pl.concat([measures.bad, periods.bad, _errors(rows)], how="horizontal")
    frame = _frame(sheet, rows, measures, periods).hstack(ids).select(*REPORT_SCHEMA)
    return TypedRows(frame, bad, damaged)


def _errors(rows: Columns) -> pl.DataFrame:
    """Return where a name or a term is a spreadsheet's error, for the columns that have one."""
    names = [name for name in TEXT_COLUMNS if name in rows.cells.columns]
    marked = pl.col(names).str.starts_with("#") | pl.col(names).str.starts_with("Err:")
    some = rows.cells.select(marked.any())
    names = [one.name for one in some if one[0]]  # hardly ever any
    is_error = pl.col(names).str.strip_chars().str.contains(ERROR_CELL).fill_null(False)
    errors = rows.cells.select(is_error) if names else pl.DataFrame()
    return pl.DataFrame([one for one in errors if one.any()])


def _frame(sheet: Sheet, rows: Columns, measures: Measures, periods: Periods) -> pl.DataFrame:
    names = ("portfolio", "campaign", "ad_group", "search_term")
    texts = pl.DataFrame([rows.get(name) for name in names]).with_columns(
        pl.all().str.strip_chars()
    )
    is_walmart = sheet.kind.key == "walmart"
    frame = pl.DataFrame(
        {
            "row": rows.rows,
            "start_date": periods.start,
            "end_date": periods.end,
            "currency": _currencies(rows).fill_null(pl.lit(sheet.currency, pl.String)),
            "marketplace": find_marketplaces(rows.get("marketplace")),
            **texts.to_dict(),
            "targeting": _either(rows.get("targeting"), rows.get("target_expression")),
            "match_type": _either(rows.get("match_type"), rows.get("keyword_type")),
            "term_kind": classify_terms(texts["search_term"], numbers_are_items=is_walmart),
        }
    )
    # an empty cell of a column that the file has means 0
    figures = measures.values.drop(RATIOS, strict=False).fill_null(0)
    absent = [
        pl.lit(None, REPORT_SCHEMA[name]).alias(name)
        for name in (*COUNTS, *AMOUNTS)
        if name not in figures.columns
    ]
    return frame.hstack(figures).with_columns(pl.lit(sheet.label).alias("file"), *absent)


def _currencies(rows: Columns) -> pl.Series:
    amounts = [name for name in AMOUNTS if name in rows.headers]
    return find_currencies(
        rows.cells["currency"] if "currency" in rows.headers else None,
        [rows.cells[name] for name in amounts],
        [rows.headers[name] for name in amounts],
    )


def _either(first: pl.Series, second: pl.Series) -> pl.Series:
    return first.zip_with(first.is_not_null(), second) if first.null_count() else first
