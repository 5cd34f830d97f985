"""Search-term reports too large for memory → their rows summed over equal ones."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import polars as pl

from admatch.errors import InputError, Problem
from admatch.reports.candidates import Candidate
from admatch.reports.currencies import codes_named
from admatch.reports.findings import Findings
from admatch.reports.parts import Part, Reading, Sheet, SheetEvidence, decide
from admatch.reports.reader import check_arguments, find_kind, known_headers, read_report, refusal
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport
from admatch.reports.sheet import conclude, read_part
from admatch.tables.batches import WholeFileError, read_batches

_KEY = (
    "file",
    "portfolio",
    "currency",
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
_SUMS_HELD = 1_000_000  # further sums are added up before there are so many more


def aggregate_report(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    headers: str | Path | None = None,
    currency: str | None = None,
) -> SearchTermReport:
    """Return the search terms of one file, summed over days and repeated rows.

    Rows are equal where portfolio, currency, campaign, ad group, targeting, match type, search
    term and IDs are; their ``row`` is that of the first, their period from the first day to the
    last: such a report is no daily one. Text files (.csv .tsv .txt, also in .gz or .zst) and
    Parquet are read twice, a part at a time: memory depends on the number of distinct rows.
    Arguments, totals and problems are those of ``read_report``; one more problem tells how many
    rows were added up.

    >>> daily = "data/sample/search_terms_daily.csv"
    >>> len(am.read_report(daily)), len(am.aggregate_report(daily))
    (3076, 509)
    """
    (file,) = check_arguments(path, currency)
    try:
        return _aggregate(file, columns or {}, headers, currency)
    except WholeFileError:
        report = read_report(file, columns=columns, headers=headers, currency=currency)
        return _summed(replace(report, frame=add_up([report.frame])), len(report))


def add_up(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the sums over equal rows of all ``frames``, in the order of their first rows."""
    told = pl.col(_SUMMED)
    sums = (
        pl.concat(frames)
        .group_by(_KEY)
        .agg(
            pl.col(_FIRST).min(),
            pl.col(_LAST).max(),
            pl.when(told.is_not_null().any()).then(told.sum()),
        )
    )
    return sums.sort("row").select(*REPORT_SCHEMA)


def _aggregate(
    path: Path, columns: Mapping[str, str], headers: str | Path | None, currency: str | None
) -> SearchTermReport:
    sheet = _recognise(path, columns, headers)
    evidence, codes = _survey(sheet)
    reading = decide(sheet, evidence)
    only = codes.pop() if len(codes) == 1 else None
    sheet = replace(sheet, currency=currency or only)
    frame, findings, repeats = _add_parts(sheet, reading)
    return _summed(conclude(sheet, reading, frame, findings, repeats), findings.rows)


def _summed(report: SearchTermReport, rows: int) -> SearchTermReport:
    """Return the report of the sums of ``rows`` rows; it is daily only if each is of one day."""
    if rows == len(report):
        return report
    is_one_day = (report.frame["start_date"] == report.frame["end_date"]).all()
    told = Problem(
        report.sources[0],
        f"{rows:,} rows were added up to {len(report):,}, one for each ad group, target and term",
        "single days are not kept; files of a shorter period keep them",
    )
    return replace(
        report,
        granularity=report.granularity if is_one_day else Granularity.SUMMARY,
        problems=(told, *report.problems),
    )


def _recognise(path: Path, columns: Mapping[str, str], headers: str | Path | None) -> Sheet:
    """Return what the top of the file tells; raises ``InputError`` for what is no report."""
    known = known_headers(None if headers is None else Path(headers))
    try:
        table, found = known.locate(next(read_batches(path)), columns)
    except InputError as error:  # a column named by the user is not there
        raise InputError(f"{path.name}: {error}") from None
    kind = find_kind(found)
    if found.missing:
        raise InputError(refusal(path, known, Candidate(table, found, kind)))
    return Sheet(table, found, kind, path.name, None)


def _survey(sheet: Sheet) -> tuple[SheetEvidence, set[str]]:
    """Return what all rows tell of how they are to be read, and the currency codes beside them."""
    surveyed = ((SheetEvidence.of(part), codes_named([part.table])) for part in _parts(sheet))
    evidence, codes = next(surveyed)
    for further, named in surveyed:
        evidence, codes = evidence + further, codes | named
    return evidence, codes


def _add_parts(sheet: Sheet, reading: Reading) -> tuple[pl.DataFrame, Findings, int]:
    """Return the sums over all rows, what was found in them, and how many equal another one."""
    sums, found, hashes = _Sums(), [], []
    running: Mapping[str, float] = {}
    for part in _parts(sheet):
        frame, findings, running = read_part(part, reading, running)
        found.append(findings)
        hashes.append(frame.select(pl.exclude("row")).hash_rows().to_numpy())
        sums.add(frame)
    return sums.total(), reduce(add, found), _repeats(np.concatenate(hashes))


class _Sums:
    """Frames summed over equal rows as they come."""

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []
        self._limit = _SUMS_HELD

    def add(self, frame: pl.DataFrame) -> None:
        """Take the rows of ``frame`` in."""
        # as numbers the texts let go of the file's own bytes: a third of the memory less
        coded = frame.with_columns(pl.col(_KEY).cast(pl.Categorical))
        self._frames.append(add_up([coded]))
        if sum(one.height for one in self._frames) > self._limit:
            self._frames = [add_up(self._frames)]
            self._limit = 2 * self._frames[0].height + _SUMS_HELD

    def total(self) -> pl.DataFrame:
        """Return the sums over all rows taken in."""
        return add_up(self._frames).cast(pl.Schema(REPORT_SCHEMA))


def _parts(sheet: Sheet) -> Iterator[Part]:
    """Yield the rows below the header, some at a time."""
    header = sheet.table.lines.slice(sheet.table.header_at, 1)
    header_row = sheet.table.rows.slice(sheet.table.header_at, 1)
    tables = read_batches(sheet.table.path)
    table, is_first = next(tables).with_header_at(sheet.table.header_at), True
    for further in tables:
        yield Part(sheet, table, is_first=is_first, is_last=False)
        is_first = False
        lines = pl.concat([header, further.lines], how="diagonal")
        table = replace(further, lines=lines, rows=pl.concat([header_row, further.rows]))
    yield Part(sheet, table, is_first=is_first, is_last=True)


def _repeats(hashes: np.ndarray) -> int:
    """Return how many rows equal another one; of 10 million, two others in a million files do."""
    ordered = np.sort(hashes)
    same = ordered[1:] == ordered[:-1]
    return int(np.count_nonzero(np.append(same, False) | np.insert(same, 0, False)))
