"""Verdicts on single decisions of a run: accepted, rejected, and why."""

from collections.abc import Sequence

from admatch.store.verdict import Verdict
from admatch.store.workspace import Row, Workspace, now


def give_verdicts(
    workspace: Workspace,
    account_id: str,
    run_id: str,
    decisions: Sequence[int],
    verdict: Verdict | None,
    note: str | None,
    decided_by: str,
) -> bool:
    """Store a verdict on decisions of a run; return whether the run is still there.

    None leaves the verdict, or the note, as it is.
    """
    given = None if verdict in (None, Verdict.UNDECIDED) else str(verdict)
    moment = now()
    values = [
        [run_id, number, account_id, given, note, decided_by, moment]
        for number in dict.fromkeys(decisions)
    ]
    update = "" if verdict is None else "verdict = excluded.verdict, "
    known = "SELECT id FROM runs WHERE id = ? AND account_id = ?"
    with workspace.writing() as transaction:
        if transaction.row(known, [run_id, account_id]) is None:
            return False
        transaction.run_many(
            "INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            f"{update}note = coalesce(excluded.note, note), decided_by = excluded.decided_by,"
            " decided_at = excluded.decided_at",
            values,
        )
    return True


def verdicts_of(workspace: Workspace, account_id: str, run_id: str) -> list[Row]:
    """Return a run's verdicts by decision."""
    return workspace.rows(
        "SELECT decision, verdict, note, decided_by, decided_at FROM verdicts"
        " WHERE run_id = ? AND account_id = ? ORDER BY decision",
        [run_id, account_id],
    )
