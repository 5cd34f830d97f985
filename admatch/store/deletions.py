"""Deletions that survive a kill and a full disk: ``request_deletion``, ``finish_deletions``."""

from collections.abc import Sequence

from admatch.errors import InputError
from admatch.messages import say
from admatch.store.workspace import Row, Transaction, Workspace, now


def request_deletion(transaction: Transaction, account_id: str, folders: Sequence[str]) -> None:
    """Note, together with the deletion of rows, what is to be removed from the disk.

    Without ``folders`` only the database is to be written anew.
    """
    names: Sequence[str | None] = folders or [None]
    transaction.run_many(
        "INSERT INTO deletions VALUES (?, ?, ?)", [(account_id, name, now()) for name in names]
    )


def remove_folder(workspace: Workspace, account_id: str, folder: str) -> None:
    """Remove a folder whose deletion was requested; what cannot be removed now is, later.

    The database file is not written anew.
    """
    if workspace.remove_files(account_id, folder):
        with workspace.writing() as transaction:
            transaction.run(
                "DELETE FROM deletions WHERE account_id = ? AND folder = ?", [account_id, folder]
            )


def finish_deletions(workspace: Workspace) -> int:
    """Remove from the disk what was requested, also before a kill; return how many requests.

    Afterwards neither the files nor the database hold a byte of it. Raises ``InputError`` where the
    disk has no room to write the database anew, or a file cannot be removed: the requests stay, and
    another call continues.
    """
    requests = workspace.rows("SELECT * FROM deletions")
    if not requests:
        return 0
    left = {(one["account_id"], one["folder"]) for one in requests if not _removed(workspace, one)}
    workspace.forget()
    with workspace.writing() as transaction:
        transaction.run_many(
            "DELETE FROM deletions WHERE account_id = ? AND folder IS NULL AND requested = ?",
            [_key(one) for one in requests],
        )
    if left:
        raise InputError(say("store.deletion.files_left", n=len(left)))
    return len(requests)


def _removed(workspace: Workspace, request: Row) -> bool:
    """Return whether a request's folder is gone, and note that it is."""
    if request["folder"] is None:
        return True
    if not workspace.remove_files(request["account_id"], request["folder"]):
        return False
    with workspace.writing() as transaction:
        transaction.run(
            "UPDATE deletions SET folder = NULL"
            " WHERE account_id = ? AND requested = ? AND folder = ?",
            [*_key(request), request["folder"]],
        )
    return True


def _key(request: Row) -> list[object]:
    return [request["account_id"], request["requested"].replace(tzinfo=None)]
