"""Deletion of single uploads and runs, of all that an account has, and of what has expired."""

from datetime import timedelta

from admatch.store.deletions import finish_deletions, remove_folder, request_deletion
from admatch.store.workspace import Transaction, Workspace, now
from admatch.web.store.accounts import Account, all_accounts
from admatch.web.store.audits import audits_using
from admatch.web.store.uploads import runs_using


def delete_upload(workspace: Workspace, account_id: str, upload_id: str) -> None:
    """Delete an upload, its files, and every run and audit that uses it."""
    for deleted_id in _drop_upload(workspace, account_id, upload_id):
        remove_folder(workspace, account_id, deleted_id)


def delete_run(workspace: Workspace, account_id: str, run_id: str) -> None:
    """Delete a run, its files, and the verdicts on it."""
    for deleted_id in _drop_run(workspace, account_id, run_id):
        remove_folder(workspace, account_id, deleted_id)


def delete_everything(workspace: Workspace, account: Account) -> None:
    """Delete all that an account ever brought; its name and secret stay.

    When this returns, neither the files nor the database hold a byte of it. Raises ``InputError``
    where the disk has no room for that now: nothing of it can be seen any more, and
    ``delete_expired`` does the rest.
    """
    files = workspace.path(account.id)
    folders = sorted(one.name for one in files.iterdir()) if files.is_dir() else []
    with workspace.writing() as transaction:
        for table in ("verdicts", "idempotency_keys", "runs", "audits", "uploads", "jobs"):
            transaction.run(f"DELETE FROM {table} WHERE account_id = ?", [account.id])
        request_deletion(transaction, account.id, folders)
    finish_deletions(workspace)


def delete_expired(workspace: Workspace, keep_days: int | None = None) -> int:
    """Delete what is older than its account keeps things; return how many uploads and runs.

    ``keep_days`` applies to accounts that chose nothing. Deletions that a kill or a full disk
    interrupted are finished as well.
    """
    deleted = 0
    for account in all_accounts(workspace):
        days = account.keep_days or keep_days
        if days is None:
            continue
        before = [account.id, now() - timedelta(days=days)]
        for table, drop in _OLD:
            old = workspace.rows(
                f"SELECT id FROM {table} WHERE account_id = ? AND created < ?", before
            )
            for row in old:
                drop(workspace, account.id, row["id"])
            deleted += len(old)
    finish_deletions(workspace)
    return deleted


def _drop_upload(workspace: Workspace, account_id: str, upload_id: str) -> list[str]:
    """Delete the rows of an upload and of what uses it; return the IDs, whose folders remain."""
    deleted = []
    for run_id in runs_using(workspace, upload_id):
        deleted += _drop_run(workspace, account_id, run_id)
    for audit_id in audits_using(workspace, upload_id):
        deleted += _drop_audit(workspace, account_id, audit_id)
    with workspace.writing() as transaction:
        for table in ("uploads", "jobs"):
            _delete(transaction, table, account_id, upload_id)
        request_deletion(transaction, account_id, [upload_id])
    return [*deleted, upload_id]


def _drop_run(workspace: Workspace, account_id: str, run_id: str) -> list[str]:
    with workspace.writing() as transaction:
        for table in ("runs", "jobs"):
            _delete(transaction, table, account_id, run_id)
        for table in ("verdicts", "idempotency_keys"):
            transaction.run(
                f"DELETE FROM {table} WHERE account_id = ? AND run_id = ?", [account_id, run_id]
            )
        request_deletion(transaction, account_id, [run_id])
    return [run_id]


def _drop_audit(workspace: Workspace, account_id: str, audit_id: str) -> list[str]:
    with workspace.writing() as transaction:
        for table in ("audits", "jobs"):
            _delete(transaction, table, account_id, audit_id)
        request_deletion(transaction, account_id, [audit_id])
    return [audit_id]


_OLD = (("runs", _drop_run), ("audits", _drop_audit), ("uploads", _drop_upload))


def _delete(transaction: Transaction, table: str, account_id: str, thing_id: str) -> None:
    transaction.run(f"DELETE FROM {table} WHERE id = ? AND account_id = ?", [thing_id, account_id])
