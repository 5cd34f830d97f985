"""Uploaded files of an account → what each is, totals, and what was passed over."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from admatch.catalog.images import pictures_within
from admatch.catalog.records import Catalog
from admatch.errors import InputError, Problem
from admatch.messages import as_json, say
from admatch.pipeline.inspect_file import Checked, check_file, report_facts
from admatch.pipeline.records import marketplace_of
from admatch.progress import Progress
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import TARGETS, Account, Entity
from admatch.reports.insights.reader import read_insights
from admatch.reports.insights.records import Insights
from admatch.reports.records import SearchTermReport
from admatch.tables.atomic import replacing
from admatch.web.limits import Limits
from admatch.web.work.archive import check_table, unpack_files
from admatch.web.work.file_names import UNREAD, FileNames
from admatch.web.work.join_reports import Stated, join_reports
from admatch.web.work.named_table import headers_of, read_named_table
from admatch.web.work.read_catalog import product_facts, read_products
from admatch.web.work.row_problems import problem_facts
from admatch.web.work.saved import save_account, save_catalog, save_insights, save_report


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the files of an upload are read."""

    folder: Path
    limits: Limits
    names: FileNames
    stated: Stated
    columns: Mapping[str, Mapping[str, str]]  # of a file: its columns, by field


@dataclass(frozen=True, slots=True)
class _Held:
    """What the files of an upload hold together."""

    report: SearchTermReport | None
    account: Account | None
    catalog: Catalog | None
    insights: Insights | None


def read_report_upload(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Read the files of ``folder/source``; write them to ``folder/read`` and return their facts.

    Reports, bulk files and catalogs may come in any order. What is read so far is facts as well:
    ``lacking`` says what else an analysis needs.
    """
    reading = _Reading(
        Path(arguments["folder"]), Limits(**arguments["limits"]),
        FileNames(dict(arguments["names"])), _stated(arguments), arguments.get("columns") or {},
    )  # fmt: skip
    progress("checking files", 0, 1)
    files = unpack_files(reading.folder, reading.names, reading.limits)
    with pictures_within(reading.folder):
        checked = list(_checked(files, reading, progress))
        try:
            if all(one.refusal for one in checked):
                raise InputError(_refusal(checked, reading.names))
            held = _held(checked, reading)
        except InputError:  # what is known of each file tells its owner which one to leave out
            _write_unread([_file_facts(one, reading) for one in checked], reading.folder)
            raise
    with replacing(reading.folder / "read") as draft:
        draft.mkdir()
        _save(held, draft, reading.folder)
    files_facts = [_file_facts(one, reading) for one in checked]
    facts = _facts(held) | {"reconciliation": _reconciled(held.report, reading.names)}
    return {"files": files_facts, **facts, **problem_facts(_all_problems(held))}


def _stated(arguments: Mapping[str, Any]) -> Stated:
    """Return what the owner said of the files: currency and days."""
    days = [date.fromisoformat(one) for one in arguments.get("period") or ()]
    return Stated(arguments.get("currency"), (days[0], days[1]) if days else None)


def _write_unread(files: list[dict[str, Any]], folder: Path) -> None:
    """Write why each file cannot be used, and its headers: its owner may say what they hold."""
    with replacing(folder / UNREAD) as draft:
        draft.write_text(json.dumps(files, ensure_ascii=False), encoding="utf-8")


def _reconciled(report: SearchTermReport | None, names: FileNames) -> list[Any]:
    """Return what became of the lines of each table, and whether its own total agrees."""
    tables = () if report is None else report.reconciliation
    return [as_json(names.in_message(said)) for one in tables for said in one.sentences()]


def _checked(files: Sequence[Path], reading: _Reading, progress: Progress) -> Iterator[Checked]:
    for number, file in enumerate(files):
        progress("reading files", number, len(files))
        check_table(file, reading.limits, reading.names)
        yield _check(file, reading)
    progress("reading files", len(files), len(files))


def _check(file: Path, reading: _Reading) -> Checked:
    """Return what a file is: as its owner says, or else as its headers do.

    What was said of a zip file holds for those of its tables that are not recognised.
    """
    currency, own = reading.stated.currency, reading.columns.get(file.name)
    found = None if own else check_file(file, currency)
    if found is not None and not found.refusal:
        return found
    columns = own or reading.columns.get(_source_of(file, reading.folder))
    if columns:
        return read_named_table(
            file, columns, reading.folder, reading.names, reading.limits, currency
        )
    return found or check_file(file, currency)


def _refusal(checked: Sequence[Checked], names: FileNames) -> str:
    """Return why none of the files can be used: what is wrong with the first."""
    refusals = [one.refusal for one in checked if one.refusal]
    return names.in_message(refusals[0]) if refusals else say("web.report.none")


def _held(checked: Sequence[Checked], reading: _Reading) -> _Held:
    accounts = [one.path for one in checked if one.account is not None]
    tables = [(one.path, reading.columns.get(one.path.name, {})) for one in checked if one.catalog]
    report = join_reports(checked, reading.names, reading.stated)
    account = _account(checked, accounts, reading.stated.currency)
    return _Held(
        None if report is None else _named_report(report, reading.names),
        _named_account(account, reading.names),
        read_products(tables, reading.folder, reading.names, reading.limits) if tables else None,
        _insights(checked, reading),
    )


def _insights(checked: Sequence[Checked], reading: _Reading) -> Insights | None:
    """Return Amazon's other reports as one, with the names that their owner gave the files."""
    paths = [one.path for one in checked if one.insights is not None]
    if not paths:
        return None
    names = reading.names
    found = read_insights(paths, currency=reading.stated.currency)
    return replace(
        found,
        frames={kind: _named(frame, names) for kind, frame in found.frames.items()},
        sources=tuple(Path(names.of(one)) for one in found.sources),
        problems=tuple(names.in_problem(one) for one in found.problems),
    )


def _save(held: _Held, draft: Path, folder: Path) -> None:
    if held.report is not None:
        save_report(held.report, draft)
    if held.account is not None:
        save_account(held.account, draft)
    if held.catalog is not None:
        save_catalog(held.catalog, draft, folder)
    if held.insights is not None:
        save_insights(held.insights, draft)


def _facts(held: _Held) -> dict[str, Any]:
    """Return what is known of the account, and what an analysis still lacks."""
    facts: dict[str, Any] = {"account": None}
    if held.account is not None:
        facts["account"] = _account_facts(held.account)
    if held.catalog is not None:
        facts |= product_facts(held.catalog)
    report = held.report
    if report is None:
        return facts | {"lacking": as_json(say("web.report.lacking"))}
    return facts | {
        **_without_nan(report_facts(report)),
        "formats": [as_json(one) for one in report.formats],
        "marketplace": marketplace_of(report.totals["currency"].to_list()),
        "campaigns": report.frame["campaign"].drop_nulls().n_unique(),
        "ad_groups": report.frame.select("campaign", "ad_group").n_unique(),
    }


def _file_facts(checked: Checked, reading: _Reading) -> dict[str, Any]:
    parts = {
        "report": checked.report, "account": checked.account, "products": checked.catalog,
        "insights": checked.insights,
    }  # fmt: skip
    found = {name: len(part) for name, part in parts.items() if part is not None}
    refusal = reading.names.in_message(checked.refusal) if checked.refusal else None
    return {
        "id": _source_of(checked.path, reading.folder),
        "name": reading.names.of(checked.path),
        "what": [as_json(one) for one in checked.names],
        "kinds": list(found),
        "rows": next(iter(found.values()), 0),
        "usable": bool(found),
        "refusal": as_json(refusal) if refusal else None,
        **({"headers": [], "known": {}} if found else headers_of(checked.path)),
        "problem_count": len(checked.problems),
    }


def _source_of(path: Path, folder: Path) -> str:
    """Return the uploaded file that a table is, or was packed in."""
    packed = folder / "unpacked" / path.name
    files = (folder / "source").iterdir()
    sources = [one.name for one in files if path.name.startswith(f"{one.stem}-")]
    return sources[0] if packed.exists() and sources else path.name


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


def _all_problems(held: _Held) -> list[Problem]:
    parts = (held.report, held.account, held.catalog, held.insights)
    return list(dict.fromkeys(one for part in parts if part for one in part.problems))


def _account_facts(account: Account) -> dict[str, Any]:
    """Return what the files list; ``ids`` and ``bids`` count targets that have them."""
    counts = dict(account.frame["entity"].value_counts(sort=True).rows())
    targets, ads = account.only(*TARGETS), account.only(Entity.PRODUCT_AD)
    return {
        "rows": len(account),
        "entities": counts,
        "skipped": account.skipped,
        "ids": targets["target_id"].drop_nulls().len(),
        "bids": targets["bid"].drop_nulls().len(),
        "advertised": ads.select(pl.coalesce("asin", "sku")).to_series().drop_nulls().n_unique(),
    }


def _without_nan(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts with sums that JSON can hold."""
    totals = [
        {name: None if value != value else value for name, value in row.items()}
        for row in facts["totals"]
    ]
    return facts | {"totals": totals}
