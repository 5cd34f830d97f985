"""Several reports → one, without counting anything twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import polars as pl

from admatch.errors import InputError, Problem
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport

_CAMPAIGN = ("currency", "campaign")
_CONTENT = [name for name in REPORT_SCHEMA if name not in ("file", "row")]


@dataclass(slots=True)
class _Part:
    """One report while others are held against it; rows that repeat theirs leave ``frame``."""

    report: SearchTermReport
    frame: pl.DataFrame
    repeated: list[pl.DataFrame]
    problems: list[Problem]

    @property
    def name(self) -> str:
        return str(self.report.frame["file"].first() or self.report.sources[0].name)

    @property
    def is_daily(self) -> bool:
        return self.report.granularity is Granularity.DAILY

    def drop(self, rows: pl.DataFrame, why: str) -> None:
        """Take ``rows`` (some of ``frame``) out as counted already."""
        if not rows.height:
            return
        self.frame = self.frame.join(rows.select("file", "row"), on=["file", "row"], how="anti")
        self.repeated.append(rows)
        what = f"{rows.height} rows were left out so that nothing is counted twice: {why}"
        self.problems.append(Problem(self.report.sources[0], what, "nothing to do"))


def combine(reports: Sequence[SearchTermReport]) -> SearchTermReport:
    """Return the rows of all reports, those that count the same clicks only once.

    Reports meet where they have a campaign (of one currency) in common. On the same days, equal
    rows are kept once, of daily files the newer wins, and a report whose period lies within
    another's gives way to it; reports that overlap in part, or on the same days have different
    attribution windows, raise ``InputError``.
    """
    if len(reports) == 1:
        return reports[0]
    parts: list[_Part] = []
    for report in reports:
        part = _Part(report, report.frame, [], [])
        for earlier in parts:
            _settle(earlier, part)
        parts.append(part)
    windows = {report.window_days for report in reports if len(report)}
    daily = all(report.granularity is Granularity.DAILY for report in reports)
    problems = [one for part in parts for one in (*part.report.problems, *part.problems)]
    return SearchTermReport(
        frame=pl.concat([part.frame for part in parts]),
        sources=tuple(dict.fromkeys(path for report in reports for path in report.sources)),
        granularity=Granularity.DAILY if daily else Granularity.SUMMARY,
        window_days=windows.pop() if len(windows) == 1 else None,
        problems=(*problems, *_window_problem(parts)),
        skipped=sum(report.skipped for report in reports),
        formats=tuple(dict.fromkeys(name for report in reports for name in report.formats)),
        repeated=pl.concat(
            [rows for part in parts for rows in part.repeated] or [reports[0].repeated]
        ),
    )


def _settle(first: _Part, second: _Part) -> None:
    """Take out of either what both count; raises ``InputError`` where that cannot be told."""
    ours, theirs = _shared(first.frame, second.frame), _shared(second.frame, first.frame)
    if not ours.height or not theirs.height:
        return
    if _content(ours).equals(_content(theirs)):
        second.drop(theirs, f"{first.name} has the same rows")
        return
    here, there = _period(ours), _period(theirs)
    if here is None or there is None:
        unknown = first if here is None else second
        raise InputError(
            f"{first.name} and {second.name} share campaigns, but the period of {unknown.name} is "
            "not known; leave one of them out, or download it with dates"
        )
    if here[1] < there[0] or there[1] < here[0]:
        return
    _refuse_different_windows(first, second)
    if first.is_daily and second.is_daily:
        _settle_days(first, second, ours, theirs)
    else:
        _settle_periods(first, second, (ours, here), (theirs, there))


def _settle_days(first: _Part, second: _Part, ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    day = [*_CAMPAIGN, "start_date"]
    ours = ours.join(theirs.select(day).unique(), on=day, how="semi", nulls_equal=True)
    theirs = theirs.join(ours.select(day).unique(), on=day, how="semi", nulls_equal=True)
    if not ours.height:
        return
    newest, other = _last_day(first), _last_day(second)
    if _content(ours).equals(_content(theirs)) or newest > other:
        second.drop(theirs, f"{first.name} has the same days")
    elif other > newest:
        first.drop(ours, f"{second.name} is newer and has the same days")
    else:
        raise InputError(
            f"{first.name} and {second.name} give different figures for the same days (like "
            f"{ours['start_date'][0]}), and neither is newer; leave one of them out"
        )


def _settle_periods(
    first: _Part,
    second: _Part,
    ours: tuple[pl.DataFrame, tuple[date, date]],
    theirs: tuple[pl.DataFrame, tuple[date, date]],
) -> None:
    (our_rows, here), (their_rows, there) = ours, theirs
    if here[0] <= there[0] and there[1] <= here[1] and not (here == there and second.is_daily):
        second.drop(their_rows, _within(there, first))
    elif there[0] <= here[0] and here[1] <= there[1]:
        first.drop(our_rows, _within(here, second))
    else:
        raise InputError(
            f"{first.name} ({here[0]} to {here[1]}) and {second.name} ({there[0]} to {there[1]}) "
            "overlap in part and share campaigns; download one report over the whole period, or "
            "daily ones"
        )


def _within(period: tuple[date, date], other: _Part) -> str:
    return f"their period {period[0]} to {period[1]} lies within that of {other.name}"


def _refuse_different_windows(first: _Part, second: _Part) -> None:
    one, other = first.report.window_days, second.report.window_days
    if one != other and None not in (one, other):
        raise InputError(
            f"{first.name} counts sales for {one} days after a click and {second.name} for "
            f"{other}, on the same days and campaigns; leave one of them out"
        )


def _shared(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``frame`` whose campaign is in ``other`` too."""
    campaigns = other.select(_CAMPAIGN).unique()
    return frame.join(campaigns, on=_CAMPAIGN, how="semi", nulls_equal=True)


def _content(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what ``rows`` say, in one order; a CSV shows amounts to the cent, a workbook more."""
    return rows.select(_CONTENT).with_columns(pl.col(pl.Float64).round(2)).sort(_CONTENT)


def _period(rows: pl.DataFrame) -> tuple[date, date] | None:
    if rows["start_date"].null_count() or rows["end_date"].null_count():
        return None
    return cast("date", rows["start_date"].min()), cast("date", rows["end_date"].max())


def _last_day(part: _Part) -> date:
    return cast("date", part.report.frame["end_date"].max())


def _window_problem(parts: Sequence[_Part]) -> list[Problem]:
    windows = {part.name: part.report.window_days for part in parts if part.frame.height}
    if len(set(windows.values())) < 2:
        return []
    told = ", ".join(f"{name} {days or 'unknown'}" for name, days in windows.items())
    what = f"the files have different attribution windows in days ({told})"
    return [Problem(parts[0].report.sources[0], what, "compare their sales with care")]
