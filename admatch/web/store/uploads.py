"""Catalogs and reports that were uploaded, and what was found in them."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from admatch.store.workspace import Row, Transaction, Workspace, now
from admatch.web.messages import from_text
from admatch.web.store.queue import Queue, add_job


class Kind(StrEnum):
    """What an upload is."""

    CATALOG = "catalog"
    REPORT = "report"


_COLUMNS = (
    "uploads.id, uploads.account_id, kind, name, files, facts, uploads.created, state, reason, lane"
)
_FROM = f"SELECT {_COLUMNS} FROM uploads JOIN jobs USING (id)"


def add_upload(
    workspace: Workspace,
    upload_id: str,
    account_id: str,
    kind: Kind,
    name: str,
    files: Sequence[Mapping[str, Any]],
) -> None:
    """Add an upload whose files are in their folder, and queue its reading."""
    with workspace.writing() as transaction:
        transaction.run(
            "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, NULL, ?)",
            [upload_id, account_id, kind.value, name, json.dumps(list(files)), now()],
        )
        add_job(transaction, upload_id, account_id, Queue.READING)


def find_upload(workspace: Workspace, account_id: str, kind: Kind, upload_id: str) -> Row | None:
    """Return an upload with its state, its files and facts; None where the account has none."""
    sql = f"{_FROM} WHERE uploads.id = ? AND uploads.account_id = ? AND kind = ?"
    row = workspace.row(sql, [upload_id, account_id, kind.value])
    return _read(row) if row else None


def find_products(workspace: Workspace, account_id: str, upload_id: str) -> Row | None:
    """Return the upload, of either kind, in which products were found; None where there is none."""
    catalog = find_upload(workspace, account_id, Kind.CATALOG, upload_id)
    if catalog is not None:
        return catalog
    report = find_upload(workspace, account_id, Kind.REPORT, upload_id)
    return report if report and (report["facts"] or {}).get("products") else None


def list_uploads(workspace: Workspace, account_id: str, kind: Kind) -> list[Row]:
    """Return an account's uploads of a kind, the newest first."""
    sql = f"{_FROM} WHERE uploads.account_id = ? AND kind = ? ORDER BY uploads.created DESC, id"
    return [_read(row) for row in workspace.rows(sql, [account_id, kind.value])]


def upload_of_job(workspace: Workspace, job_id: str) -> Row | None:
    """Return the upload that a job reads."""
    row = workspace.row(f"{_FROM} WHERE uploads.id = ?", [job_id])
    return _read(row) if row else None


def set_facts(transaction: Transaction, upload_id: str, facts: Mapping[str, Any]) -> None:
    """Store what was found in an upload, which is called by its report from now on."""
    transaction.run("UPDATE uploads SET facts = ? WHERE id = ?", [json.dumps(facts), upload_id])
    if name := _report_name(facts.get("files") or ()):
        transaction.run("UPDATE uploads SET name = ? WHERE id = ?", [name, upload_id])


def _report_name(files: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the name of the search-term report among some files; None where there is none."""
    reports = [one for one in files if "report" in one.get("kinds", ())]
    if not reports:
        return None
    # of a bulk file and the report that it was added to, the report
    first = min(reports, key=lambda one: (len(one["kinds"]), -one["rows"]))
    return str(first["name"]) + (f" + {len(files) - 1}" if len(files) > 1 else "")


def runs_using(workspace: Workspace, upload_id: str) -> list[str]:
    """Return the ids of the runs over an upload."""
    sql = "SELECT id FROM runs WHERE catalog_id = ? OR report_id = ?"
    return [row["id"] for row in workspace.rows(sql, [upload_id, upload_id])]


def _read(row: Row) -> Row:
    facts = json.loads(row["facts"]) if row["facts"] else None
    files = json.loads(row["files"])
    return row | {"files": files, "facts": facts, "reason": from_text(row["reason"])}
