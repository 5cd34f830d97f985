"""What is deleted: single uploads and runs, all of an account, what is older than it is kept."""

from datetime import timedelta

from admatch.store.workspace import Transaction, Workspace, now
from admatch.web.store.accounts import Account, all_accounts
from admatch.web.store.audits import audits_using
from admatch.web.store.uploads import runs_using


def delete_upload(workspace: Workspace, account_id: str, upload_id: str) -> None:
    """Delete an upload, its files, and every run over it."""
    for run_id in runs_using(workspace, upload_id):
        delete_run(workspace, account_id, run_id)
    for audit_id in audits_using(workspace, upload_id):
        delete_audit(workspace, account_id, audit_id)
    with workspace.writing() as transaction:
        _delete(transaction, "uploads", account_id, upload_id)
        _delete(transaction, "jobs", account_id, upload_id)
    workspace.remove_files(account_id, upload_id)


def delete_run(workspace: Workspace, account_id: str, run_id: str) -> None:
    """Delete a run, its files, and the verdicts on it."""
    with workspace.writing() as transaction:
        for table in ("runs", "jobs"):
            _delete(transaction, table, account_id, run_id)
        for table in ("verdicts", "idempotency_keys"):
            transaction.run(
                f"DELETE FROM {table} WHERE account_id = ? AND run_id = ?", [account_id, run_id]
            )
    workspace.remove_files(account_id, run_id)


def delete_audit(workspace: Workspace, account_id: str, audit_id: str) -> None:
    """Delete an audit and its files."""
    with workspace.writing() as transaction:
        for table in ("audits", "jobs"):
            _delete(transaction, table, account_id, audit_id)
    workspace.remove_files(account_id, audit_id)


def delete_everything(workspace: Workspace, account: Account) -> None:
    """Delete all that an account ever brought; its name and secret stay.

    When this returns, neither the files nor the database hold a byte of it.
    """
    with workspace.writing() as transaction:
        for table in ("verdicts", "idempotency_keys", "runs", "audits", "uploads", "jobs"):
            transaction.run(f"DELETE FROM {table} WHERE account_id = ?", [account.id])
    workspace.remove_files(account.id)
    workspace.forget()


def delete_expired(workspace: Workspace, keep_days: int | None = None) -> int:
    """Delete what is older than its account keeps things; return how many uploads and runs.

    ``keep_days`` holds for accounts that chose nothing.
    """
    deleted = 0
    for account in all_accounts(workspace):
        days = account.keep_days or keep_days
        if days is None:
            continue
        before = [account.id, now() - timedelta(days=days)]
        for table, delete in _OLD:
            old = workspace.rows(
                f"SELECT id FROM {table} WHERE account_id = ? AND created < ?", before
            )
            for row in old:
                delete(workspace, account.id, row["id"])
            deleted += len(old)
    if deleted:
        workspace.forget()
    return deleted


_OLD = (("runs", delete_run), ("audits", delete_audit), ("uploads", delete_upload))


def _delete(transaction: Transaction, table: str, account_id: str, thing_id: str) -> None:
    transaction.run(f"DELETE FROM {table} WHERE id = ? AND account_id = ?", [thing_id, account_id])
