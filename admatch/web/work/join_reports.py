"""The search-term reports of one upload as one report: ``join_reports``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from admatch.errors import InputError, Problem
from admatch.messages import Message, say
from admatch.pipeline.inspect_file import Checked
from admatch.reports.aggregate import read_any_size
from admatch.reports.combine import combine
from admatch.reports.records import SearchTermReport
from admatch.web.work.file_names import FileNames
from admatch.web.work.named_table import is_named

_NO_DATES = "reports.periods.unknown"


@dataclass(frozen=True, slots=True)
class Stated:
    """What the owner of files says of them where they do not say it themselves."""

    currency: str | None = None
    period: tuple[date, date] | None = None


def join_reports(
    checked: Sequence[Checked], names: FileNames, stated: Stated
) -> SearchTermReport | None:
    """Return the reports of all files as one, or None where no file is one.

    The search terms of a bulk file are left out where they may count clicks of another report
    twice: its keywords and bids are what it is added for. Raises ``InputError`` for reports of
    which nobody can tell what counts twice.
    """
    reports = [one for one in checked if one.report is not None]
    if not reports:
        return None
    try:
        return _dated(_joined(reports, stated), stated)
    except InputError as error:
        bulk = [one for one in reports if one.account is not None]
        rest = [one for one in reports if one.account is None]
        if not bulk or not rest:
            raise InputError(names.in_message(error.message)) from None
    report = _dated(_joined(rest, stated), stated)
    left_out = say("web.report.terms_twice"), say("web.report.terms_left_out")
    notes = tuple(Problem(one.path, *left_out) for one in bulk)
    return replace(report, problems=(*report.problems, *notes))


def _joined(checked: Sequence[Checked], stated: Stated) -> SearchTermReport:
    """Return the reports as one; a single one has been read already."""
    held = [one.report for one in checked if one.report is not None]
    if len(held) == 1:
        return held[0]
    if any(is_named(one) for one in held):
        return combine([_dated(one, stated) for one in held])
    paths = [one.path for one in checked]
    return read_any_size(paths, currency=stated.currency)


def _dated(report: SearchTermReport, stated: Stated) -> SearchTermReport:
    """Return the report with the stated days where it has none."""
    if stated.period is None or not report.frame["start_date"].null_count():
        return report
    start, end = (pl.lit(day, pl.Date) for day in stated.period)
    frame = report.frame.with_columns(
        start_date=pl.col("start_date").fill_null(start), end_date=pl.col("end_date").fill_null(end)
    )
    known = tuple(one for one in report.problems if not _is_about_dates(one))
    return replace(report, frame=frame, problems=known)


def _is_about_dates(problem: Problem) -> bool:
    return isinstance(problem.what, Message) and problem.what.id == _NO_DATES
