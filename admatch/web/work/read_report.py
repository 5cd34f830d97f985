"""Uploaded reports → what was recognised, totals, and what was passed over."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from admatch.errors import InputError, Problem
from admatch.messages import as_json, say
from admatch.pipeline.inspect_file import Checked, check_file, report_facts
from admatch.progress import Progress
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Account
from admatch.reports.aggregate import read_any_size
from admatch.reports.records import SearchTermReport
from admatch.tables.atomic import replacing
from admatch.web.limits import Limits
from admatch.web.work.archive import check_table, unpack_reports
from admatch.web.work.file_names import FileNames
from admatch.web.work.row_problems import problem_facts
from admatch.web.work.saved import save_account, save_report


def read_report_upload(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Read the files of ``folder/source``; write them to ``folder/read`` and return their facts."""
    folder, limits = Path(arguments["folder"]), Limits(**arguments["limits"])
    names, currency = FileNames(dict(arguments["names"])), arguments.get("currency")
    progress("checking files", 0, 1)
    files = unpack_reports(folder, names, limits)
    checked = list(_checked(files, names, currency, limits, progress))
    facts = [_file_facts(one, names) for one in checked]
    reports = [one.path for one in checked if one.report is not None]
    accounts = [one.path for one in checked if one.account is not None]
    if not reports:
        raise InputError(_no_report(checked, names))
    report = _named_report(_report(checked, reports, currency, names), names)
    account = _named_account(_account(checked, accounts, currency), names)
    with replacing(folder / "read") as draft:
        draft.mkdir()
        save_report(report, draft)
        if account is not None:
            save_account(account, draft)
    return {
        "files": facts,
        **_without_nan(report_facts(report)),
        "formats": [as_json(one) for one in report.formats],
        "campaigns": report.frame["campaign"].drop_nulls().n_unique(),
        "ad_groups": report.frame.select("campaign", "ad_group").n_unique(),
        "account": None if account is None else _account_facts(account),
        **problem_facts(_all_problems(report, account)),
    }


def _checked(
    files: Sequence[Path],
    names: FileNames,
    currency: str | None,
    limits: Limits,
    progress: Progress,
) -> Iterator[Checked]:
    for number, file in enumerate(files):
        progress("reading files", number, len(files))
        check_table(file, limits, names)
        yield check_file(file, currency)
    progress("reading files", len(files), len(files))


def _file_facts(checked: Checked, names: FileNames) -> dict[str, Any]:
    report = checked.report
    refusal = checked.refusal
    if checked.catalog is not None:
        refusal = say("web.report.is_catalog")
    return {
        "name": names.of(checked.path),
        "what": [as_json(one) for one in checked.names],
        "rows": len(report) if report else len(checked.account) if checked.account else 0,
        "usable": report is not None or checked.account is not None,
        "refusal": as_json(names.in_message(refusal)) if refusal else None,
        "problem_count": len(checked.problems),
    }


def _no_report(checked: Sequence[Checked], names: FileNames) -> str:
    """Return why there is no report among the files."""
    if any(one.account is not None for one in checked):
        return say("web.report.only_account")
    if any(one.catalog is not None for one in checked):
        return say("web.report.only_catalog")
    refusals = [one.refusal for one in checked if one.refusal]
    return names.in_message(refusals[0]) if refusals else say("web.report.none")


def _report(
    checked: Sequence[Checked], paths: Sequence[Path], currency: str | None, names: FileNames
) -> SearchTermReport:
    """Return all reports as one; a single one has been read already."""
    if len(paths) == 1:
        return next(one.report for one in checked if one.report is not None)
    try:
        return read_any_size(list(paths), currency=currency)
    except InputError as error:
        raise InputError(names.in_message(error.message)) from None


def _account(
    checked: Sequence[Checked], paths: Sequence[Path], currency: str | None
) -> Account | None:
    if len(paths) <= 1:
        return next((one.account for one in checked if one.account is not None), None)
    return read_account(list(paths), currency=currency)


def _named_report(report: SearchTermReport, names: FileNames) -> SearchTermReport:
    """Return the report with the names that its files' owner gave them."""
    return replace(
        report,
        frame=_named(report.frame, names),
        repeated=_named(report.repeated, names),
        sources=tuple(Path(names.of(one)) for one in report.sources),
        problems=tuple(names.in_problem(one) for one in report.problems),
    )


def _named_account(account: Account | None, names: FileNames) -> Account | None:
    if account is None:
        return None
    return replace(
        account,
        frame=_named(account.frame, names),
        sources=tuple(Path(names.of(one)) for one in account.sources),
        problems=tuple(names.in_problem(one) for one in account.problems),
    )


def _named(frame: pl.DataFrame, names: FileNames) -> pl.DataFrame:
    return frame.with_columns(pl.col("file").replace(names.shown))


def _all_problems(report: SearchTermReport, account: Account | None) -> list[Problem]:
    both = (*report.problems, *(account.problems if account else ()))
    return list(dict.fromkeys(both))


def _account_facts(account: Account) -> dict[str, Any]:
    counts = dict(account.frame["entity"].value_counts(sort=True).rows())
    return {"rows": len(account), "entities": counts, "skipped": account.skipped}


def _without_nan(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts with sums that JSON can hold."""
    totals = [
        {name: None if value != value else value for name, value in row.items()}
        for row in facts["totals"]
    ]
    return facts | {"totals": totals}
