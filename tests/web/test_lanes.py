"""Lanes of workers over the queue, with workers that tests hold in their hands."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from admatch.errors import InputError
from admatch.store.workspace import Workspace
from admatch.web.store.queue import Queue, add_job, cancel_job
from admatch.web.work.process import Step, Task
from admatch.web.work.queues import AskQueue, QueueLane, Work
from admatch.web.work.worker_process import DiedError, RefusedError, WorkerProcess


class Hand:
    """Stands for a process: what it is asked waits until a test lets it go on."""

    def __init__(self):
        self.asked, self.go, self.stopped = [], threading.Semaphore(0), 0
        self.answer = lambda order: order.arguments

    def do(self, order, progress):
        self.asked.append(order)
        progress(Step("counting", 3, 10))
        assert self.go.acquire(timeout=10)
        if self.stopped:
            self.stopped -= 1
            raise DiedError("it ended")
        return self.answer(order)

    def start(self):
        pass

    def stop(self, patience=0.0):
        self.stopped += 1
        self.go.release()


@pytest.fixture
def workspace(tmp_path):
    opened = Workspace(tmp_path / "ws")
    yield opened
    opened.close()


@pytest.fixture
def lane(workspace):
    kept = {}
    work = Work(
        lambda job: Task("x", {"job": job["id"]}),
        lambda transaction, job_id, value: kept.update({job_id: value}),
    )
    made = QueueLane(workspace, Queue.RUNS, work, [Hand(), Hand()])
    made.kept = kept
    made.open()
    yield made
    for hand in made._helpers:
        hand.go.release(20)
    made.close()


def queue(workspace, lane, *names, account="a"):
    for name in names:
        with workspace.writing() as transaction:
            add_job(transaction, name, account, Queue.RUNS)
    lane.look()


def until(found, seconds=8):
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return value


def state(workspace, name):
    return workspace.row("SELECT state, reason, attempts FROM jobs WHERE id = ?", [name])


def who_has(lane, name):
    return next(
        (hand for hand in lane._helpers if any(o.arguments["job"] == name for o in hand.asked)),
        None,
    )


def test_two_workers_do_three_jobs(workspace, lane):
    queue(workspace, lane, "one", "two", "three")
    until(lambda: who_has(lane, "one") and who_has(lane, "two"))
    assert who_has(lane, "three") is None
    progress = until(lambda: (p := lane.progress("one")) and p.stage == "counting" and p)
    assert (progress.done, progress.total) == (3, 10)
    who_has(lane, "one").go.release()
    until(lambda: who_has(lane, "three"))
    assert state(workspace, "one")["state"] == "done"
    assert lane.kept["one"] == {"job": "one"}
    for name in ("two", "three"):
        who_has(lane, name).go.release()
        until(lambda name=name: state(workspace, name)["state"] == "done")


def test_a_refusal_is_the_reason(workspace, lane):
    def refuse(order):
        raise RefusedError("row 3: this is why")

    for hand in lane._helpers:
        hand.answer = refuse
        hand.go.release()
    queue(workspace, lane, "one")
    until(lambda: state(workspace, "one")["state"] == "failed")
    assert state(workspace, "one")["reason"] == "row 3: this is why"


def test_a_worker_that_dies_is_tried_once_more(workspace, lane):
    queue(workspace, lane, "one")
    until(lambda: who_has(lane, "one"))
    for attempt in (1, 2):
        until(lambda: lane.progress("one"))
        hand = lane._running["one"]
        hand.stop()
        until(lambda hand=hand: not hand.stopped)
        wanted = "running" if attempt == 1 else "failed"
        until(lambda wanted=wanted: state(workspace, "one")["state"] == wanted)
    assert "stopped twice" in state(workspace, "one")["reason"]


def test_cancelling_frees_the_worker(workspace, lane):
    queue(workspace, lane, "one", "two", "three")
    until(lambda: who_has(lane, "one") and who_has(lane, "two"))
    cancel_job(workspace, "a", "one")
    lane.interrupt("one")
    until(lambda: who_has(lane, "three"))
    assert state(workspace, "one")["state"] == "cancelled"
    assert "one" not in lane.kept


def test_what_takes_too_long_is_ended(workspace):
    hand = Hand()
    work = Work(lambda job: Task("x", {"job": job["id"]}), lambda *_: None, 0.1)
    lane = QueueLane(workspace, Queue.RUNS, work, [hand])
    lane.open()
    queue(workspace, lane, "one")
    until(lambda: state(workspace, "one")["state"] == "failed")
    assert "took more than" in state(workspace, "one")["reason"]
    until(lambda: not lane._running)
    lane.close()


def test_closing_in_good_order_keeps_the_job_for_the_next_server(workspace):
    hand = Hand()
    work = Work(lambda job: Task("x", {"job": job["id"]}), lambda *_: None)
    lane = QueueLane(workspace, Queue.RUNS, work, [hand])
    lane.open()
    queue(workspace, lane, "one")
    until(lambda: hand.asked)
    lane.close()
    assert state(workspace, "one") == {"state": "queued", "reason": None, "attempts": 0}


def test_an_error_of_ours_does_not_end_the_lane(workspace, lane):
    def fail(order):
        raise ZeroDivisionError

    for hand in lane._helpers:
        hand.answer = fail
        hand.go.release()
    queue(workspace, lane, "one")
    until(lambda: state(workspace, "one")["state"] == "failed")
    for hand in lane._helpers:
        hand.answer = lambda order: 1
        hand.go.release(2)
    queue(workspace, lane, "two")
    until(lambda: state(workspace, "two")["state"] == "done")


def test_asking_is_answered_refused_or_late():
    hand = Hand()
    lane = AskQueue([hand], most_waiting=1)
    lane.open()
    hand.go.release()
    assert lane.ask("x", {"a": 1}, 5) == {"a": 1}
    with pytest.raises(TimeoutError, match="too long"):
        lane.ask("x", {}, 0.05)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lane.ask, "x", {}, 0.2)
        until(lambda: lane._orders.qsize() == 1)
        with pytest.raises(TimeoutError, match="too many"):
            lane.ask("x", {}, 1)
        assert isinstance(waiting.exception(), TimeoutError)
    hand.answer = _refuse
    hand.go.release(3)
    until(lambda: lane._orders.qsize() == 0)
    with pytest.raises(InputError, match="no"):
        lane.ask("x", {}, 5)
    lane.close()


def _refuse(order):
    raise RefusedError("no")


def test_a_real_process_answers_refuses_and_starts_again(tmp_path):
    helper = WorkerProcess("test", 0)
    order = Task("read report", {"folder": str(tmp_path), "names": {}, "limits": {}})
    (tmp_path / "source").mkdir()
    with pytest.raises(RefusedError, match="no table"):
        helper.do(order, lambda _: None)
    first = helper._process.pid
    helper.stop()
    with pytest.raises(RefusedError, match="no table"):
        helper.do(order, lambda _: None)
    assert helper._process.pid != first
    helper._process.kill()
    helper._process.join()
    with pytest.raises(RefusedError):
        helper.do(order, lambda _: None)
    helper.stop()
