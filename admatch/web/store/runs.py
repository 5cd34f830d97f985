"""Runs: a report over a catalog with settings, and their summaries."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from admatch.errors import InputError
from admatch.messages import say
from admatch.store.workspace import Row, Transaction, Workspace, now
from admatch.web.messages import from_text
from admatch.web.store.queue import Queue, add_job

_FROM = """
SELECT runs.*, state, reason, attempts, lane, started, ended,
    catalog.name AS catalog_name, report.name AS report_name
FROM runs JOIN jobs USING (id)
LEFT JOIN uploads AS catalog ON catalog.id = catalog_id
LEFT JOIN uploads AS report ON report.id = report_id
"""


def add_run(
    workspace: Workspace,
    run_id: str,
    account_id: str,
    catalog_id: str,
    report_id: str,
    settings: Mapping[str, Any],
    key: str | None = None,
) -> tuple[str, bool]:
    """Queue a run; return its id and whether it is a new one.

    The same ``key`` returns the same run. Raises InputError for a key that was used for another
    request.
    """
    request = json.dumps([catalog_id, report_id, settings], sort_keys=True)
    digest = hashlib.sha256(request.encode()).hexdigest()
    with workspace.writing() as transaction:
        earlier = _earlier(transaction, account_id, key, digest)
        if earlier is not None:
            return earlier, False
        transaction.run(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, NULL, ?)",
            [run_id, account_id, catalog_id, report_id, json.dumps(settings), now()],
        )
        add_job(transaction, run_id, account_id, Queue.RUNS)
        if key is not None:
            transaction.run(
                "INSERT INTO idempotency_keys VALUES (?, ?, ?, ?, ?)",
                [account_id, key, digest, run_id, now()],
            )
    return run_id, True


def _earlier(transaction: Transaction, account_id: str, key: str | None, digest: str) -> str | None:
    """Return the run of a key."""
    if key is None:
        return None
    row = transaction.row(
        "SELECT digest, run_id FROM idempotency_keys WHERE account_id = ? AND key = ?",
        [account_id, key],
    )
    if row is not None and row["digest"] != digest:
        raise InputError(say("web.run.other_key"))
    return row["run_id"] if row else None


def find_run(workspace: Workspace, account_id: str, run_id: str) -> Row | None:
    """Return a run with its state, settings and summary; None where the account has none."""
    row = workspace.row(f"{_FROM} WHERE runs.id = ? AND runs.account_id = ?", [run_id, account_id])
    return _read(row) if row else None


def list_runs(workspace: Workspace, account_id: str) -> list[Row]:
    """Return an account's runs, the newest first."""
    sql = f"{_FROM} WHERE runs.account_id = ? ORDER BY runs.created DESC, runs.id"
    return [_read(row) for row in workspace.rows(sql, [account_id])]


def run_of_job(workspace: Workspace, job_id: str) -> Row | None:
    """Return the run that a job does."""
    row = workspace.row(f"{_FROM} WHERE runs.id = ?", [job_id])
    return _read(row) if row else None


def set_summary(transaction: Transaction, run_id: str, summary: Mapping[str, Any]) -> None:
    """Store what a run found."""
    transaction.run("UPDATE runs SET summary = ? WHERE id = ?", [json.dumps(summary), run_id])


def _read(row: Row) -> Row:
    summary = json.loads(row["summary"]) if row["summary"] else None
    settings = json.loads(row["settings"])
    return row | {"settings": settings, "summary": summary, "reason": from_text(row["reason"])}
