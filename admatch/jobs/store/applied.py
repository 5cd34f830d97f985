"""What became of proposals at Amazon, from the journals: ``note_applied``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from admatch.store.workspace import Row, Transaction


class What(StrEnum):
    """What a journal records."""

    APPLIED = "applied"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, slots=True)
class Ending:
    """How one proposal of a night ended; ``stands``: the account now is as intended."""

    number: int
    outcome: str
    stands: bool
    note: str | None
    amazon_id: str | None
    moment: float  # seconds since 1970


def note_applied(
    transaction: Transaction, night_id: str, what: What, endings: Sequence[Ending]
) -> None:
    """Store how proposals of a night ended, replacing what was stored for them before.

    A proposal that stands counts from its day on as seen in the account, or as undone.
    """
    moments = {one.number: datetime.fromtimestamp(one.moment, UTC) for one in endings}
    transaction.run_many(
        "INSERT OR REPLACE INTO applied VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (night_id, one.number, what.value, one.outcome, one.note, one.amazon_id,
             moments[one.number].replace(tzinfo=None))
            for one in endings
        ],
    )  # fmt: skip
    column = "seen_on" if what is What.APPLIED else "undone_on"
    transaction.run_many(
        f"UPDATE proposals SET {column} = coalesce(least({column}, ?), ?)"
        " WHERE night_id = ? AND number = ?",
        [
            (moments[one.number].date(), moments[one.number].date(), night_id, one.number)
            for one in endings
            if one.stands
        ],
    )


def applied_counts(transaction: Transaction) -> dict[str, dict[str, dict[str, int]]]:
    """Return the number of proposals by night, by what was done, and by outcome."""
    rows = transaction.run(
        "SELECT night_id, what, outcome, count(*) AS n FROM applied GROUP BY ALL ORDER BY ALL"
    )
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in rows:
        counts = found.setdefault(row["night_id"], {}).setdefault(row["what"], {})
        counts[row["outcome"]] = row["n"]
    return found


def applied_of(transaction: Transaction, night_id: str) -> list[Row]:
    """Return how the proposals of a night ended, by number, applied before rolled back."""
    return transaction.run(
        "SELECT * FROM applied WHERE night_id = ? ORDER BY number, what", [night_id]
    )
