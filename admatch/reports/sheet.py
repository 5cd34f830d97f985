"""One recognised table → its rows as a ``SearchTermReport``."""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.currencies import find_currencies
from admatch.reports.findings import Findings
from admatch.reports.formats import ReportFormat
from admatch.reports.identifiers import read_ids
from admatch.reports.marketplaces import find_marketplaces
from admatch.reports.measures import AMOUNTS, COUNTS, RATIOS, Measures
from admatch.reports.notices import (
    RowProblems,
    column_notices,
    left_out,
    skip_messages,
    unreadable,
)
from admatch.reports.parts import Part, Reading, Sheet, SheetEvidence, decide
from admatch.reports.periods import Periods, read_periods
from admatch.reports.ratios import tally_ratios
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport
from admatch.reports.rows import Columns, RowKind, first_cells
from admatch.reports.suspicious import contradictions
from admatch.reports.terms import classify_terms
from admatch.reports.totals import COMPARED, check_total_row
from admatch.tables.header_table import Recognition
from admatch.tables.raw import RawTable

# rows that are equal in every cell are equal in these: few are left to compare in full
_DISTINCTIVE = (
    "search_term",
    "campaign",
    "ad_group",
    "targeting",
    "start_date",
    "impressions",
    "spend",
)


def read_sheet(
    table: RawTable, found: Recognition, kind: ReportFormat, label: str, currency: str | None
) -> SearchTermReport:
    """Return the rows of ``table``; ``label`` is the text of the column ``file``.

    ``currency`` is that of rows that do not name their own. Lines that are not data and rows with
    unreadable cells are left out and named in problems. Raises ``InputError`` where numbers or
    dates can be read in two ways.
    """
    sheet = Sheet(table, found, kind, label, currency)
    part = Part(sheet, table)
    reading = decide(sheet, SheetEvidence.of(part))
    frame, findings, _ = read_part(part, reading, {})
    return conclude(sheet, reading, frame, findings, _repeats(frame))


def read_part(
    part: Part, reading: Reading, running: Mapping[str, float]
) -> tuple[pl.DataFrame, Findings, Mapping[str, float]]:
    """Return the rows of ``part``, what was found in them, and the running totals after it.

    ``running`` are the running totals of the earlier parts (see ``Measures.running``).
    """
    path, rows = part.table.path, part.rows
    measures = part.figures.read(reading.writing, running)
    periods = read_periods(part.sheet.table, rows, reading.day_order)
    bad = pl.concat([measures.bad, periods.bad], how="horizontal")
    good = ~bad.select(pl.any_horizontal(pl.lit(False), pl.all())).to_series()
    ids, damaged = read_ids(path, rows)
    frame = _filter(_frame(part, measures, periods).hstack(ids).select(*REPORT_SCHEMA), good)
    findings = Findings(
        lines=part.table.frame.height,
        rows=frame.height,
        is_daily=periods.granularity is Granularity.DAILY,
        nameless_currency=frame["currency"].null_count(),
        total=part.total,
        overlong=RowProblems(*part.table.overlong),
        left_out=left_out(path, _skipped(part), skip_messages()),
        unreadable=unreadable(path, bad, rows),
        damaged_ids=damaged,
        ratios=tally_ratios(_filter(measures.values, good), rows.filter(good), reading.ratios),
        suspicious=contradictions(frame),
    )
    return frame, findings, measures.running


def conclude(
    sheet: Sheet, reading: Reading, frame: pl.DataFrame, findings: Findings, repeats: int
) -> SearchTermReport:
    """Return the report of all rows of a sheet; ``repeats`` of them equal another one."""
    table, headers = sheet.table, sheet.found.named
    sums = dict(zip(COMPARED, frame.select(pl.col(COMPARED).sum()).row(0), strict=True))
    signs = reading.writing.signs
    problems = [
        *table.read_problems,
        *table.overlong_problems(findings.overlong.first, findings.overlong.count),
        *column_notices(table.path, sheet.found, sheet.kind),
        *findings.row_problems(table.path),
        *read_periods(table, _no_rows(sheet), reading.day_order).problems,
        *_file_notices(sheet, reading, findings, repeats),
        *check_total_row(table.path, findings.total, signs, sums, findings.rows),
        *findings.ratio_problems(table.path, headers),
    ]
    return SearchTermReport(
        frame=frame,
        sources=(table.path,),
        granularity=Granularity.DAILY if findings.is_daily else Granularity.SUMMARY,
        window_days=_window(sheet.found, sheet.kind),
        problems=tuple(problems),
        skipped=findings.lines - findings.rows,
        formats=(sheet.kind.name,),
    )


def _frame(part: Part, measures: Measures, periods: Periods) -> pl.DataFrame:
    """Return the rows with all columns of ``REPORT_SCHEMA`` but the IDs."""
    rows, sheet = part.rows, part.sheet
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


def _filter(frame: pl.DataFrame, mask: pl.Series) -> pl.DataFrame:
    return frame if mask.all() else frame.filter(mask)


def _skipped(part: Part) -> pl.DataFrame:
    """Return kind, row number and first cell of the lines that are not data."""
    skipped = part.kinds != RowKind.DATA.value
    lines = _filter(part.table.frame, skipped)
    rows, kinds = part.table.frame_rows.filter(skipped), part.kinds.filter(skipped)
    return pl.DataFrame({"kind": kinds, "row": rows, "label": first_cells(lines)})


def _file_notices(
    sheet: Sheet, reading: Reading, findings: Findings, repeats: int
) -> Iterator[Problem]:
    path, rounded = sheet.table.path, reading.writing.rounded
    if rounded:
        what = say("reports.sheet.rounded", columns=", ".join(rounded))
        yield Problem(path, what, say("reports.sheet.running_total"))
    if findings.nameless_currency:
        what = say("reports.sheet.currency", n=findings.nameless_currency)
        yield Problem(path, what, say("reports.sheet.name_currency"))
    if repeats:
        what = say("reports.sheet.repeats", n=repeats)
        yield Problem(path, what, say("reports.sheet.check_pasted"))
    if not findings.rows:
        yield Problem(path, say("reports.sheet.no_rows"), say("reports.sheet.check_dates"))


def _repeats(frame: pl.DataFrame) -> int:
    """Return how many rows are equal to another one."""
    hashes = frame.select(_DISTINCTIVE).hash_rows().to_numpy()
    ordered = np.sort(hashes)  # a tenth of the time of looking each up
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(again):
        return 0
    similar = frame.filter(pl.Series(np.isin(hashes, again)))
    return int(similar.select(pl.exclude("row")).is_duplicated().sum())


def _no_rows(sheet: Sheet) -> Columns:
    cells = pl.DataFrame(schema=dict.fromkeys(sheet.found.columns, pl.String))
    return Columns(cells, sheet.found.named, pl.Series([], dtype=pl.Int64))


def _window(found: Recognition, kind: ReportFormat) -> int | None:
    return found.days.get("sales") or found.days.get("orders") or kind.window_days
