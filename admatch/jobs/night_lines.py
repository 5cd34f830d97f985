"""What a job did each night, one line a night: ``night_lines``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.jobs.read import read_job
from admatch.jobs.store.applied import applied_counts
from admatch.jobs.store.nights import nights_of
from admatch.jobs.store.notices import notices
from admatch.messages import say
from admatch.store.workspace import DATABASE, Workspace, is_current


def night_lines(workspace: Workspace, account: str | None = None) -> list[dict[str, Any]]:
    """Return a line for each night of one account or of all, the newest first."""
    with workspace.writing() as transaction:
        counts = applied_counts(transaction)
        sent = notices(transaction)
        return [
            _line(row, counts.get(row["id"], {}), sent.get(row["id"], {}))
            for row in nights_of(transaction, account)
        ]


def read_night_lines(
    job: Path, account: str | None, check: Callable[[Path], object]
) -> list[dict[str, Any]]:
    """Return the lines of a job by its file, writing nothing at all; none before its first night.

    ``check`` raises where the job's workspace may not be read. Raises ``InputError`` for an account
    that the job does not have, and for a workspace that an earlier admatch wrote.
    """
    loaded = read_job(job)
    names = [one.name for one in loaded.accounts]
    if account is not None and account not in names:
        listed = ", ".join(names)
        raise InputError(say("jobs.night.no_account", account=account, names=listed))
    check(loaded.workspace)
    database = loaded.workspace / DATABASE
    if not database.exists():
        return []
    check(database)
    if not is_current(database):
        raise InputError(say("jobs.night.earlier"))
    workspace = Workspace(loaded.workspace, reading=True)
    try:
        return night_lines(workspace, account)
    finally:
        workspace.close()


def _line(
    row: dict[str, Any], counts: dict[str, dict[str, int]], sent: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Return a night as one line: what was read, decided and written, or why it failed."""
    summary = row["summary"] or {}
    names = (
        *("files_read", "rows_added", "rows_corrected", "rows", "new_terms", "to_upload"),
        *("held_out", "fitted_on", "coverage", "experiment", "correction"),
    )
    return {
        "as_of": str(row["as_of"]),
        "account": row["account"],
        "job": row["job"],
        "ended": row["ended"].isoformat(timespec="seconds"),
        **{name: summary.get(name) for name in names},
        "applied": counts.get("applied", {}),
        "rolled_back": counts.get("rolled back", {}),
        "messages": {way: one["state"] for way, one in sent.items()},
        "outcomes": summary.get("outcomes") or [],
        "folder": row["folder"],
        "reason": row["reason"],
        "id": row["id"],
    }
