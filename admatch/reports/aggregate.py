"""Search-term reports too large for memory → the sums of their equal rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from operator import add
from pathlib import Path

import polars as pl

from admatch.errors import InputError, Problem
from admatch.messages import say
from admatch.reports.attribution import Attribution, with_attribution
from admatch.reports.blocks import has_further_headers, split_tables
from admatch.reports.candidates import Candidate
from admatch.reports.combine import combine
from admatch.reports.currencies import codes_named
from admatch.reports.insights.reader import sort_files
from admatch.reports.marketplaces import keep_marketplaces_apart
from admatch.reports.overlaps import Traces
from admatch.reports.parts import Part, Reading, Sheet, SheetEvidence, decide
from admatch.reports.reader import check_arguments, find_kind, known_headers, read_report, refusal
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport
from admatch.reports.settling import Settled, settle
from admatch.reports.sheet import conclude, read_part
from admatch.tables.batches import WholeFileError, read_batches
from admatch.tables.content import text_size
from admatch.tables.header_table import HeaderTable

LARGE = 1 << 28  # bytes of text, about 1.1 million rows: whole files below it need under 4 GiB
_KEY = (
    "file",
    "portfolio",
    "currency",
    "marketplace",
    "campaign",
    "ad_group",
    "targeting",
    "match_type",
    "search_term",
    "term_kind",
    "campaign_id",
    "ad_group_id",
    "target_id",
)
_FIRST, _LAST = ("row", "start_date"), ("end_date",)
_SUMMED = [name for name in REPORT_SCHEMA if name not in (*_KEY, *_FIRST, *_LAST)]
_MOST_SUMS = 1_000_000  # frames of sums are added up before they grow by more rows than this


def read_any_size(
    path: str | Path | Sequence[str | Path],
    *,
    currency: str | None = None,
    attribution: str | None = None,
) -> SearchTermReport:
    """Return every row, as ``read_report`` does, or the sums of the rows if they are too many.

    The sums are those of ``aggregate_report``, without days; a problem says so. Several files that
    are large together are each added up. Where their periods meet they are read whole, as only
    days show what is counted twice. Amazon's other reports among several files are left out, and
    named.
    """
    given = sort_files(check_arguments(path, currency))
    if not given.reports:
        return read_report(given.insights)  # says why it is no search-term report
    report = _any_size(given.reports, currency, attribution)
    what, remedy = say("reports.insights.beside"), say("reports.insights.nothing_to_do")
    beside = (Problem(one, what, remedy) for one in given.insights)
    return replace(report, problems=(*report.problems, *beside)) if given.insights else report


def _any_size(
    paths: Sequence[Path], currency: str | None, attribution: str | None
) -> SearchTermReport:
    read = partial(read_report, currency=currency, attribution=attribution)
    add_up_one = partial(aggregate_report, currency=currency, attribution=attribution)
    if not is_large(*paths):
        return read(paths)
    if len(paths) == 1:
        return add_up_one(paths[0])
    try:
        report = combine([add_up_one(one) for one in paths])
    except InputError:
        return read(paths)
    return read(paths) if report.repeated.height else report


def is_large(*paths: Path) -> bool:
    """Return whether files together are too large to be read whole."""
    return sum(map(text_size, paths)) >= LARGE


def aggregate_report(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    headers: str | Path | None = None,
    currency: str | None = None,
    attribution: str | None = None,
) -> SearchTermReport:
    """Return the search terms of one file, summed over days and repeated rows.

    Rows are equal where portfolio, currency, marketplace, campaign, ad group, targeting, match
    type, search term and IDs are. Their ``row`` is that of the first, their period lasts from the
    first day to the last, so the report is not daily. Text files (.csv .tsv .txt, also in .gz or
    .zst) and Parquet are read twice, a part at a time: memory depends on the number of distinct
    rows. A file of which some rows may count the clicks of others, like copies pasted below, is
    read whole. Arguments, totals and problems are those of ``read_report``; one more problem says
    how many rows were added up.

    >>> daily = "data/sample/search_terms_daily.csv"
    >>> len(am.read_report(daily)), len(am.aggregate_report(daily))
    (3076, 509)
    """
    (file,) = check_arguments(path, currency)
    wanted = Attribution.of(attribution)
    try:
        return keep_marketplaces_apart(_aggregate(file, columns or {}, headers, currency, wanted))
    except WholeFileError:
        report = read_report(
            file, columns=columns, headers=headers, currency=currency, attribution=attribution
        )
        return _summed(replace(report, frame=add_up([report.frame])), len(report))


def add_up(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the sums over equal rows of all ``frames``, in the order of their first rows."""
    figures = pl.col(_SUMMED)
    sums = (
        pl.concat(frames)
        .group_by(_KEY)
        .agg(
            pl.col(_FIRST).min(),
            pl.col(_LAST).max(),
            pl.when(figures.is_not_null().any()).then(figures.sum()),
        )
    )
    return sums.sort("row").select(*REPORT_SCHEMA)


def _aggregate(
    path: Path,
    columns: Mapping[str, str],
    headers: str | Path | None,
    currency: str | None,
    attribution: Attribution | None,
) -> SearchTermReport:
    known = known_headers(None if headers is None else Path(headers))
    sheet = _recognise(path, columns, known)
    sheet = replace(sheet, found=with_attribution(sheet.found, attribution))
    evidence, codes = _survey(sheet, known)
    reading = decide(sheet, evidence)
    only = codes.pop() if len(codes) == 1 else None
    sheet = replace(sheet, currency=currency or only)
    settled, repeats = _add_parts(sheet, reading)
    return _summed(conclude(sheet, reading, settled, repeats), settled.findings.rows)


def _summed(report: SearchTermReport, rows: int) -> SearchTermReport:
    """Return the report of the sums of ``rows`` rows; it is daily only if each is of one day."""
    if rows == len(report):
        return report
    is_one_day = (report.frame["start_date"] == report.frame["end_date"]).all()
    what = say("reports.aggregate.added_up", rows=rows, sums=len(report))
    notice = Problem(report.sources[0], what, say("reports.aggregate.no_days"))
    return replace(
        report,
        granularity=report.granularity if is_one_day else Granularity.SUMMARY,
        problems=(notice, *report.problems),
    )


def _recognise(path: Path, columns: Mapping[str, str], known: HeaderTable) -> Sheet:
    """Return the sheet that the top of the file shows; raises ``InputError`` if it is no report.

    Raises ``WholeFileError`` where several tables stand there.
    """
    try:
        table, found = known.locate(next(read_batches(path)), columns)
    except InputError as error:  # a column named by the user is not there
        raise InputError(say("reports.reader.column", file=path.name, why=error.message)) from None
    kind = find_kind(found)
    if found.missing:
        raise InputError(refusal(path, known, Candidate(table, found, kind)))
    if [one.header for one in split_tables(table, known)] != [table.header]:
        raise WholeFileError
    return Sheet.of(table, found, kind, path.name)


def _survey(sheet: Sheet, known: HeaderTable) -> tuple[SheetEvidence, set[str]]:
    """Return what all rows show of how to read them, and the currency codes beside them."""
    surveyed = (_surveyed(part, known) for part in _parts(sheet))
    evidence, codes = next(surveyed)
    for further, named in surveyed:
        evidence, codes = evidence + further, codes | named
    return evidence, codes


def _surveyed(part: Part, known: HeaderTable) -> tuple[SheetEvidence, set[str]]:
    if has_further_headers(part.table, known):
        raise WholeFileError
    return SheetEvidence.of(part), codes_named([part.table])


def _add_parts(sheet: Sheet, reading: Reading) -> tuple[Settled, int]:
    """Return the sums over all rows with what was found in them, and how many equal another one.

    Raises ``WholeFileError`` where rows may count the clicks of others: sums have lost those.
    """
    sums, every, traces = _Sums(), [], []
    running: Mapping[str, float] = {}
    for part in _parts(sheet):
        frame, findings, running = read_part(part, reading, running)
        every.append(findings)
        traces.append(Traces.of(frame))
        sums.add(frame)
    settled = settle(reduce(add, every), sums.total(), add_up)
    rows = Traces.joined([*traces, Traces.of(settled.further)])
    if rows.count_twice():
        raise WholeFileError
    return settled, rows.repeats


class _Sums:
    """Frames summed over equal rows as they come."""

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []
        self._limit = _MOST_SUMS

    def add(self, frame: pl.DataFrame) -> None:
        """Add the rows of ``frame``."""
        # as categories, the texts no longer refer to the file's bytes: a third of the memory less
        coded = frame.with_columns(pl.col(_KEY).cast(pl.Categorical))
        self._frames.append(add_up([coded]))
        if sum(one.height for one in self._frames) > self._limit:
            self._frames = [add_up(self._frames)]
            self._limit = 2 * self._frames[0].height + _MOST_SUMS

    def total(self) -> pl.DataFrame:
        """Return the sums over all rows added."""
        return add_up(self._frames).cast(pl.Schema(REPORT_SCHEMA))


def _parts(sheet: Sheet) -> Iterator[Part]:
    """Yield the rows below the header, some at a time."""
    header = sheet.table.lines.slice(sheet.table.header_at, 1)
    header_row = sheet.table.rows.slice(sheet.table.header_at, 1)
    tables = read_batches(sheet.table.path)
    table, above = next(tables).with_header_at(sheet.table.header_at), None
    for further in tables:
        part = Part(sheet, table, above=above, is_last=False)
        yield part
        above = part.bottom
        del part  # only one part is held at a time
        lines = pl.concat([header, further.lines], how="diagonal")
        table = replace(further, lines=lines, rows=pl.concat([header_row, further.rows]))
    yield Part(sheet, table, above=above, is_last=True)
