import os
import subprocess
import sys
import threading
import time

import duckdb
import pytest

from admatch.errors import InputError
from admatch.store.workspace import Workspace

OPEN = """
import sys
from pathlib import Path
from admatch.errors import InputError
from admatch.store import workspace
from admatch.store.workspace import Workspace
workspace.PATIENCE = float(sys.argv[2]) if len(sys.argv) > 2 else 0.2
try:
    Workspace(Path(sys.argv[1]))
except InputError as error:
    print(error)
"""


def test_a_second_process_learns_who_has_it(workspace):
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(workspace.folder)], capture_output=True, text=True
    )
    assert "is in use by process" in done.stdout, done.stderr
    assert "--workspace" in done.stdout


def test_many_read_while_none_writes(tmp_path):
    Workspace(tmp_path).close()
    first = Workspace(tmp_path, reading=True)
    read = OPEN.replace("sys.argv[1])", "sys.argv[1]), reading=True")
    for text, refused in ((read, ""), (OPEN, "is in use by")):
        done = subprocess.run(
            [sys.executable, "-c", text, str(tmp_path)], capture_output=True, text=True
        )
        assert refused in done.stdout
        assert bool(refused) == bool(done.stdout), done.stdout
        assert not done.stderr
    assert first.rows("SELECT * FROM nights") == []
    first.close()


def test_others_read_beside_one_who_is_brief(tmp_path):
    read = OPEN.replace("sys.argv[1])", "sys.argv[1]), reading=True")
    writer = Workspace(tmp_path, brief=True)
    assert _printed(read, tmp_path) == ""
    assert f"in use by process {os.getpid()}" in _printed(OPEN, tmp_path)  # it may write, no other
    with writer.writing() as transaction:
        transaction.run("INSERT INTO verdicts VALUES ('r', 1, 'a', NULL, 'n', 'me', now())")
        with writer.writing():  # a block within a block leaves the file to the outer one
            pass
        assert "in use by process" in _printed(read, tmp_path)
        command = [sys.executable, "-c", read, str(tmp_path), "30"]
        patient = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        transaction.run("DELETE FROM verdicts")
        assert patient.poll() is None
    assert patient.communicate()[0] == ""  # it waited for the end of the transaction
    assert writer.rows("SELECT * FROM verdicts") == []
    writer.close()
    assert _printed(OPEN, tmp_path) == ""


def test_one_who_is_brief_waits_for_readers(tmp_path, monkeypatch):
    writer = Workspace(tmp_path, brief=True)
    hold = "import duckdb, sys; held = duckdb.connect(sys.argv[1], read_only=True); print(1)"
    command = [sys.executable, "-c", f"{hold}; sys.stdout.flush(); sys.stdin.read()"]
    command.append(str(tmp_path / "workspace.duckdb"))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        reader.stdout.readline()
        with monkeypatch.context() as patch:
            patch.setattr("admatch.store.workspace.PATIENCE", 0.2)
            with pytest.raises(InputError, match=f"in use by process {reader.pid}"):
                writer.rows("SELECT 1")
        threading.Timer(0.5, reader.stdin.close).start()
        assert writer.rows("SELECT 1 AS n") == [{"n": 1}]
    writer.close()


def _printed(program, folder):
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True
    )
    assert not done.stderr
    return done.stdout


def test_reading_brings_an_old_workspace_up_to_date_first(tmp_path):
    duckdb.connect(str(tmp_path / "workspace.duckdb")).close()
    opened = Workspace(tmp_path, reading=True)
    assert opened.rows("SELECT * FROM nights") == []
    opened.close()


def test_what_was_written_is_there_after_a_new_start(tmp_path):
    first = Workspace(tmp_path)
    with first.writing() as transaction:
        transaction.run("INSERT INTO verdicts VALUES ('r', 1, 'a', NULL, 'n', 'me', now())")
    first.close()
    second = Workspace(tmp_path)
    assert [row["note"] for row in second.rows("SELECT note FROM verdicts")] == ["n"]
    second.close()


def test_a_transaction_that_fails_is_undone(workspace):
    def fail():
        with workspace.writing() as transaction:
            transaction.run("INSERT INTO verdicts VALUES ('r', 1, 'a', NULL, 'n', 'me', now())")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert workspace.rows("SELECT * FROM verdicts") == []


def test_a_file_that_is_no_database_is_reported(tmp_path):
    (tmp_path / "workspace.duckdb").write_bytes(b"no database at all" * 1000)
    with pytest.raises(InputError, match="cannot be opened"):
        Workspace(tmp_path)


@pytest.mark.parametrize("name", ["..", "a/b", "", "A", "x" * 65, "a\0", ".hidden"])
def test_only_names_of_our_own_become_paths(workspace, name):
    with pytest.raises(InputError):
        workspace.path("local", name)


def test_forgetting_leaves_no_byte_of_what_was_deleted(workspace):
    with workspace.writing() as transaction:
        for number in range(200):
            transaction.run(
                "INSERT INTO verdicts VALUES ('r', ?, 'a', NULL, ?, 'me', now())",
                [number, f"SECRET-OF-A-SELLER-{number}" * 20],
            )
    with workspace.writing() as transaction:
        transaction.run("DELETE FROM verdicts WHERE decision > 0")
    workspace.forget()
    held = b"".join(file.read_bytes() for file in workspace.folder.glob("*duckdb*"))
    assert b"SECRET-OF-A-SELLER-1" not in held
    assert len(workspace.rows("SELECT * FROM verdicts")) == 1
    with workspace.writing() as transaction:  # keys and tables came along
        transaction.run("INSERT INTO verdicts VALUES ('r', 1, 'a', NULL, NULL, 'me', now())")


def test_many_threads_write_and_read(workspace):
    failures = []

    def write(first):
        try:
            for number in range(first, first + 25):
                with workspace.writing() as transaction:
                    transaction.run(
                        "INSERT INTO verdicts VALUES ('r', ?, 'a', NULL, NULL, 'me', now())",
                        [number],
                    )
                workspace.rows("SELECT count(*) FROM verdicts")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(100 * one,)) for one in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert workspace.row("SELECT count(*) AS n FROM verdicts") == {"n": 150}
