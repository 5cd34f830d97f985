"""A fit, cached: the next run comes to the same, and another report is looked at anew."""

import json
from dataclasses import replace

import numpy as np
import polars as pl

from admatch.pipeline.cache import Cache, FolderCache
from admatch.pipeline.fit import Fit, HeldOut, fit_model
from tests.impact.accounts import random_account


class OneFit(FolderCache):
    """A cache that knows one fit, as that of a night holds for many reports."""

    def __init__(self) -> None:
        super().__init__()
        self.known: Fit | None = None

    def fit(self, key: str) -> Fit | None:
        return self.known and Fit.from_dict(json.loads(json.dumps(self.known.to_dict())))

    def keep_fit(self, key: str, fit: Fit) -> None:
        self.known = fit


def fitted(report, cache: Cache):
    return fit_model(report, None, seed=7, as_of=None, cache=cache)


def test_a_cached_fit_comes_to_the_same():
    report, cache = random_account(1, terms=400), OneFit()
    first, fit = fitted(report, cache)
    assert fit.held_out is not None
    second, again = fitted(report, cache)
    assert second.posteriors.equals(first.posteriors)
    assert np.array_equal(again.held_out.rates, first.held_out)


def test_held_out_rates_are_those_of_their_report_only():
    report, cache = random_account(1, terms=400), OneFit()
    _, fit = fitted(report, cache)
    wrong = HeldOut(fit.held_out.of, np.full(len(fit.held_out.rates), 0.9))
    cache.known = replace(fit, held_out=wrong)
    assert (fitted(report, cache)[0].held_out == 0.9).all()  # they are what is taken
    doubled = replace(report, frame=report.frame.with_columns(clicks=pl.col("clicks") * 2))
    assert (fitted(doubled, cache)[0].held_out < 0.9).any()


def test_a_fit_without_held_out_rates_is_read():
    report, cache = random_account(1, terms=50), OneFit()
    _, fit = fitted(report, cache)
    payload = fit.to_dict()
    del payload["held_out"]
    assert Fit.from_dict(payload).held_out is None
