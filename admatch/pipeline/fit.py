"""A model fitted to a report and tested on its past, cached for the next run: ``fit_model``."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from admatch.decisions.backtest import Backtest, backtest
from admatch.impact.model import ImpactModel
from admatch.impact.trees import Trees
from admatch.match.records import Matches
from admatch.pipeline.cache import Cache, stamps_of_admatch
from admatch.reports.records import SearchTermReport


@dataclass(frozen=True, slots=True)
class Fit:
    """What is slow to learn about an account: the trees of its model, and its backtest."""

    trees: Trees
    backtest: Backtest | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as JSON holds it."""
        tested = self.backtest
        return {
            "trees": self.trees.to_dict(),
            "backtest": tested
            and {
                "by_time": tested.by_time,
                "coverage": tested.coverage,
                "groups": tested.groups,
                "calibration": tested.calibration.to_dict(as_series=False),
            },
        }

    @classmethod
    def from_dict(cls, fit: Mapping[str, Any]) -> "Fit":
        """Return the fit that ``to_dict`` returned."""
        tested = fit["backtest"]
        return cls(
            Trees.from_dict(fit["trees"]),
            tested
            and Backtest(
                tested["by_time"],
                tested["coverage"],
                tested["groups"],
                pl.DataFrame(tested["calibration"]),
            ),
        )


def fit_model(
    report: SearchTermReport,
    matches: Matches | None,
    *,
    seed: int,
    as_of: date | None,
    cache: Cache,
) -> tuple[ImpactModel, Fit]:
    """Return the model of a matched report, and the fit that it uses.

    A cached fit is not learned again, but all clicks and orders count.
    """
    catalog = matches.catalog if matches else None
    key = _key(report, matches, seed, as_of)
    known = cache.fit(key)
    trees = known.trees if known else None
    model = ImpactModel(seed).fit(report, matches, catalog=catalog, as_of=as_of, trees=trees)
    if known is not None:
        return model, known
    fit = Fit(model.trees, backtest(report, matches, catalog=catalog, seed=seed))
    cache.keep_fit(key, fit)
    return model, fit


def _key(report: SearchTermReport, matches: Matches | None, seed: int, as_of: date | None) -> str:
    """Return a key for everything that a fit is learned from."""
    digest, catalog = hashlib.sha256(), matches.catalog if matches else None
    for frame in (report.frame, *((matches.terms, matches.products) if matches else ())):
        digest.update(frame.write_ndjson().encode())
    settings = (catalog.content_hash if catalog else None, seed, str(as_of), report.window_days)
    return json.dumps([stamps_of_admatch(), digest.hexdigest(), *settings])
