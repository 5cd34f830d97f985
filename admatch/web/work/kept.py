"""Catalogs, reports, accounts and matches as folders, so that a worker reads a file only once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from admatch.catalog.records import Catalog
from admatch.errors import Problem
from admatch.reports.account.records import Account
from admatch.reports.records import Granularity, SearchTermReport


def save_catalog(catalog: Catalog, folder: Path, root: Path) -> None:
    """Write a catalog; pictures are told relative to ``root``, so that a workspace may move."""
    below = pl.col("images").list.eval(pl.element().str.strip_prefix(f"{root.as_posix()}/"))
    catalog.frame.with_columns(below).write_parquet(folder / "catalog.parquet")
    told = {"source": catalog.source.name if catalog.source else None, "skipped": catalog.skipped}
    _write(folder / "catalog.json", told | {"problems": _problems(catalog.problems)})


def load_catalog(folder: Path, root: Path) -> Catalog:
    """Return the catalog in a folder; its pictures lie under ``root``."""
    told = _read(folder / "catalog.json")
    full = pl.col("images").list.eval(pl.concat_str(pl.lit(f"{root.as_posix()}/"), pl.element()))
    frame = pl.read_parquet(folder / "catalog.parquet").with_columns(full)
    source = Path(told["source"]) if told["source"] else None
    return Catalog(frame, source, _problems_of(told), told["skipped"])


def save_report(report: SearchTermReport, folder: Path) -> None:
    """Write a search-term report."""
    report.frame.write_parquet(folder / "report.parquet")
    report.repeated.write_parquet(folder / "repeated.parquet")
    told = {
        "sources": [source.name for source in report.sources],
        "granularity": report.granularity.value,
        "window_days": report.window_days,
        "skipped": report.skipped,
        "formats": list(report.formats),
        "problems": _problems(report.problems),
    }
    _write(folder / "report.json", told)


def load_report(folder: Path) -> SearchTermReport:
    """Return the search-term report in a folder."""
    told = _read(folder / "report.json")
    return SearchTermReport(
        pl.read_parquet(folder / "report.parquet"),
        tuple(Path(name) for name in told["sources"]),
        Granularity(told["granularity"]),
        told["window_days"],
        _problems_of(told),
        told["skipped"],
        tuple(told["formats"]),
        pl.read_parquet(folder / "repeated.parquet"),
    )


def save_account(account: Account, folder: Path) -> None:
    """Write what an account runs."""
    account.frame.write_parquet(folder / "account.parquet")
    told = {
        "sources": [source.name for source in account.sources],
        "formats": list(account.formats),
        "skipped": account.skipped,
        "problems": _problems(account.problems),
    }
    _write(folder / "account.json", told)


def load_account(folder: Path) -> Account | None:
    """Return what an account runs, or None where no file told it."""
    if not (folder / "account.json").exists():
        return None
    told = _read(folder / "account.json")
    return Account(
        pl.read_parquet(folder / "account.parquet"),
        tuple(Path(name) for name in told["sources"]),
        tuple(told["formats"]),
        _problems_of(told),
        told["skipped"],
    )


@dataclass(frozen=True, slots=True)
class Names:
    """What files are called in the workspace, and what their owner calls them."""

    told: dict[str, str]

    def in_text(self, text: str) -> str:
        """Return a sentence with the owner's names."""
        for kept, name in self.told.items():
            text = text.replace(kept, name)
        return text

    def in_path(self, path: Path) -> Path:
        """Return a path that is the owner's name alone."""
        return Path(self.told.get(path.name, path.name))

    def in_problem(self, problem: Problem) -> Problem:
        """Return the problem, told with the owner's names."""
        return Problem(
            self.in_path(problem.file),
            self.in_text(problem.what),
            self.in_text(problem.remedy),
            problem.row,
            problem.column,
            problem.value,
        )


def _problems(problems: Sequence[Problem]) -> list[list[Any]]:
    return [
        [one.file.name, one.what, one.remedy, one.row, one.column, one.value] for one in problems
    ]


def _problems_of(told: dict[str, Any]) -> tuple[Problem, ...]:
    return tuple(Problem(Path(file), *rest) for file, *rest in told["problems"])


def _write(path: Path, told: dict[str, Any]) -> None:
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told
