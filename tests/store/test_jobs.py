import pytest

from admatch.web.store.queue import (
    ATTEMPTS,
    Queue,
    State,
    add_job,
    cancel_job,
    end_job,
    interrupted,
    recover,
    take_job,
    waiting_before,
)
from admatch.web.store.runs import add_run, find_run
from admatch.web.store.uploads import Kind, add_upload


def queue(workspace, *names, account="a", lane=Queue.READING):
    for name in names:
        with workspace.writing() as transaction:
            add_job(transaction, name, account, lane)


def state(workspace, name):
    return workspace.row("SELECT state, attempts, reason FROM jobs WHERE id = ?", [name])


def end(workspace, name, how=State.DONE, reason=None):
    with workspace.writing() as transaction:
        return end_job(transaction, name, how, reason)


def test_jobs_are_taken_in_their_order_and_once(workspace):
    queue(workspace, "one", "two")
    assert waiting_before(workspace, "two") == 1
    taken = [take_job(workspace, Queue.READING) for _ in range(3)]
    assert [job and job["id"] for job in taken] == ["one", "two", None]
    assert take_job(workspace, Queue.RUNS) is None


def test_nobody_waits_for_all_of_anothers_jobs(workspace):
    queue(workspace, "a1", "a2", "a3", account="a")
    queue(workspace, "b1", account="b")
    assert [take_job(workspace, Queue.READING)["id"] for _ in range(2)] == ["a1", "b1"]


def test_a_job_ends_once(workspace):
    queue(workspace, "one")
    take_job(workspace, Queue.READING)
    assert end(workspace, "one", State.FAILED, "why")
    assert not end(workspace, "one")
    assert state(workspace, "one") == {"state": "failed", "attempts": 1, "reason": "why"}


def test_what_a_crash_interrupted_is_queued_again_once(workspace):
    queue(workspace, "one")
    for _ in range(ATTEMPTS - 1):
        take_job(workspace, Queue.READING)
        assert recover(workspace) == ["one"]
        assert state(workspace, "one")["state"] == "queued"
    take_job(workspace, Queue.READING)
    recover(workspace)
    found = state(workspace, "one")
    assert found["state"] == "failed"
    assert "stopped twice" in found["reason"]


def test_a_server_that_stops_in_good_order_costs_no_attempt(workspace):
    queue(workspace, "one")
    for _ in range(5):
        take_job(workspace, Queue.READING)
        with workspace.writing() as transaction:
            assert interrupted(transaction, "one", by_us=True) is State.QUEUED
    assert state(workspace, "one")["attempts"] == 0


def test_cancelling(workspace):
    queue(workspace, "queued", "other")
    assert cancel_job(workspace, "somebody-else", "queued") is None
    assert cancel_job(workspace, "a", "queued") is State.QUEUED
    assert cancel_job(workspace, "a", "queued") is None
    assert take_job(workspace, Queue.READING)["id"] == "other"
    assert cancel_job(workspace, "a", "other") is State.RUNNING
    assert not end(workspace, "other")  # what its process still answers counts no more
    with workspace.writing() as transaction:
        assert interrupted(transaction, "other") is None


def uploads(workspace):
    for name, kind in (("c", Kind.CATALOG), ("r", Kind.REPORT)):
        add_upload(workspace, name, "a", kind, f"{name}.csv", [{"name": name, "bytes": 1}])


def test_a_run_waits_until_its_uploads_are_read(workspace):
    uploads(workspace)
    add_run(workspace, "run", "a", "c", "r", {})
    assert take_job(workspace, Queue.RUNS) is None
    for _ in range(2):
        end(workspace, take_job(workspace, Queue.READING)["id"])
    assert take_job(workspace, Queue.RUNS)["id"] == "run"


@pytest.mark.parametrize("how", [State.FAILED, State.CANCELLED])
def test_a_run_fails_with_its_uploads(workspace, how):
    uploads(workspace)
    add_run(workspace, "run", "a", "c", "r", {})
    take_job(workspace, Queue.READING)
    end(workspace, "c", how)
    assert take_job(workspace, Queue.RUNS) is None
    run = find_run(workspace, "a", "run")
    assert run["state"] == "failed"
    assert "could not be read" in run["reason"]


def test_one_key_makes_one_run(workspace):
    uploads(workspace)
    assert add_run(workspace, "one", "a", "c", "r", {"x": 1}, "key") == ("one", True)
    assert add_run(workspace, "two", "a", "c", "r", {"x": 1}, "key") == ("one", False)
    assert add_run(workspace, "three", "b", "c", "r", {"x": 1}, "key") == ("three", True)
    with pytest.raises(Exception, match="another run"):
        add_run(workspace, "four", "a", "c", "r", {"x": 2}, "key")
    assert find_run(workspace, "b", "one") is None
