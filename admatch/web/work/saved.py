"""Catalogs, reports and accounts as folders, so that a worker reads a file only once."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from admatch.catalog.records import Catalog
from admatch.errors import Problem
from admatch.messages import as_json, from_json
from admatch.reports.account.records import Account
from admatch.reports.insights.records import InsightKind, Insights
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport


def save_catalog(catalog: Catalog, folder: Path, root: Path) -> None:
    """Write a catalog; its pictures are relative to ``root``, so that a workspace may move."""
    below = pl.col("images").list.eval(pl.element().str.strip_prefix(f"{root.as_posix()}/"))
    catalog.frame.with_columns(below).write_parquet(folder / "catalog.parquet")
    facts = {"source": catalog.source.name if catalog.source else None, "skipped": catalog.skipped}
    _write(folder / "catalog.json", facts | {"problems": _rows(catalog.problems)})


def has_products(folder: Path) -> bool:
    """Return whether products were found among the files of an upload."""
    return (folder / "read" / "catalog.json").exists()


def load_catalog(folder: Path, root: Path) -> Catalog:
    """Return the catalog in a folder; its pictures lie under ``root``."""
    facts = _read(folder / "catalog.json")
    full = pl.col("images").list.eval(pl.concat_str(pl.lit(f"{root.as_posix()}/"), pl.element()))
    frame = pl.read_parquet(folder / "catalog.parquet").with_columns(full)
    source = Path(facts["source"]) if facts["source"] else None
    return Catalog(frame, source, _problems(facts), facts["skipped"])


def save_report(report: SearchTermReport, folder: Path) -> None:
    """Write a search-term report."""
    report.frame.write_parquet(folder / "report.parquet")
    report.repeated.write_parquet(folder / "repeated.parquet")
    facts = {
        "sources": [source.name for source in report.sources],
        "granularity": report.granularity.value,
        "window_days": report.window_days,
        "skipped": report.skipped,
        "formats": [as_json(one) for one in report.formats],
        "problems": _rows(report.problems),
    }
    _write(folder / "report.json", facts)


def load_report(folder: Path) -> SearchTermReport:
    """Return the search-term report in a folder."""
    facts = _read(folder / "report.json")
    return SearchTermReport(
        _complete(pl.read_parquet(folder / "report.parquet")),
        tuple(Path(name) for name in facts["sources"]),
        Granularity(facts["granularity"]),
        facts["window_days"],
        _problems(facts),
        facts["skipped"],
        tuple(from_json(one) for one in facts["formats"]),
        _complete(pl.read_parquet(folder / "repeated.parquet")),
    )


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    """Return report rows with the columns that an earlier admatch did not have, as unknown."""
    known = dict(REPORT_SCHEMA)
    lacking = [pl.lit(None, kind).alias(name) for name, kind in known.items() if name not in rows]
    return rows.with_columns(lacking).select(*known, pl.exclude(*known)) if lacking else rows


def save_account(account: Account, folder: Path) -> None:
    """Write the campaigns, keywords and bids of an account."""
    account.frame.write_parquet(folder / "account.parquet")
    facts = {
        "sources": [source.name for source in account.sources],
        "formats": [as_json(one) for one in account.formats],
        "skipped": account.skipped,
        "problems": _rows(account.problems),
    }
    _write(folder / "account.json", facts)


def load_account(folder: Path) -> Account | None:
    """Return the account in a folder, or None where no uploaded file lists it."""
    if not (folder / "account.json").exists():
        return None
    facts = _read(folder / "account.json")
    return Account(
        pl.read_parquet(folder / "account.parquet"),
        tuple(Path(name) for name in facts["sources"]),
        tuple(from_json(one) for one in facts["formats"]),
        _problems(facts),
        facts["skipped"],
    )


def save_insights(insights: Insights, folder: Path) -> None:
    """Write Amazon's other reports."""
    for kind, frame in insights.frames.items():
        frame.write_parquet(folder / f"{kind.value}.parquet")
    facts = {
        "sources": [source.name for source in insights.sources],
        "formats": list(insights.formats),
        "kinds": [kind.value for kind in insights.frames],
        "skipped": insights.skipped,
        "problems": _rows(insights.problems),
    }
    _write(folder / "insights.json", facts)


def load_insights(folder: Path) -> Insights | None:
    """Return Amazon's other reports in a folder, or None where no uploaded file is one."""
    if not (folder / "insights.json").exists():
        return None
    facts = _read(folder / "insights.json")
    return Insights(
        {InsightKind(one): pl.read_parquet(folder / f"{one}.parquet") for one in facts["kinds"]},
        tuple(Path(name) for name in facts["sources"]),
        tuple(facts["formats"]),
        _problems(facts),
        facts["skipped"],
    )


def _rows(problems: Sequence[Problem]) -> list[list[Any]]:
    return [
        [one.file.name, as_json(one.what), as_json(one.remedy), one.row, one.column, one.value]
        for one in problems
    ]


def _problems(facts: dict[str, Any]) -> tuple[Problem, ...]:
    return tuple(
        Problem(Path(file), from_json(what), from_json(remedy), *cell)
        for file, what, remedy, *cell in facts["problems"]
    )


def _write(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return facts
