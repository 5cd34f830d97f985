"""Which fit a night's model rests on: a kept one while little has changed, else a new one."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from admatch import __version__
from admatch.jobs.store.facts import state_of
from admatch.jobs.store.fits import DatedFit, clicks_until, find_fit, last_fit
from admatch.pipeline.records import GuardRails
from admatch.store.workspace import Transaction

# Only trees and backtest grow old; clicks and orders count every night. What keeping costs is told
# by tests/benchmarks/kept_fits.py.
DAYS, GROWTH = 28, 0.10


@dataclass(frozen=True, slots=True)
class Fitting:
    """A kept fit, or what a new one is to be called; the id is all that a night depends on."""

    id: str
    kind: str
    as_of: date
    clicks: int
    kept: DatedFit | None


def find_fitting(
    transaction: Transaction, account: str, as_of: date, catalog: str, guard_rails: GuardRails
) -> Fitting:
    """Return the fit for a night; ``catalog`` is its hash.

    A kept one of the same facts holds always; any other of the same admatch and catalog until
    clicks are ``GROWTH`` more or fewer, ``DAYS`` have gone by, or it is seen to fail: in its
    backtest, or as changes did not do what was expected of them.
    """
    kind = _hash([__version__, catalog])
    fit_id = _hash([kind, state_of(transaction, account, as_of)])
    clicks = clicks_until(transaction, account, as_of)
    kept = find_fit(transaction, account, fit_id)
    if kept is None:
        last = last_fit(transaction, account, kind, as_of)
        kept = last if last and _holds(last, as_of, clicks, guard_rails) else None
    return Fitting(kept.id if kept else fit_id, kind, as_of, clicks, kept)


def _holds(fit: DatedFit, as_of: date, clicks: int, guard_rails: GuardRails) -> bool:
    young = (as_of - fit.fitted_on).days < DAYS
    alike = abs(clicks - fit.clicks) <= GROWTH * fit.clicks
    tested = fit.fit.backtest
    fails = tested is not None and tested.fails(guard_rails.coverage)
    drifted = fit.drifted_on is not None and fit.drifted_on < as_of
    return young and alike and not fails and not drifted


def _hash(told: Any) -> str:  # noqa: ANN401 - what JSON holds
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
