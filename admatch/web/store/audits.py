"""Audits of a catalog's listings, alone or with the terms of a report."""

import json
from collections.abc import Mapping
from typing import Any

from admatch.store.workspace import Row, Transaction, Workspace, now
from admatch.web.messages import from_text
from admatch.web.store.queue import Queue, add_job

_FROM = "SELECT audits.*, state, reason, lane, started, ended FROM audits JOIN jobs USING (id)"


def add_audit(
    workspace: Workspace, audit_id: str, account_id: str, catalog_id: str, report_id: str | None
) -> str:
    """Queue an audit; return its id, or the id of one that is queued, running or done."""
    with workspace.writing() as transaction:
        earlier = transaction.row(
            f"{_FROM} WHERE audits.account_id = ? AND catalog_id = ?"
            " AND report_id IS NOT DISTINCT FROM ? AND state IN ('queued', 'running', 'done')",
            [account_id, catalog_id, report_id],
        )
        if earlier is not None:
            return str(earlier["id"])
        transaction.run(
            "INSERT INTO audits VALUES (?, ?, ?, ?, NULL, ?)",
            [audit_id, account_id, catalog_id, report_id, now()],
        )
        add_job(transaction, audit_id, account_id, Queue.RUNS)
    return audit_id


def latest_audit(workspace: Workspace, account_id: str, catalog_id: str) -> Row | None:
    """Return a catalog's newest audit with its state and summary; None where there is none."""
    row = workspace.row(
        f"{_FROM} WHERE audits.account_id = ? AND catalog_id = ?"
        " ORDER BY audits.created DESC, audits.id LIMIT 1",
        [account_id, catalog_id],
    )
    return _read(row) if row else None


def audit_of_job(workspace: Workspace, job_id: str) -> Row | None:
    """Return the audit that a job does."""
    row = workspace.row(f"{_FROM} WHERE audits.id = ?", [job_id])
    return _read(row) if row else None


def set_audit_summary(transaction: Transaction, audit_id: str, summary: Mapping[str, Any]) -> None:
    """Store what an audit found."""
    transaction.run("UPDATE audits SET summary = ? WHERE id = ?", [json.dumps(summary), audit_id])


def audits_using(workspace: Workspace, upload_id: str) -> list[str]:
    """Return the ids of the audits over an upload."""
    sql = "SELECT id FROM audits WHERE catalog_id = ? OR report_id = ?"
    return [row["id"] for row in workspace.rows(sql, [upload_id, upload_id])]


def _read(row: Row) -> Row:
    summary = json.loads(row["summary"]) if row["summary"] else None
    return row | {"summary": summary, "reason": from_text(row["reason"])}
