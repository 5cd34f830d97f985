"""What is slow to learn of an account, kept with what it was learned from: ``Fit``."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from admatch.decisions.backtest import Backtest
from admatch.impact.trees import Trees
from admatch.store.workspace import Row, Transaction, now


@dataclass(frozen=True, slots=True)
class Fit:
    """Trees and a backtest; ``clicks`` is how many they were learned from.

    ``drifted_on`` is the first day on which changes were seen not to do what was expected.
    """

    id: str
    kind: str
    fitted_on: date
    clicks: int
    trees: Trees
    tested: Backtest | None
    drifted_on: date | None = None


def find_fit(transaction: Transaction, account: str, fit_id: str) -> Fit | None:
    """Return a fit by its id, or None."""
    row = transaction.row("SELECT * FROM fits WHERE account = ? AND id = ?", [account, fit_id])
    return None if row is None else _read(row)


def last_fit(transaction: Transaction, account: str, kind: str, day: date) -> Fit | None:
    """Return the last fit of a kind up to ``day``, or None."""
    row = transaction.row(
        "SELECT * FROM fits WHERE account = ? AND kind = ? AND fitted_on <= ?"
        " ORDER BY fitted_on DESC, kept_at DESC LIMIT 1",
        [account, kind, day],
    )
    return None if row is None else _read(row)


def keep_fit(transaction: Transaction, account: str, fit: Fit, drifted_on: date | None) -> None:
    """Keep a fit, and when drift was seen first; one of the same id was learned from the same."""
    transaction.run(
        "INSERT INTO fits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [account, fit.id, fit.kind, fit.fitted_on, fit.clicks, json.dumps(fit.trees.told()),
         json.dumps(_told(fit.tested)), None, now()],
    )  # fmt: skip
    if drifted_on is not None:
        transaction.run(
            "UPDATE fits SET drifted_on = ? WHERE account = ? AND id = ?"
            " AND coalesce(drifted_on > ?, true)",
            [drifted_on, account, fit.id, drifted_on],
        )


def clicks_until(transaction: Transaction, account: str, day: date) -> int:
    """Return how many clicks are known of an account's days up to ``day``."""
    row = transaction.row(
        "SELECT coalesce(sum(clicks), 0) AS clicks FROM facts WHERE account = ? AND end_date <= ?",
        [account, day],
    )
    return int(row["clicks"]) if row else 0


def _told(tested: Backtest | None) -> dict[str, Any] | None:
    if tested is None:
        return None
    return {
        "by_time": tested.by_time,
        "coverage": tested.coverage,
        "groups": tested.groups,
        "calibration": tested.calibration.to_dict(as_series=False),
    }


def _read(row: Row) -> Fit:
    tested = json.loads(row["tested"])
    return Fit(
        id=row["id"],
        kind=row["kind"],
        fitted_on=row["fitted_on"],
        clicks=row["clicks"],
        trees=Trees.read(json.loads(row["trees"])),
        tested=tested
        and Backtest(
            tested["by_time"],
            tested["coverage"],
            tested["groups"],
            pl.DataFrame(tested["calibration"]),
        ),
        drifted_on=row["drifted_on"],
    )
