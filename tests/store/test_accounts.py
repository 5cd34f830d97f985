from datetime import timedelta

import pytest

from admatch.errors import InputError
from admatch.web.store import accounts
from admatch.web.store.accounts import (
    Account,
    add_account,
    close_session,
    find_account,
    find_session,
    keep_for,
    local_account,
    open_session,
    secret_version,
    secure_local,
    set_secret,
    verified,
)
from admatch.web.store.deletion import delete_everything, delete_expired
from admatch.web.store.queue import Queue, State, end_job, take_job
from admatch.web.store.runs import add_run, find_run, list_runs
from admatch.web.store.uploads import Kind, add_upload, list_uploads
from admatch.web.store.verdicts import Verdict, give_verdicts, verdicts_of


def test_a_secret_is_kept_as_a_hash_alone(workspace):
    secret = add_account(workspace, "anna")
    account = find_account(workspace, "anna")
    assert verified(workspace, account, secret)
    assert not verified(workspace, account, secret + "x")
    assert not verified(workspace, account, "")
    workspace.close()
    assert secret.encode() not in (workspace.folder / "workspace.duckdb").read_bytes()


@pytest.mark.parametrize("name", ["", " a", "a\n", "<b>", "x" * 65])
def test_unusual_names_are_refused(workspace, name):
    with pytest.raises(InputError, match="cannot be the name"):
        add_account(workspace, name)


def test_names_are_unique_and_secrets_long(workspace):
    add_account(workspace, "anna")
    with pytest.raises(InputError, match="already"):
        add_account(workspace, "anna")
    with pytest.raises(InputError, match="at least 12"):
        add_account(workspace, "bert", "short")


def test_the_local_account_needs_nothing_until_a_token_is_set(workspace):
    local = local_account(workspace)
    assert local == local_account(workspace)
    assert not verified(workspace, local, "")
    set_secret(workspace, local, "a long enough one")
    assert verified(workspace, local, "a long enough one")


@pytest.mark.parametrize("name", ["local", "Local"])
def test_the_local_account_is_not_made_by_hand(workspace, name):
    with pytest.raises(InputError, match="another name"):
        add_account(workspace, name)


def test_an_account_called_local_keeps_the_secret_of_an_earlier_version(workspace):
    add_account(workspace, "anna", "a long enough one")
    with workspace.writing() as transaction:
        transaction.run("UPDATE accounts SET name = 'local' WHERE name = 'anna'")
    assert secure_local(workspace, None)  # everybody has to sign in
    assert verified(workspace, find_account(workspace, "local"), "a long enough one")


def test_a_server_is_open_until_there_is_a_token_or_an_account(workspace):
    assert not secure_local(workspace, None)
    assert secure_local(workspace, "a token of my own")
    assert not secure_local(workspace, None)
    add_account(workspace, "anna")
    assert secure_local(workspace, None)


def test_sessions_end_with_their_secret(workspace):
    local = local_account(workspace)
    opened, _ = open_session(workspace, local)
    set_secret(workspace, local, "a token of my own")
    assert find_session(workspace, opened) is None
    signed_in, _ = open_session(workspace, local)
    version = secret_version(workspace, local.id)
    set_secret(workspace, local, "a token of my own")  # as each start of the server does
    assert find_session(workspace, signed_in) is not None
    assert secret_version(workspace, local.id) == version
    set_secret(workspace, local, "another token of mine")
    assert find_session(workspace, signed_in) is None
    assert secret_version(workspace, local.id) != version


def test_a_session_without_a_secret_ends_when_everybody_has_to_sign_in(workspace):
    cookie, _ = open_session(workspace, local_account(workspace))
    assert find_session(workspace, cookie, open_access=True) is not None
    assert find_session(workspace, cookie, open_access=False) is None


def test_sessions_end(workspace, monkeypatch):
    local = local_account(workspace)
    cookie, session = open_session(workspace, local)
    assert find_session(workspace, cookie) == session
    assert find_session(workspace, cookie + "x") is None
    close_session(workspace, cookie)
    assert find_session(workspace, cookie) is None
    cookie, _ = open_session(workspace, local)
    later = accounts.now() + timedelta(days=15)
    monkeypatch.setattr(accounts, "now", lambda: later)
    assert find_session(workspace, cookie) is None


def fill(workspace, account_id, mark):
    add_upload(workspace, f"c-{mark}", account_id, Kind.CATALOG, f"SECRET-{mark}.csv", [])
    add_upload(workspace, f"r-{mark}", account_id, Kind.REPORT, "r.csv", [])
    add_run(workspace, f"run-{mark}", account_id, f"c-{mark}", f"r-{mark}", {"protect": [mark]})
    give_verdicts(
        workspace, account_id, f"run-{mark}", [3, 4], Verdict.ACCEPTED, f"SECRET-{mark}", "me"
    )
    folder = workspace.path(account_id, f"c-{mark}")
    folder.mkdir(parents=True)
    (folder / "file").write_text(f"SECRET-{mark}")


def test_deleting_everything_of_one_account_leaves_the_other(workspace):
    for name in ("a", "b"):
        fill(workspace, name, f"of-{name}")
    delete_everything(workspace, Account("a", "a"))
    workspace.close()
    held = {file: file.read_bytes() for file in workspace.folder.rglob("*") if file.is_file()}
    assert not any(b"SECRET-of-a" in content for content in held.values())
    assert any(b"SECRET-of-b" in content for content in held.values())


def test_verdicts_and_notes(workspace):
    fill(workspace, "a", "x")
    give_verdicts(workspace, "a", "run-x", [4, 5], Verdict.REJECTED, None, "anna")
    give_verdicts(workspace, "a", "run-x", [5], None, "a note", "anna")
    give_verdicts(workspace, "a", "run-x", [3], Verdict.UNDECIDED, None, "anna")
    told = [
        (row["decision"], row["verdict"], row["note"])
        for row in verdicts_of(workspace, "a", "run-x")
    ]
    assert told == [(3, None, "SECRET-x"), (4, "rejected", "SECRET-x"), (5, "rejected", "a note")]
    assert verdicts_of(workspace, "b", "run-x") == []


def test_what_is_older_than_it_is_kept_goes(workspace, monkeypatch):
    secret = add_account(workspace, "anna")
    assert secret
    anna = find_account(workspace, "anna")
    local = local_account(workspace)
    fill(workspace, anna.id, "x")
    fill(workspace, local.id, "y")
    keep_for(workspace, anna, 3)
    from admatch.web.store import deletion

    later = accounts.now() + timedelta(days=4)
    assert delete_expired(workspace) == 0
    monkeypatch.setattr(deletion, "now", lambda: later)
    assert delete_expired(workspace) == 3
    assert list_runs(workspace, anna.id) == []
    assert len(list_uploads(workspace, local.id, Kind.CATALOG)) == 1
    assert not workspace.path(anna.id, "c-x").exists()


def test_no_account_reaches_anothers_things(workspace):
    fill(workspace, "a", "x")
    assert find_run(workspace, "b", "run-x") is None
    assert list_uploads(workspace, "b", Kind.CATALOG) == []
    job = take_job(workspace, Queue.READING)
    with workspace.writing() as transaction:
        assert end_job(transaction, job["id"], State.DONE)
