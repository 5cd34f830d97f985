"""One recognised table → its rows as a ``SearchTermReport``."""

from collections.abc import Iterator

import polars as pl

from admatch.errors import Problem
from admatch.reports.currencies import find_currencies
from admatch.reports.formats import ReportFormat
from admatch.reports.identifiers import read_ids
from admatch.reports.measures import AMOUNTS, COUNTS, RATIOS, Measures, parse_measures
from admatch.reports.notices import cell_notices, column_notices, row_notices
from admatch.reports.periods import Periods, find_periods
from admatch.reports.ratios import check_ratios
from admatch.reports.records import REPORT_SCHEMA, SearchTermReport
from admatch.reports.rows import Columns, RowKind, classify_rows
from admatch.reports.terms import classify_terms
from admatch.reports.totals import check_total_rows
from admatch.tables.header_table import Recognition
from admatch.tables.raw import RawTable


def read_sheet(
    table: RawTable, found: Recognition, kind: ReportFormat, label: str, currency: str | None
) -> SearchTermReport:
    """Return the rows of ``table``; ``label`` is what the column ``file`` says.

    ``currency`` is taken where a row does not tell its own. Lines that are no data and rows with
    unreadable cells are left out and told. Raises ``InputError`` where numbers or dates can be
    read in two ways.
    """
    everything = _select(table, found)
    kinds = classify_rows(table, everything)
    columns = everything.filter(kinds == RowKind.DATA.value)
    measures = _measures(table, columns)
    periods = find_periods(table, columns)
    bad = pl.concat([measures.bad, periods.bad], how="horizontal")
    good = ~bad.select(pl.any_horizontal(pl.lit(False), pl.all())).to_series()
    ids, id_problems = read_ids(table.path, columns)
    frame = _frame(columns, measures, periods, label, kind.key == "walmart")
    frame = frame.with_columns(pl.col("currency").fill_null(pl.lit(currency, pl.String)))
    frame = frame.hstack(ids).filter(good).select(*REPORT_SCHEMA)
    totals = everything.filter(kinds == RowKind.TOTAL.value)
    problems = [
        *table.problems,
        *column_notices(table.path, found, kind),
        *row_notices(table.path, _told(table, kinds)),
        *cell_notices(table.path, bad, columns),
        *id_problems,
        *periods.problems,
        *_measure_notices(table, frame, measures),
        *check_total_rows(table.path, totals, measures.signs, frame),
        *check_ratios(table.path, measures.values.filter(good), columns.filter(good)),
    ]
    return SearchTermReport(
        frame=frame,
        sources=(table.path,),
        granularity=periods.granularity,
        window_days=_window(found, kind),
        problems=tuple(problems),
        skipped=table.frame.height - frame.height,
        formats=(kind.name,),
    )


def _select(table: RawTable, found: Recognition) -> Columns:
    frame = table.frame
    cells = [frame.to_series(place).alias(name) for name, place in found.columns.items()]
    headers = {name: found.header[place].strip() for name, place in found.columns.items()}
    return Columns(pl.DataFrame(cells), headers, table.frame_rows)


def _measures(table: RawTable, columns: Columns) -> Measures:
    names = [name for name in (*COUNTS, *AMOUNTS, *RATIOS) if name in columns.headers]
    return parse_measures(
        columns.cells.select(names), columns.headers, typed=table.typed, file=table.path.name
    )


def _frame(
    columns: Columns, measures: Measures, periods: Periods, label: str, numbers_are_items: bool
) -> pl.DataFrame:
    """Return the rows with all columns of ``REPORT_SCHEMA`` but the ids."""
    amounts = [name for name in AMOUNTS if name in columns.headers]
    texts = {
        name: columns.get(name).str.strip_chars()
        for name in ("portfolio", "campaign", "ad_group", "search_term")
    }
    targeting = [columns.get("targeting"), columns.get("target_expression")]
    match_type = [columns.get("match_type"), columns.get("keyword_type")]
    currencies = find_currencies(
        columns.cells["currency"] if "currency" in columns.headers else None,
        [columns.cells[name] for name in amounts],
        [columns.headers[name] for name in amounts],
    )
    frame = pl.DataFrame(
        {
            "row": columns.rows,
            "start_date": periods.start,
            "end_date": periods.end,
            "currency": currencies,
            **texts,
            "targeting": pl.select(pl.coalesce(targeting)).to_series(),
            "match_type": pl.select(pl.coalesce(match_type)).to_series(),
            "term_kind": classify_terms(texts["search_term"], numbers_are_items=numbers_are_items),
        }
    )
    # an empty cell of a column that is there means none
    figures = measures.values.drop(RATIOS, strict=False).fill_null(0)
    absent = [
        pl.lit(None, REPORT_SCHEMA[name]).alias(name)
        for name in (*COUNTS, *AMOUNTS)
        if name not in figures.columns
    ]
    return frame.hstack(figures).with_columns(pl.lit(label).alias("file"), *absent)


def _told(table: RawTable, kinds: pl.Series) -> pl.DataFrame:
    first_cells = table.frame.select(pl.coalesce(pl.all())).to_series()
    return pl.DataFrame({"kind": kinds, "row": table.frame_rows, "label": first_cells})


def _measure_notices(table: RawTable, frame: pl.DataFrame, measures: Measures) -> Iterator[Problem]:
    if measures.rounded:
        what = f"the column counts parts of {' and '.join(measures.rounded)}"
        yield Problem(
            table.path, what, "they were rounded so that the running total is kept to within one"
        )
    unknown = frame["currency"].null_count()
    if unknown:
        yield Problem(
            table.path,
            f"the file does not tell the currency of {unknown} rows",
            "name it, or add a column 'Currency' with codes like USD",
        )
    repeats = frame.select(pl.exclude("row")).is_duplicated().sum()
    if repeats:
        what = f"{repeats} rows are equal to another row in every cell"
        yield Problem(table.path, what, "they were kept; check that nothing was pasted twice")
    if not frame.height:
        yield Problem(table.path, "the file has headers but no rows", "check its date range")


def _window(found: Recognition, kind: ReportFormat) -> int | None:
    return found.days.get("sales") or found.days.get("orders") or kind.window_days
