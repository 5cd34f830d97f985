"""Fits of an account, stored with what they were learned from: ``DatedFit``."""

import json
from dataclasses import dataclass
from datetime import date

from admatch.pipeline.fit import Fit
from admatch.store.workspace import Row, Transaction, now


@dataclass(frozen=True, slots=True)
class DatedFit:
    """A fit; ``clicks`` is the number of clicks that it was learned from.

    ``drifted_on`` is the first day on which changes had not had their expected effect.
    """

    id: str
    kind: str
    fitted_on: date
    clicks: int
    fit: Fit
    drifted_on: date | None = None


def find_fit(transaction: Transaction, account: str, fit_id: str) -> DatedFit | None:
    """Return a fit by its id, or None."""
    row = transaction.row("SELECT * FROM fits WHERE account = ? AND id = ?", [account, fit_id])
    return None if row is None else _read(row)


def last_fit(transaction: Transaction, account: str, kind: str, day: date) -> DatedFit | None:
    """Return the last fit of a kind up to ``day``, or None."""
    row = transaction.row(
        "SELECT * FROM fits WHERE account = ? AND kind = ? AND fitted_on <= ?"
        " ORDER BY fitted_on DESC, kept_at DESC LIMIT 1",
        [account, kind, day],
    )
    return None if row is None else _read(row)


def keep_fit(
    transaction: Transaction, account: str, dated: DatedFit, drifted_on: date | None
) -> None:
    """Store a fit unless its id is known, and the day on which drift was first seen."""
    held = dated.fit.to_dict()
    transaction.run(
        "INSERT INTO fits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [account, dated.id, dated.kind, dated.fitted_on, dated.clicks, json.dumps(held["trees"]),
         json.dumps(held["backtest"]), None, now()],
    )  # fmt: skip
    if drifted_on is not None:
        transaction.run(
            "UPDATE fits SET drifted_on = ? WHERE account = ? AND id = ?"
            " AND coalesce(drifted_on > ?, true)",
            [drifted_on, account, dated.id, drifted_on],
        )


def clicks_until(transaction: Transaction, account: str, day: date) -> int:
    """Return the number of clicks of an account up to ``day``."""
    row = transaction.row(
        "SELECT coalesce(sum(clicks), 0) AS clicks FROM facts WHERE account = ? AND end_date <= ?",
        [account, day],
    )
    return int(row["clicks"]) if row else 0


def _read(row: Row) -> DatedFit:
    held = {"trees": json.loads(row["trees"]), "backtest": json.loads(row["tested"])}
    return DatedFit(
        id=row["id"],
        kind=row["kind"],
        fitted_on=row["fitted_on"],
        clicks=row["clicks"],
        fit=Fit.from_dict(held),
        drifted_on=row["drifted_on"],
    )
