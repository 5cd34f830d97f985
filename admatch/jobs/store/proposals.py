"""Proposed changes: which of them the account shows, and since when."""

import itertools
import json
import operator
from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from admatch.pipeline.records import (
    AFTER,
    NEGATIONS,
    AppliedChanges,
    Change,
    ChangeSet,
    Directory,
    Operation,
    change_from_dict,
    key_of,
    reaches,
    setting_of,
)
from admatch.reports.account.records import NEGATIVES, Account
from admatch.store.workspace import Row, Transaction

FLIP_DAYS = 90  # for so long, the opposite of a change is not proposed


def note_seen(transaction: Transaction, account: str, bulk: Account, day: date) -> int:
    """Mark the proposals that a bulk file shows as seen on ``day``; return how many are new.

    A created keyword or negative must exist and not be archived; a bid must be the proposed one.
    If several nights proposed the same change, it counts for the last of them.
    """
    rows = transaction.run(_UNSEEN, [account, day, account])
    if not rows:
        return 0
    directory = Directory(bulk)
    seen = [row for row in rows if _stands(directory, change_from_dict(json.loads(row["change"])))]
    transaction.run_many(
        "UPDATE proposals SET seen_on = ? WHERE night_id = ? AND number = ?",
        [(day, row["night_id"], row["number"]) for row in seen],
    )
    return len(seen)


# A change that stands already is not marked again for an earlier night that proposed the same.
_UNSEEN = """
SELECT night_id, number, change FROM proposals WHERE account = ? AND seen_on IS NULL
    AND proposed_on <= ? AND change NOT IN (
        SELECT change FROM proposals
        WHERE account = ? AND seen_on IS NOT NULL AND undone_on IS NULL
    )
QUALIFY row_number() OVER (PARTITION BY change ORDER BY proposed_on DESC, night_id) = 1
ORDER BY night_id, number
"""


def seen_changes(
    transaction: Transaction, account: str, day: date, days: int, *, standing: bool = False
) -> ChangeSet:
    """Return the changes made or undone in the last ``days`` days up to ``day``, each once.

    With ``standing``, only those that were not undone by then.
    """
    undone = "CASE WHEN undone_on <= ? THEN undone_on END"
    rows = transaction.run(
        f"SELECT change, {undone} AS undone FROM proposals WHERE account = ? AND seen_on <= ?"
        " AND greatest(seen_on, undone) > ? AND NOT (? AND undone IS NOT NULL)"
        " ORDER BY seen_on, night_id, number",
        [day, account, day, day - timedelta(days=days), standing],
    )
    found = dict.fromkeys(change_from_dict(json.loads(row["change"])) for row in rows)
    return ChangeSet(tuple(found))


def proposals_of(transaction: Transaction, night_id: str) -> list[Row]:
    """Return a night's proposals by number, held-out ones last."""
    return transaction.run("SELECT * FROM proposals WHERE night_id = ? ORDER BY number", [night_id])


def mature_changes(
    transaction: Transaction, account: str, day: date, days: int
) -> list[AppliedChanges]:
    """Return the changes seen ``days`` or more before ``day``, by night and day on which seen.

    Changes that were undone before their effect could be seen are left out.
    """
    rows = transaction.run(
        "SELECT proposals.*, nights.summary FROM proposals JOIN nights ON nights.id = night_id"
        " WHERE proposals.account = ? AND seen_on <= ?"
        " AND coalesce(undone_on >= seen_on + ?::INTEGER, TRUE)"
        " ORDER BY seen_on, night_id, number",
        [account, day - timedelta(days=days), AFTER],
    )
    found = []
    for (night, seen_on), part in itertools.groupby(rows, _NIGHT):
        together = list(part)
        changes = tuple(change_from_dict(json.loads(row["change"])) for row in together)
        freed, lost = _expected(transaction, night, changes)
        summary, proposed = json.loads(together[0]["summary"]), together[0]["proposed_on"]
        length = summary.get("days") or 1
        factors = summary.get("correction") or {}
        found.append(
            AppliedChanges(
                night, proposed, seen_on, changes, freed / length, lost / length,
                factors.get("freed", 1.0), factors.get("lost", 1.0),
            )
        )  # fmt: skip
    return found


_NIGHT = operator.itemgetter("night_id", "seen_on")


def _expected(
    transaction: Transaction, night_id: str, changes: Sequence[Change]
) -> tuple[float, float]:
    """Return the spend that a night's negations were expected to free, and the sales to lose."""
    new = [one for one in changes if one.operation == Operation.CREATE]
    negations = [one for one in new if one.entity in NEGATIVES]
    rows = transaction.frame(
        "SELECT * FROM recommendations WHERE night_id = ? AND chosen", [night_id]
    )
    rows = rows.filter(pl.col("action").is_in([one.value for one in NEGATIONS]))
    if not negations or rows.is_empty():
        return 0.0, 0.0
    reached = rows.filter(pl.any_horizontal(reaches(one) for one in negations))
    freed, lost = (reached[name].fill_null(0.0).sum() for name in ("spend_freed", "sales_at_risk"))
    return float(freed), float(lost)


def _stands(directory: Directory, change: Change) -> bool:
    if change.setting is not None:
        return setting_of(directory, change) == change.setting
    if change.operation == Operation.UPDATE:
        found = directory.targets.get(change.target_id or "")
        if found is None or change.new_state is None:
            return found is not None and found.bid == change.bid
        return found.state == change.new_state
    parent = change.place.ad_group_id or change.place.campaign_id or ""
    standing = directory.standing(key_of(change, parent)) is not None
    return standing != (change.operation == Operation.ARCHIVE)
