"""Which messages about nights were sent, so that none is sent twice."""

from enum import StrEnum

from admatch.store.workspace import Row, Transaction, now


class Sent(StrEnum):
    """The state of a message; one that is ``SENDING`` or ``UNSURE`` may have arrived."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"


def may_send(transaction: Transaction, about: str, way: str) -> bool:
    """Return whether a message certainly has not been sent."""
    row = transaction.row("SELECT state FROM notices WHERE about = ? AND way = ?", [about, way])
    return row is None or row["state"] == Sent.FAILED


def note_sending(
    transaction: Transaction, about: str, way: str, state: Sent, why: str | None = None
) -> None:
    """Store the state of a message, and what went wrong."""
    transaction.run(
        "INSERT OR REPLACE INTO notices VALUES (?, ?, ?, ?, ?)",
        [about, way, state.value, why and str(why), now()],
    )


def notices(transaction: Transaction) -> dict[str, dict[str, Row]]:
    """Return every message by its subject, and by the way it was sent."""
    found: dict[str, dict[str, Row]] = {}
    for row in transaction.run("SELECT * FROM notices ORDER BY about, way"):
        found.setdefault(row["about"], {})[row["way"]] = row
    return found
