"""Changes held out as an experiment: ``held_changes``, ``released_changes``."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from admatch.jobs.store.proposals import FLIP_DAYS
from admatch.pipeline.records import AFTER, AppliedChanges, Name, change_from_dict, name_of
from admatch.store.workspace import Transaction


def held_changes(
    transaction: Transaction, account: str, mature: Sequence[AppliedChanges]
) -> list[AppliedChanges]:
    """Return the changes held out beside mature ones, as if made on the same days.

    Each change appears once, at the first night that held it out. Changes that somebody made anyway
    before their days were over are left out.
    """
    found, known = [], set[Name]()
    first = {one.night: one for one in reversed(mature)}
    for night, made in sorted(first.items(), key=lambda pair: (pair[1].proposed_on, pair[0])):
        rows = transaction.run(
            "SELECT change FROM proposals WHERE account = ? AND night_id = ? AND held"
            " AND coalesce(seen_on >= ?, TRUE) ORDER BY number",
            [account, night, made.seen_on + timedelta(days=AFTER)],
        )
        changes = [change_from_dict(json.loads(row["change"])) for row in rows]
        new = tuple(one for one in changes if name_of(one) not in known)
        known |= set(map(name_of, new))
        if new:
            found.append(replace(made, changes=new, freed=0.0, lost=0.0))
    return found


def released_changes(transaction: Transaction, account: str, day: date) -> frozenset[Name]:
    """Return the changes held out for ``FLIP_DAYS`` by ``day``; they are no longer held out."""
    rows = transaction.run(
        "SELECT change FROM proposals WHERE account = ? AND held AND proposed_on <= ?",
        [account, day - timedelta(days=FLIP_DAYS)],
    )
    return frozenset(name_of(change_from_dict(json.loads(row["change"]))) for row in rows)
