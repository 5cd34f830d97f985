"""One recognised table → its rows as a ``SearchTermReport``."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from admatch.errors import InputError, Problem, shorten
from admatch.messages import Message, say
from admatch.reports.findings import Findings
from admatch.reports.formats import ReportFormat
from admatch.reports.frames import typed_rows
from admatch.reports.identifiers import lost_digits
from admatch.reports.notices import (
    RowProblems,
    column_notices,
    left_out,
    skip_messages,
    unreadable,
)
from admatch.reports.overlaps import Overlaps, find_overlaps
from admatch.reports.parts import Part, Reading, Sheet, SheetEvidence, decide
from admatch.reports.periods import read_periods
from admatch.reports.ratios import tally_ratios
from admatch.reports.reconciliation import UNREADABLE, OwnTotal, Reconciliation
from admatch.reports.records import Granularity, SearchTermReport
from admatch.reports.rows import Columns, RowKind, first_cells
from admatch.reports.settling import Settled, read_suspects, settle, total_notices
from admatch.reports.suspect_rows import COMPARED
from admatch.reports.suspicious import contradictions, highest_cpc
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
    dates can be read in two ways, and where no row can be read.
    """
    sheet = Sheet.of(table, found, kind, label, currency)
    part = Part(sheet, table)
    reading = decide(sheet, SheetEvidence.of(part))
    frame, findings, _ = read_part(part, reading, {})
    settled = settle(findings, frame, _in_file_order)
    repeats = _repeats(settled.frame)
    overlaps = find_overlaps(settled.frame, are_equal=repeats > 0)
    kept = 0 if len(overlaps.pasted) else repeats
    settled = settled.without(overlaps.rows)
    return _counted_once(conclude(sheet, reading, settled, kept), overlaps)


def _counted_once(report: SearchTermReport, found: Overlaps) -> SearchTermReport:
    """Return the report without rows that count the clicks of others in the same table.

    Raises ``InputError`` where rows of one term overlap in part.
    """
    path = report.sources[0]
    if found.doubtful is not None:
        one, other = map(str, found.doubtful)
        raise InputError(say("reports.overlaps.in_part", file=path.name, one=one, other=other))
    if not len(found.rows):
        return report
    again = report.frame["row"].is_in(found.rows.implode())
    reasons = (
        (found.pasted, say("reports.overlaps.pasted")),
        (found.within, say("reports.overlaps.within")),
    )
    notices = [
        Problem(
            path,
            say("reports.combine.counted_already", n=len(some), why=why),
            say("reports.combine.nothing_to_do"),
            row=int(some[0]),
        )
        for some, why in reasons
        if len(some)
    ]
    return replace(
        report,
        frame=report.frame.filter(~again),
        repeated=report.frame.filter(again),
        problems=(*report.problems, *notices),
    )


def read_part(
    part: Part, reading: Reading, running: Mapping[str, float]
) -> tuple[pl.DataFrame, Findings, Mapping[str, float]]:
    """Return the rows of ``part``, what was found in them, and the running totals after it.

    ``running`` are the running totals of the earlier parts (see ``Measures.running``).
    """
    path, rows = part.table.path, part.rows
    measures = part.figures.read(reading.writing, running)
    periods = read_periods(part.sheet.table, rows, reading.day_order)
    typed = typed_rows(part.sheet, rows, measures, periods)
    good = typed.is_good
    frame = _filter(typed.frame, good)
    ratios = tally_ratios(_filter(measures.values, good), rows.filter(good), reading.ratios)
    suspects, further = read_suspects(part, reading, frame)
    findings = Findings(
        path=path,
        lines=part.table.frame.height,
        rows=frame.height,
        is_daily=periods.granularity is Granularity.DAILY,
        nameless_currency=frame["currency"].null_count(),
        nameless_campaign=_without_campaign(part.sheet, frame),
        suspects=suspects,
        overlong=RowProblems(*part.table.overlong),
        left_out=left_out(path, _skipped(part), skip_messages()),
        unreadable=unreadable(path, typed.bad, rows),
        damaged_ids={
            name: lost_digits(path, name, rows) for name, rows in typed.damaged_ids.items()
        },
        ratios={
            name: one + further[name] if name in further else one for name, one in ratios.items()
        },
        suspicious=contradictions(frame),
    )
    return frame, findings, measures.running


def _without_campaign(sheet: Sheet, frame: pl.DataFrame) -> int:
    """Return how many rows name no campaign in a file that has a column for it."""
    return frame["campaign"].null_count() if "campaign" in sheet.found.columns else 0


def conclude(sheet: Sheet, reading: Reading, settled: Settled, repeats: int) -> SearchTermReport:
    """Return the report of all rows of a sheet; ``repeats`` of them equal another one.

    Raises ``InputError`` where rows are there and none can be read.
    """
    table, headers = sheet.table, sheet.found.named
    frame, findings = settled.frame, settled.findings
    if not findings.rows and findings.unreadable.count:
        raise InputError(_nothing_readable(findings))
    _refuse_absurd_costs(sheet, frame)
    problems = [
        *table.read_problems,
        *table.overlong_problems(findings.overlong.first, findings.overlong.count),
        *column_notices(table.path, sheet.found),
        *findings.row_problems(table.path),
        *read_periods(table, _no_rows(sheet), reading.day_order).problems,
        *_file_notices(sheet, reading, findings, repeats),
        *total_notices(table.path, headers, settled),
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
        reconciliation=(_reconciliation(sheet, settled),),
    )


def _reconciliation(sheet: Sheet, settled: Settled) -> Reconciliation:
    findings, totals = settled.findings, settled.totals
    left_out = {kind.value: rows.count for kind, rows in findings.left_out.items() if rows.count}
    if findings.unreadable.count:
        left_out[UNREADABLE] = findings.unreadable.count
    own = totals.fitting or totals.own
    compared = None
    if own is not None:
        found = zip(COMPARED, own.figures, settled.sums.row(0), strict=True)
        figures = {
            name: (float(said), float(total))
            for name, said, total in found
            if total is not None and name in sheet.found.columns and not np.isnan(said)
        }
        compared = OwnTotal(own.row, figures, agrees=totals.fitting is not None)
    return Reconciliation(sheet.label, findings.lines, findings.rows, left_out, compared)


def _in_file_order(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames).sort("row", maintain_order=True)


def _nothing_readable(findings: Findings) -> Message:
    first = findings.unreadable.first[0]
    return say(
        "reports.sheet.nothing_readable",
        file=findings.path.name,
        n=findings.unreadable.count,
        row=str(first.row),
        column=shorten(first.column or ""),
        what=first.what,
        value=shorten(first.value or ""),
    )


def _refuse_absurd_costs(sheet: Sheet, frame: pl.DataFrame) -> None:
    """Raise ``InputError`` where a click costs more on average than any bid may be."""
    sums = frame.group_by("currency").agg(pl.col("clicks", "spend").sum())
    absurd = sums.filter(
        (pl.col("clicks") > 0) & (pl.col("spend") > pl.col("clicks") * highest_cpc())
    )
    for currency, clicks, spend in absurd.iter_rows():
        raise InputError(
            say(
                "reports.sheet.too_dear",
                file=sheet.table.path.name,
                cpc=f"{spend / clicks:,.2f} {currency or ''}".strip(),
                column=shorten(sheet.found.named["spend"]),
            )
        )


def _filter(frame: pl.DataFrame, mask: pl.Series) -> pl.DataFrame:
    return frame if mask.all() else frame.filter(mask)


def _skipped(part: Part) -> pl.DataFrame:
    """Return kind, row number and first cell of the lines that are not data."""
    skipped = ~part.kinds.is_in([RowKind.DATA.value, RowKind.SUSPECT.value])
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
    if findings.nameless_campaign:
        what = say("reports.sheet.no_campaign", n=findings.nameless_campaign)
        yield Problem(path, what, say("reports.sheet.fill_down"))
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
