"""Messages about nights: which were sent, so that none is sent twice."""

from enum import StrEnum

from admatch.store.workspace import Row, Transaction, now


class Sent(StrEnum):
    """How far a message is; what is ``SENDING`` or ``UNSURE`` may have arrived."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"


def may_send(transaction: Transaction, about: str, way: str) -> bool:
    """Return whether a message was never sent, nor may have been."""
    row = transaction.row("SELECT state FROM notices WHERE about = ? AND way = ?", [about, way])
    return row is None or row["state"] == Sent.FAILED


def note_sending(
    transaction: Transaction, about: str, way: str, state: Sent, told: str | None = None
) -> None:
    """Keep how far a message is, and what went wrong."""
    transaction.run(
        "INSERT OR REPLACE INTO notices VALUES (?, ?, ?, ?, ?)",
        [about, way, state.value, told, now()],
    )


def notices(transaction: Transaction) -> dict[str, dict[str, Row]]:
    """Return every message by what it is about, and by its way."""
    found: dict[str, dict[str, Row]] = {}
    for row in transaction.run("SELECT * FROM notices ORDER BY about, way"):
        found.setdefault(row["about"], {})[row["way"]] = row
    return found
