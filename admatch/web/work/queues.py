"""Who does what: lanes of worker processes, fed from the store's queue or by requests."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from admatch.errors import AdmatchError, InputError
from admatch.store.workspace import Row, Transaction, Workspace
from admatch.web.store.queue import Queue, State, end_job, interrupted, take_job
from admatch.web.work.process import Step, Task
from admatch.web.work.worker_process import DiedError, RefusedError, WorkerProcess

_LOG = logging.getLogger(__name__)
_PATIENCE = 1.0  # seconds in which an idle process ends by itself
_LOOK = 5.0  # seconds after which an idle lane looks at the queue unasked


@dataclass(slots=True)
class Progress:
    """How far a running job is; times are those of ``time.monotonic``."""

    started: float
    stage: str = "starting"
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """How a lane does a job: the order that it is, what to keep of its answer, its seconds.

    ``then`` is called when a job is over: others may have waited for it.
    """

    order: Callable[[Row], Task]
    keep: Callable[[Transaction, str, Any], None]
    most_seconds: float = 3600.0
    then: Callable[[], None] = lambda: None


class QueueLane:
    """Workers that take jobs from the store; what was asked for survives the server."""

    def __init__(
        self, workspace: Workspace, lane: Queue, work: Work, helpers: list[WorkerProcess]
    ) -> None:
        self._workspace, self._lane, self._work = workspace, lane, work
        self._helpers = helpers
        self._wake, self._looks = threading.Condition(), 0
        self._closing = False
        self._running: dict[str, WorkerProcess] = {}
        self._progress: dict[str, Progress] = {}
        self._threads = [
            threading.Thread(target=self._serve, args=(helper,), daemon=True) for helper in helpers
        ]

    def open(self) -> None:
        """Start to take jobs."""
        for thread in self._threads:
            thread.start()

    def warm(self) -> None:
        """Start one process before anybody asks for anything."""
        self._helpers[0].start()

    def close(self) -> None:
        """Stop; what was running is queued again when the next server opens the workspace."""
        self._closing = True
        self.look()
        for helper in self._helpers:
            helper.stop(_PATIENCE)
        for thread in self._threads:
            thread.join(10)

    def look(self) -> None:
        """Say that there may be a new job."""
        with self._wake:
            self._looks += 1
            self._wake.notify_all()

    def progress(self, job_id: str) -> Progress | None:
        """Return how far a job is, if it is running."""
        return self._progress.get(job_id)

    def interrupt(self, job_id: str) -> None:
        """End the process that works on a job that was cancelled or deleted."""
        helper = self._running.get(job_id)
        if helper is not None:
            helper.stop()

    def _serve(self, helper: WorkerProcess) -> None:
        while not self._closing:
            looks = self._looks
            job = self._next()
            if job is None:
                with self._wake:
                    if looks == self._looks:  # else a job may have come just after we looked
                        self._wake.wait(_LOOK)
            elif not self._closing:
                self._do(helper, job)

    def _next(self) -> Row | None:
        try:
            return take_job(self._workspace, self._lane)
        except Exception:
            if not self._closing:
                _LOG.exception("the queue cannot be read")
                time.sleep(1)
            return None

    def _do(self, helper: WorkerProcess, job: Row) -> None:
        job_id = str(job["id"])
        progress = self._progress[job_id] = Progress(time.monotonic())
        self._running[job_id] = helper

        def follow(step: Step) -> None:
            progress.stage, progress.done, progress.total = step.stage, step.done, step.total

        alarm = threading.Timer(self._work.most_seconds, self._too_long, (job_id,))
        alarm.daemon = True
        alarm.start()
        try:
            value = helper.do(self._work.order(job), follow)
            with self._workspace.writing() as transaction:
                if end_job(transaction, job_id, State.DONE):
                    self._work.keep(transaction, job_id, value)
        except DiedError:
            self._died(job_id)
        except AdmatchError as error:
            with self._workspace.writing() as transaction:
                end_job(transaction, job_id, State.FAILED, str(error))
        except Exception:
            _LOG.exception("job %s", job_id)
            with self._workspace.writing() as transaction:
                end_job(transaction, job_id, State.FAILED, "admatch failed; the log says why")
        finally:
            alarm.cancel()
            self._running.pop(job_id, None)
            self._progress.pop(job_id, None)
            self._work.then()

    def _too_long(self, job_id: str) -> None:
        minutes = round(self._work.most_seconds / 60)
        reason = f"this took more than {minutes} minutes and was ended; try a smaller file"
        with self._workspace.writing() as transaction:
            ended = end_job(transaction, job_id, State.FAILED, reason)
        if ended:
            self.interrupt(job_id)

    def _died(self, job_id: str) -> None:
        with self._workspace.writing() as transaction:
            again = interrupted(transaction, job_id, by_us=self._closing)
        if again is State.QUEUED:
            _LOG.warning("job %s lost its process and is tried again", job_id)


class AskQueue:
    """Workers that answer requests which somebody waits for."""

    def __init__(self, helpers: list[WorkerProcess], most_waiting: int = 64) -> None:
        self._helpers = helpers
        self._orders: queue.Queue[tuple[Task, Future[Any]] | None] = queue.Queue(most_waiting)
        self._threads = [
            threading.Thread(target=self._serve, args=(helper,), daemon=True) for helper in helpers
        ]

    def open(self) -> None:
        """Start to answer."""
        for thread in self._threads:
            thread.start()

    def warm(self) -> None:
        """Start one process before anybody asks for anything."""
        self._helpers[0].start()

    def close(self) -> None:
        """Stop; who still waits is told so."""
        for helper in self._helpers:
            helper.stop(_PATIENCE)
        for _ in self._threads:
            self._orders.put(None)

    def ask(self, task: str, arguments: dict[str, Any], seconds: float) -> Any:  # noqa: ANN401
        """Return a task's answer; raises InputError where it refuses, TimeoutError when late."""
        answer: Future[Any] = Future()
        try:
            self._orders.put_nowait((Task(task, arguments), answer))
        except queue.Full:
            raise TimeoutError("too many are waiting for this; try again in a minute") from None
        try:
            return answer.result(seconds)
        except RefusedError as error:
            raise InputError(str(error)) from None
        except TimeoutError:
            answer.cancel()
            raise TimeoutError("this takes too long just now; try again in a minute") from None

    def _serve(self, helper: WorkerProcess) -> None:
        while (item := self._orders.get()) is not None:
            order, answer = item
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(helper.do(order, lambda _: None))
            except Exception as error:
                answer.set_exception(error)
