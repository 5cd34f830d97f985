"""Which fit a night's model uses: an earlier one while little has changed, else a new one."""

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

# Only the trees and the backtest age; clicks and orders count every night.
# tests/benchmarks/kept_fits.py measures what an old fit costs.
DAYS, GROWTH = 28, 0.10


@dataclass(frozen=True, slots=True)
class Fitting:
    """An earlier fit, or the id of a new one; a night depends on the id alone."""

    id: str
    kind: str
    as_of: date
    clicks: int
    earlier: DatedFit | None


def find_fitting(
    transaction: Transaction, account: str, as_of: date, catalog: str, guard_rails: GuardRails
) -> Fitting:
    """Return the fit for a night; ``catalog`` is its hash.

    An earlier fit of the same facts always holds. Any other of the same admatch and catalog holds
    until clicks differ by ``GROWTH``, ``DAYS`` have passed, or it fails: in its backtest, or
    because changes did not have their expected effect.
    """
    kind = _hash([__version__, catalog])
    fit_id = _hash([kind, state_of(transaction, account, as_of)])
    clicks = clicks_until(transaction, account, as_of)
    earlier = find_fit(transaction, account, fit_id)
    if earlier is None:
        last = last_fit(transaction, account, kind, as_of)
        earlier = last if last and _holds(last, as_of, clicks, guard_rails) else None
    return Fitting(earlier.id if earlier else fit_id, kind, as_of, clicks, earlier)


def _holds(fit: DatedFit, as_of: date, clicks: int, guard_rails: GuardRails) -> bool:
    young = (as_of - fit.fitted_on).days < DAYS
    alike = abs(clicks - fit.clicks) <= GROWTH * fit.clicks
    tested = fit.fit.backtest
    fails = tested is not None and tested.fails(guard_rails.coverage)
    drifted = fit.drifted_on is not None and fit.drifted_on < as_of
    return young and alike and not fails and not drifted


def _hash(value: Any) -> str:  # noqa: ANN401 - what JSON holds
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
