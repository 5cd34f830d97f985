"""A deletion on a full disk, or killed at any point: others go on, and it is finished later."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from admatch.errors import InputError
from admatch.store import rewrite
from admatch.store.deletions import request_deletion
from admatch.store.workspace import Workspace
from admatch.web.store.accounts import Account
from admatch.web.store.deletion import delete_everything, delete_expired, delete_run

resource = pytest.importorskip("resource")  # Windows has none
ROOT = Path(__file__).parents[2]
ROWS = 300


def fill(workspace, account_id):
    """Give an account verdicts and two folders, all with SECRET-<account> in them."""
    values = [
        (f"{account_id}{n}", account_id, f"SECRET-{account_id}-{n}" * 20) for n in range(ROWS)
    ]
    with workspace.writing() as transaction:
        transaction.run_many("INSERT INTO verdicts VALUES (?, 1, ?, NULL, ?, 'me', now())", values)
    for name in ("c-1", "run-1"):
        folder = workspace.path(account_id, name)
        folder.mkdir(parents=True)
        (folder / "file").write_text(f"SECRET-{account_id}")
    (workspace.path(account_id) / ".draft").write_text(f"SECRET-{account_id}")


def count(workspace, account_id):
    sql = "SELECT count(*) AS n FROM verdicts WHERE account_id = ?"
    return workspace.row(sql, [account_id])["n"]


def bytes_of(folder):
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.fixture
def filled(workspace):
    fill(workspace, "a")
    fill(workspace, "b")
    return workspace


def check_finished(workspace):
    """Nothing of account a is left anywhere, everything of account b is there."""
    assert count(workspace, "b") == ROWS
    assert workspace.path("b", "c-1").exists()
    assert workspace.rows("SELECT * FROM deletions") == []
    with workspace.writing() as transaction:  # and it can be written to
        transaction.run("UPDATE verdicts SET note = note || '!' WHERE account_id = 'b'")
    workspace.close()
    held = bytes_of(workspace.folder)
    assert b"SECRET-a" not in held
    assert b"SECRET-b" in held


def test_no_room_is_seen_before_anything_is_written(filled, monkeypatch):
    usage = type("Usage", (), {"free": 4096})
    monkeypatch.setattr(rewrite.shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr(rewrite, "_run", None)
    with pytest.raises(InputError, match=r"needs \d\.\d MiB of free disk space, .* are 0\.0"):
        filled.forget()
    assert count(filled, "a") == count(filled, "b") == ROWS


def test_a_full_disk_in_one_accounts_deletion_leaves_the_others_alone(filled, monkeypatch):
    monkeypatch.setattr(rewrite, "_check_room", lambda file: None)
    size = (filled.folder / "workspace.duckdb").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in range(size // 8, size, size // 8):
        with filled.writing() as transaction:
            request_deletion(transaction, "a", [])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(InputError, match="free some disk space"):
                delete_expired(filled)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert count(filled, "a") == count(filled, "b") == ROWS
    delete_everything(filled, Account("a", "a"))
    check_finished(filled)


@pytest.mark.parametrize("at", range(1, 6))
@pytest.mark.parametrize("error", [duckdb.IOException, duckdb.FatalException])
def test_whatever_statement_the_disk_is_full_at(filled, monkeypatch, at, error):
    run, calls = rewrite._run, []

    def fail(connection, sql):
        calls.append(sql)
        if len(calls) == at:
            raise error("Could not write file: No space left on device")
        run(connection, sql)

    monkeypatch.setattr(rewrite, "_run", fail)
    with pytest.raises(InputError, match="No space left on device"):
        delete_everything(filled, Account("a", "a"))
    assert (count(filled, "a"), count(filled, "b")) == (0, ROWS)
    assert not filled.path("a", "c-1").exists()
    assert not list(filled.folder.glob(".new*"))
    monkeypatch.setattr(rewrite, "_run", run)
    delete_expired(filled)
    check_finished(filled)


def test_a_file_that_cannot_be_replaced(filled, monkeypatch):
    def replace(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("admatch.store.workspace.os.replace", replace)
        with pytest.raises(InputError, match="No space left on device"):
            delete_everything(filled, Account("a", "a"))
    assert count(filled, "b") == ROWS
    delete_expired(filled)
    check_finished(filled)


def test_a_copy_that_lacks_rows_replaces_nothing(filled, monkeypatch):
    run = rewrite._run
    only_part = "CREATE TABLE fresh.verdicts AS FROM verdicts LIMIT 1"
    monkeypatch.setattr(
        rewrite, "_run", lambda c, sql: run(c, only_part if sql.startswith("COPY") else sql)
    )
    with pytest.raises(InputError, match="the copy is incomplete"):
        filled.forget()
    assert count(filled, "a") == ROWS


def test_nothing_can_be_written(filled, monkeypatch):
    """A commit that fails is reported, and undone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with filled.writing() as transaction:
        transaction.run("DELETE FROM verdicts WHERE account_id = 'a'")
    fill(filled, "c")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        with pytest.raises(InputError, match="nothing could be written into the workspace"):
            delete_everything(filled, Account("b", "b"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert count(filled, "b") == ROWS
    assert filled.path("b", "c-1").exists()


def test_a_later_upload_is_not_taken_by_an_unfinished_deletion(filled, monkeypatch):
    monkeypatch.setattr(rewrite, "_check_room", refuse)
    with pytest.raises(InputError, match="no room"):
        delete_everything(filled, Account("a", "a"))
    filled.path("a", "c-2").mkdir(parents=True)
    with pytest.raises(InputError, match="no room"):
        delete_expired(filled)
    monkeypatch.undo()
    delete_expired(filled)
    assert filled.path("a", "c-2").exists()
    check_finished(filled)


def refuse(file):
    raise InputError("no room")


def test_a_folder_that_cannot_be_removed_is_tried_again(filled, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("admatch.store.workspace.shutil.rmtree", lambda *_, **__: None)
        delete_run(filled, "a", "run-1")
        with pytest.raises(InputError, match="2 folders of what was deleted cannot be removed"):
            delete_everything(filled, Account("a", "a"))
    assert filled.path("a", "c-1").exists()
    delete_expired(filled)
    check_finished(filled)


@pytest.mark.parametrize("name", ["", ".", "..", "../b", "b/c-1", "/etc"])
def test_only_a_thing_of_the_account_is_removed(filled, name):
    with pytest.raises(InputError):
        filled.remove_files("a", name)


DELETE = """
import os, signal, sys
from pathlib import Path
from admatch.store import deletions, rewrite, workspace
from admatch.store.workspace import Workspace
from admatch.web.store.accounts import Account
from admatch.web.store.deletion import delete_everything

calls, at = [0], int(sys.argv[2])

def dying(function):
    def called(*arguments, **options):
        calls[0] += 1
        if calls[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return called

opened = Workspace(Path(sys.argv[1]))
rewrite._run = dying(rewrite._run)
workspace.shutil.rmtree = dying(workspace.shutil.rmtree)
workspace.os.replace = dying(workspace.os.replace)
workspace.Transaction.run = dying(workspace.Transaction.run)
workspace.Transaction.run_many = dying(workspace.Transaction.run_many)
Workspace._disconnect = dying(Workspace._disconnect)
delete_everything(opened, Account("a", "a"))
os._exit(0)
"""


@pytest.mark.long
@pytest.mark.parametrize("first", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_a_kill_at_any_step_is_finished_on_the_next_start(tmp_path, first):
    """The deletion takes some twenty steps; one of them is killed, then the server starts again."""
    killed = 0
    for at in range(first, 60, 5 if first > 1 else 1):
        folder = tmp_path / str(at)
        workspace = Workspace(folder)
        fill(workspace, "a")
        fill(workspace, "b")
        workspace.close()
        done = subprocess.run([sys.executable, "-c", DELETE, str(folder), str(at)], cwd=ROOT)
        assert done.returncode in (0, -signal.SIGKILL)
        killed += done.returncode != 0
        again = Workspace(folder)
        if count(again, "a"):  # the kill came before the rows were deleted: nothing was
            assert count(again, "a") == ROWS
            assert again.path("a", "run-1").exists()
            delete_everything(again, Account("a", "a"))
        else:
            delete_expired(again)
        check_finished(again)
        if done.returncode == 0:
            break
    assert killed >= (2 if first > 1 else 15)
