"""Other targets and caps for a finished run, answered at once: no term is decoded again."""

import json
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl

from admatch.catalog.records import Catalog
from admatch.decisions.recommend import recommend
from admatch.impact.changes import ChangeSet
from admatch.impact.model import ImpactModel
from admatch.match.records import Matches
from admatch.progress import Progress
from admatch.reports.account.records import Account
from admatch.web.work.headline import finite
from admatch.web.work.kept import load_account, load_catalog, load_matches, load_report
from admatch.web.work.settings import RunSettings

_ANSWERS = 200  # a slider comes back to where it was
_HELD = 4  # runs that stay in memory: of 100,000 rows each they are half a gigabyte


class CachedModel:
    """A fitted model as a run left it: what is decided with, but nothing to draw changes from."""

    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.basis, self.seed, self.notes = told["basis"], told["seed"], tuple(told["notes"])
        self.posteriors = pl.read_parquet(folder / "posteriors.parquet")
        with np.load(folder / "before.npz", allow_pickle=False) as draws:
            self._before = {
                currency: _outlook(draws[f"{number}/spend"], draws[f"{number}/sales"])
                for number, currency in enumerate(told["currencies"])
            }

    def what_if(self, changes: ChangeSet, draws: int = 0) -> SimpleNamespace:
        """Return the account without any change."""
        return SimpleNamespace(by_currency=self._before)


def _outlook(spend: Any, sales: Any) -> SimpleNamespace:  # noqa: ANN401 - arrays
    known = not np.isnan(sales).any()
    before = SimpleNamespace(
        spend=SimpleNamespace(mean=float(spend.mean())),
        sales=SimpleNamespace(mean=float(sales.mean())) if known else None,
    )
    return SimpleNamespace(before=before, before_draws=SimpleNamespace(spend=spend, sales=sales))


@dataclass(frozen=True)
class Held:
    """A finished run in memory."""

    result: Path
    catalog_folder: Path
    report_folder: Path

    @cached_property
    def matches(self) -> Matches:
        """What each term retrieves."""
        return load_matches(self.result, load_report(self.report_folder / "read"))

    @cached_property
    def account(self) -> Account | None:
        """What the account runs."""
        return load_account(self.report_folder / "read")

    @cached_property
    def catalog(self) -> Catalog:
        """The products."""
        return load_catalog(self.catalog_folder / "read", self.catalog_folder)

    @cached_property
    def model(self) -> ImpactModel:
        """What terms are worth."""
        return cast("ImpactModel", CachedModel(self.result))


_answers: "OrderedDict[tuple[Path, str], dict[str, Any]]" = OrderedDict()
_runs: "OrderedDict[tuple[Path, int], Held]" = OrderedDict()


def preload(arguments: dict[str, Any], progress: Progress) -> None:
    """Do nothing: what this module imports is what takes time."""


def what_if(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return totals, frontier and counts of decisions for other settings of a run."""
    settings = replace(RunSettings(**arguments["settings"]), **arguments["changed"])
    key = (Path(arguments["folder"]), repr(settings))
    if key not in _answers:
        _answers[key] = _answer(_held(arguments), settings)
    _answers.move_to_end(key)
    while len(_answers) > _ANSWERS:
        _answers.popitem(last=False)
    return _answers[key]


def _answer(held: Held, settings: RunSettings) -> dict[str, Any]:
    advice = recommend(
        held.matches.report, held.matches, held.model, target_acos=settings.target_acos,
        account=held.account, catalog=held.catalog, margin=settings.margin,
        protect=settings.protect, rho=settings.rho, guard_rails=settings.guard_rails(),
        most_changes=settings.most_changes,
    )  # fmt: skip
    told = {
        "target_acos": settings.target_acos,
        "sales_at_risk": settings.sales_at_risk,
        "rho": settings.rho,
        "counts": {action.value: count for action, count in advice.counts.items()},
        "currencies": [
            {
                "currency": total["currency"],
                "expected": total,
                "frontier": advice.frontier.filter(
                    pl.col("currency").eq_missing(pl.lit(total["currency"], pl.String))
                )
                .drop("currency")
                .to_dicts(),
            }
            for total in advice.totals.to_dicts()
        ],
        "warnings": [one for one in advice.warnings if one.startswith("GUARD-RAIL")],
    }
    clean: dict[str, Any] = finite(told)
    return clean


def _held(arguments: dict[str, Any]) -> Held:
    result = Path(arguments["folder"]) / "result"
    key = (result, result.stat().st_mtime_ns)
    if key not in _runs:
        _runs[key] = Held(result, Path(arguments["catalog"]), Path(arguments["report"]))
    _runs.move_to_end(key)
    while len(_runs) > _HELD:
        _runs.popitem(last=False)
    return _runs[key]
