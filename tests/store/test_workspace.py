import subprocess
import sys
import threading

import duckdb
import pytest

from admatch.errors import InputError
from admatch.store.workspace import Workspace

OPEN = """
import sys
from pathlib import Path
from admatch.errors import InputError
from admatch.store.workspace import Workspace
try:
    Workspace(Path(sys.argv[1]))
except InputError as error:
    print(error)
"""


def test_a_second_process_is_told_who_has_it(workspace):
    told = subprocess.run(
        [sys.executable, "-c", OPEN, str(workspace.folder)], capture_output=True, text=True
    )
    assert "is in use by process" in told.stdout, told.stderr
    assert "--workspace" in told.stdout


def test_many_read_while_none_writes(tmp_path):
    Workspace(tmp_path).close()
    first = Workspace(tmp_path, reading=True)
    read = OPEN.replace("sys.argv[1])", "sys.argv[1]), reading=True")
    for text, told in ((read, ""), (OPEN, "is in use by")):
        done = subprocess.run(
            [sys.executable, "-c", text, str(tmp_path)], capture_output=True, text=True
        )
        assert told in done.stdout
        assert bool(told) == bool(done.stdout), done.stdout
        assert not done.stderr
    assert first.rows("SELECT * FROM nights") == []
    first.close()


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


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "workspace.duckdb").write_bytes(b"no database at all" * 1000)
    with pytest.raises(InputError, match="cannot be opened"):
        Workspace(tmp_path)


@pytest.mark.parametrize("name", ["..", "a/b", "", "A", "x" * 65, "a\0", ".hidden"])
def test_only_names_of_our_own_become_paths(workspace, name):
    with pytest.raises(InputError):
        workspace.place("local", name)


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
