"""What a file is and whether it can be used: ``check_file``."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from admatch.catalog.reader import read_catalog
from admatch.catalog.records import Catalog
from admatch.decisions.hygiene import hygiene
from admatch.errors import InputError, Problem
from admatch.messages import Message, say
from admatch.reports.account.kinds import recognise_account
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Account, Entity
from admatch.reports.aggregate import is_large, read_any_size
from admatch.reports.insights.reader import read_insights
from admatch.reports.insights.records import Insights
from admatch.reports.records import SearchTermReport
from admatch.tables.batches import WholeFileError, read_batches
from admatch.tables.reader import parsing_once

_LISTS_PRODUCTS = (
    "catalog.columns.only_title_missing",
    "catalog.columns.names_of_others",
    "catalog.reader.no_titles",
)
_NO_REPORT = ("reports.reader.unknown", "reports.reader.no_terms")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one file; a bulk file can be both a report and an account.

    ``refusal`` says why nothing could be read; it is None if something could.
    """

    path: Path
    report: SearchTermReport | None = None
    account: Account | None = None
    catalog: Catalog | None = None
    insights: Insights | None = None
    refusal: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What the file is, in words."""
        parts = (self.report, self.account, self.insights)
        held = [part.formats for part in parts if part is not None]
        names = dict.fromkeys(name for formats in held for name in formats)
        return (*names, *([say("pipeline.file.catalog")] if self.catalog is not None else []))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was skipped or looked suspicious while reading, each once."""
        parts = (self.report, self.account, self.catalog, self.insights)
        return tuple(
            dict.fromkeys(one for part in parts if part is not None for one in part.problems)
        )


def check_file(path: Path, currency: str | None = None, attribution: str | None = None) -> Checked:
    """Return what ``path`` is; ``currency`` holds for rows whose file does not name one.

    ``attribution`` is that of ``read_report``.
    """
    with parsing_once():
        report, refusal = _report(path, currency, attribution)
        account = _account(path, currency)
        insights = None if report is not None else _insights(path, currency)
        if any(one is not None for one in (report, account, insights)):
            return Checked(path, report, account, insights=insights)
        try:
            return Checked(path, catalog=read_catalog(path))
        except InputError as error:
            return Checked(path, refusal=_fitting(refusal, error.message))


def _fitting(report: str | None, catalog: str) -> str | None:
    """Return why a file cannot be read as what it seems to be: as a report, or as a catalog."""
    lists_products = isinstance(catalog, Message) and catalog.id in _LISTS_PRODUCTS
    what = report.parameters.get("what") if isinstance(report, Message) else None
    no_report = isinstance(what, Message) and what.id in _NO_REPORT
    return catalog if lists_products and no_report else report


def _report(
    path: Path, currency: str | None, attribution: str | None
) -> tuple[SearchTermReport | None, str | None]:
    try:
        return read_any_size(path, currency=currency, attribution=attribution), None
    except InputError as error:
        return None, error.message


def _account(path: Path, currency: str | None) -> Account | None:
    try:
        return read_account(path, currency=currency) if _may_list_account(path) else None
    except InputError:
        return None


def _insights(path: Path, currency: str | None) -> Insights | None:
    try:
        return read_insights(path, currency=currency)
    except InputError:
        return None


def _may_list_account(path: Path) -> bool:
    """Return whether a file may list an account; a large one shows it in its first rows."""
    try:
        return not is_large(path) or recognise_account(next(read_batches(path))) is not None
    except WholeFileError:
        return True


def facts(checked: Checked) -> dict[str, Any]:
    """Return everything that was found, as JSON holds it."""
    report, account, catalog = checked.report, checked.account, checked.catalog
    return {
        "file": str(checked.path),
        "usable": checked.refusal is None,
        "what": list(checked.names),
        "report": None if report is None else report_facts(report),
        "account": None if account is None else _account_facts(account),
        "catalog": None if catalog is None else _catalog_facts(catalog),
        "insights": None if checked.insights is None else _insight_facts(checked.insights),
        "problems": [str(problem) for problem in checked.problems],
        "refusal": checked.refusal,
    }


def report_facts(report: SearchTermReport) -> dict[str, Any]:
    """Return a search-term report's size, days and totals; ACOS is None without sales."""
    kinds = report.frame.unique(["search_term", "term_kind"])["term_kind"].value_counts()
    acos = pl.when(pl.col("sales") > 0).then(pl.col("spend") / pl.col("sales"))
    return {
        "rows": len(report),
        "skipped": report.skipped,
        "repeated": report.repeated.height,
        "reconciliation": [one.to_dict() for one in report.reconciliation],
        "granularity": report.granularity.value,
        "period": _days(report.period),
        "window_days": report.window_days,
        "terms": dict(kinds.sort("count", descending=True).rows()),
        "totals": report.totals.with_columns(acos.alias("acos")).to_dicts(),
    }


def _account_facts(account: Account) -> dict[str, Any]:
    counts = dict(account.frame["entity"].value_counts().rows())
    known = {one.value: counts.pop(one.value) for one in Entity if one.value in counts}
    return {
        "rows": len(account),
        "skipped": account.skipped,
        "period": _days(account.period),
        "entities": known | counts,
        "hygiene": hygiene_counts(hygiene(account)),
    }


def hygiene_counts(lines: pl.DataFrame) -> dict[str, int]:
    """Return how many keywords have each issue of ``decisions.hygiene``, those that any has."""
    return dict(lines["issue"].value_counts().sort("issue").rows())


def _insight_facts(insights: Insights) -> dict[str, Any]:
    rows = {kind.value: frame.height for kind, frame in insights.frames.items()}
    return {"rows": rows, "skipped": insights.skipped}


def _catalog_facts(catalog: Catalog) -> dict[str, Any]:
    return {"products": len(catalog), "skipped": catalog.skipped}


def _days(period: tuple[date, date] | None) -> list[str] | None:
    return period and [day.isoformat() for day in period]
