"""Queues of jobs and requests, with workers that tests control."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from admatch.errors import InputError
from admatch.store.workspace import Workspace
from admatch.web.store.queue import Queue, add_job, cancel_job
from admatch.web.work.process import Step, Task
from admatch.web.work.queues import JobQueue, RequestPool, Work
from admatch.web.work.worker_process import DiedError, RefusedError, WorkerProcess


class FakeWorker:
    """Stands for a process: its tasks wait until a test lets them go on."""

    def __init__(self):
        self.tasks, self.go, self.stopped = [], threading.Semaphore(0), 0
        self.answer = lambda task: task.arguments
        self.starting = False

    def do(self, task, progress):
        self.tasks.append(task)
        progress(Step("counting", 3, 10))
        assert self.go.acquire(timeout=10)
        if self.stopped:
            self.stopped -= 1
            raise DiedError("it ended")
        return self.answer(task)

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
def jobs(workspace):
    stored = {}
    work = Work(
        lambda job: Task("x", {"job": job["id"]}),
        lambda transaction, job_id, value: stored.update({job_id: value}),
    )
    made = JobQueue(workspace, Queue.RUNS, work, [FakeWorker(), FakeWorker()])
    made.stored = stored
    made.open()
    yield made
    for worker in made._workers:
        worker.go.release(20)
    made.close()


def queue(workspace, jobs, *names, account="a"):
    for name in names:
        with workspace.writing() as transaction:
            add_job(transaction, name, account, Queue.RUNS)
    jobs.look()


def until(found, seconds=8):
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return value


def state(workspace, name):
    return workspace.row("SELECT state, reason, attempts FROM jobs WHERE id = ?", [name])


def who_has(jobs, name):
    for worker in jobs._workers:
        if any(task.arguments["job"] == name for task in worker.tasks):
            return worker
    return None


def test_two_workers_do_three_jobs(workspace, jobs):
    queue(workspace, jobs, "one", "two", "three")
    until(lambda: who_has(jobs, "one") and who_has(jobs, "two"))
    assert who_has(jobs, "three") is None
    progress = until(lambda: (p := jobs.progress("one")) and p.stage == "counting" and p)
    assert (progress.done, progress.total) == (3, 10)
    who_has(jobs, "one").go.release()
    until(lambda: who_has(jobs, "three"))
    assert state(workspace, "one")["state"] == "done"
    assert jobs.stored["one"] == {"job": "one"}
    for name in ("two", "three"):
        who_has(jobs, name).go.release()
        until(lambda name=name: state(workspace, name)["state"] == "done")


def test_a_refusal_is_the_reason(workspace, jobs):
    def refuse(task):
        raise RefusedError("row 3: this is why")

    for worker in jobs._workers:
        worker.answer = refuse
        worker.go.release()
    queue(workspace, jobs, "one")
    until(lambda: state(workspace, "one")["state"] == "failed")
    assert state(workspace, "one")["reason"] == "row 3: this is why"


def test_a_worker_that_dies_is_tried_once_more(workspace, jobs):
    queue(workspace, jobs, "one")
    until(lambda: who_has(jobs, "one"))
    for attempt in (1, 2):
        until(lambda: jobs.progress("one"))
        worker = jobs._running["one"]
        worker.stop()
        until(lambda worker=worker: not worker.stopped)
        expected = "running" if attempt == 1 else "failed"
        until(lambda expected=expected: state(workspace, "one")["state"] == expected)
    assert "stopped twice" in state(workspace, "one")["reason"]


def test_cancelling_frees_the_worker(workspace, jobs):
    queue(workspace, jobs, "one", "two", "three")
    until(lambda: who_has(jobs, "one") and who_has(jobs, "two"))
    cancel_job(workspace, "a", "one")
    jobs.interrupt("one")
    until(lambda: who_has(jobs, "three"))
    assert state(workspace, "one")["state"] == "cancelled"
    assert "one" not in jobs.stored


def test_what_takes_too_long_is_ended(workspace):
    worker = FakeWorker()
    work = Work(lambda job: Task("x", {"job": job["id"]}), lambda *_: None, 0.1)
    jobs = JobQueue(workspace, Queue.RUNS, work, [worker])
    jobs.open()
    queue(workspace, jobs, "one")
    until(lambda: state(workspace, "one")["state"] == "failed")
    assert "took more than" in state(workspace, "one")["reason"]
    until(lambda: not jobs._running)
    jobs.close()


def test_closing_in_good_order_keeps_the_job_for_the_next_server(workspace):
    worker = FakeWorker()
    work = Work(lambda job: Task("x", {"job": job["id"]}), lambda *_: None)
    jobs = JobQueue(workspace, Queue.RUNS, work, [worker])
    jobs.open()
    queue(workspace, jobs, "one")
    until(lambda: worker.tasks)
    jobs.close()
    assert state(workspace, "one") == {"state": "queued", "reason": None, "attempts": 0}


def test_an_error_of_ours_does_not_end_the_queue(workspace, jobs):
    def fail(task):
        raise ZeroDivisionError

    for worker in jobs._workers:
        worker.answer = fail
        worker.go.release()
    queue(workspace, jobs, "one")
    until(lambda: state(workspace, "one")["state"] == "failed")
    for worker in jobs._workers:
        worker.answer = lambda task: 1
        worker.go.release(2)
    queue(workspace, jobs, "two")
    until(lambda: state(workspace, "two")["state"] == "done")


def test_a_request_is_answered_refused_or_late():
    worker = FakeWorker()
    pool = RequestPool([worker], most_waiting=1)
    pool.open()
    worker.go.release()
    assert pool.ask("x", {"a": 1}, 5) == {"a": 1}
    with pytest.raises(TimeoutError, match="too long"):
        pool.ask("x", {}, 0.05)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(pool.ask, "x", {}, 0.2)
        until(lambda: pool._tasks.qsize() == 1)
        with pytest.raises(TimeoutError, match="too many"):
            pool.ask("x", {}, 1)
        assert isinstance(waiting.exception(), TimeoutError)
    worker.answer = _refuse
    worker.go.release(3)
    until(lambda: pool._tasks.qsize() == 0)
    with pytest.raises(InputError, match="no"):
        pool.ask("x", {}, 5)
    worker.answer = _die
    worker.go.release()
    with pytest.raises(TimeoutError, match="ended"):  # it may be asked again
        pool.ask("x", {}, 5)
    pool.close()


@pytest.mark.parametrize("end_late", [True, False])
def test_a_late_answer_ends_its_process_where_nobody_needs_it(end_late):
    worker = FakeWorker()
    pool = RequestPool([worker], most_waiting=1, end_late=end_late)
    pool.open()
    with pytest.raises(TimeoutError):
        pool.ask("x", {}, 0.1)
    assert worker.stopped == end_late
    worker.go.release()
    until(lambda: not pool._running)
    pool.close()


def test_a_process_that_has_to_start_first_is_waited_for():
    worker = FakeWorker()
    worker.starting = True
    pool = RequestPool([worker], most_waiting=1)
    pool.open()
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(pool.ask, "x", {"n": 1}, 0.5)
        until(lambda: worker.tasks)
        time.sleep(0.6)  # longer than an answer may take
        worker.go.release()
        assert waiting.result(10) == {"n": 1}
        waiting = threads.submit(pool.ask, "x", {}, 0.05)
        assert isinstance(waiting.exception(10), TimeoutError)  # not for ever
    worker.go.release()
    pool.close()


def _die(task):
    raise DiedError("it ended")


def _refuse(task):
    raise RefusedError("no")


def test_a_real_process_answers_refuses_and_starts_again(tmp_path):
    worker = WorkerProcess("test", 0)
    task = Task("read report", {"folder": str(tmp_path), "names": {}, "limits": {}})
    (tmp_path / "source").mkdir()
    with pytest.raises(RefusedError, match="no table") as refused:
        worker.do(task, lambda _: None)
    assert refused.value.message.id == "web.archive.no_table"
    assert not worker.starting
    first = worker._process.pid
    worker.stop()
    worker.start()
    assert worker.starting
    with pytest.raises(RefusedError, match="no table"):
        worker.do(task, lambda _: None)
    assert worker._process.pid != first
    worker._process.kill()
    worker._process.join()
    with pytest.raises(RefusedError):
        worker.do(task, lambda _: None)
    worker.stop()
