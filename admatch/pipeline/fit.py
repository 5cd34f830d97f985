"""A model fitted to a report and tested on its past, cached for the next run: ``fit_model``."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.decisions.backtest import Backtest, backtest
from admatch.impact.model import ImpactModel
from admatch.impact.trees import Trees
from admatch.match.records import Matches
from admatch.pipeline.cache import Cache, stamps_of_admatch
from admatch.reports.records import SearchTermReport


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Rates that trees held out of one report, which ``of`` is the digest of."""

    of: str
    rates: Floats

    def to_dict(self) -> dict[str, str]:
        """Return them as JSON holds them, to the bit."""
        return {
            "of": self.of,
            "rates": base64.b64encode(self.rates.astype("<f8").tobytes()).decode(),
        }

    @classmethod
    def from_dict(cls, payload: Mapping[str, str]) -> "HeldOut":
        """Return the rates that ``to_dict`` returned."""
        rates = np.frombuffer(base64.b64decode(payload["rates"]), "<f8")
        return cls(payload["of"], rates.astype(np.float64))


@dataclass(frozen=True, slots=True)
class Fit:
    """What is slow to learn about an account: the trees of its model, and its backtest.

    ``held_out`` holds for the very report that the trees were learned from only.
    """

    trees: Trees
    backtest: Backtest | None
    held_out: HeldOut | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as JSON holds it."""
        tested = self.backtest
        return {
            "trees": self.trees.to_dict(),
            "held_out": self.held_out and self.held_out.to_dict(),
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
        tested, held_out = fit["backtest"], fit.get("held_out")
        return cls(
            Trees.from_dict(fit["trees"]),
            tested
            and Backtest(
                tested["by_time"],
                tested["coverage"],
                tested["groups"],
                pl.DataFrame(tested["calibration"]),
            ),
            held_out and HeldOut.from_dict(held_out),
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

    A cached fit is not learned again, but all clicks and orders count. Only of the very same report
    are the rates that it held out cached, too.
    """
    catalog = matches.catalog if matches else None
    key = _key(report, matches, seed, as_of)
    known = cache.fit(key)
    digest = hashlib.sha256(key.encode()).hexdigest()
    held_out = known.held_out if known else None
    model = ImpactModel(seed).fit(
        report, matches, catalog=catalog, as_of=as_of,
        trees=known.trees if known else None,
        held_out=held_out.rates if held_out and held_out.of == digest else None,
    )  # fmt: skip
    if known is not None:
        return model, known
    tested = backtest(report, matches, catalog=catalog, seed=seed)
    fit = Fit(model.trees, tested, HeldOut(digest, model.held_out))
    cache.keep_fit(key, fit)
    return model, fit


def _key(report: SearchTermReport, matches: Matches | None, seed: int, as_of: date | None) -> str:
    """Return a key for everything that a fit is learned from."""
    digest, catalog = hashlib.sha256(), matches.catalog if matches else None
    for frame in (report.frame, *((matches.terms, matches.products) if matches else ())):
        digest.update(frame.write_ndjson().encode())
    settings = (catalog.content_hash if catalog else None, seed, str(as_of), report.window_days)
    return json.dumps([stamps_of_admatch(), digest.hexdigest(), *settings])
