"""Worker processes: ``JobQueue`` for stored jobs, ``RequestPool`` for requests that wait."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from admatch.errors import AdmatchError, InputError
from admatch.messages import say
from admatch.store.workspace import Row, Transaction, Workspace
from admatch.web.store.queue import Queue, State, end_job, interrupted, take_job
from admatch.web.work.process import Step, Task
from admatch.web.work.worker_process import DiedError, RefusedError, WorkerProcess

_LOG = logging.getLogger(__name__)
_PATIENCE = 1.0  # seconds in which an idle process ends by itself
_STARTS = 4  # times as long as usual that an answer may take where its process starts first
_GLANCE = 0.5  # seconds between two looks at whether an answer's process has started
_LOOK = 5.0  # seconds after which an idle worker looks for a job unasked


@dataclass(slots=True)
class Progress:
    """How far a running job is; times are those of ``time.monotonic``.

    ``entered`` is when the stage began, or the silent one after it; ``shown``, ``left`` and
    ``asked`` are the share and the seconds that were last shown, and when.
    """

    started: float
    stage: str = "starting"
    done: int = 0
    total: int = 0
    entered: float = 0.0
    shown: float = 0.0
    left: float | None = None
    asked: float = 0.0

    @property
    def over(self) -> bool:
        """Whether the stage has said that it is through."""
        return 0 < self.total <= self.done

    def move(self, stage: str, done: int, total: int, now: float) -> None:
        """Take a step; a stage that is not announced yet begins where the one before is over."""
        was_over, changed = self.over, stage != self.stage
        self.stage, self.done, self.total = stage, done, total
        if (self.over or changed) and not was_over:
            self.entered = now


@dataclass(frozen=True, slots=True)
class Work:
    """How the jobs of a queue are done.

    ``task`` makes a job's task, ``store`` stores what it returns, and ``then`` is called when a
    job is over: others may have waited for it.
    """

    task: Callable[[Row], Task]
    store: Callable[[Transaction, str, Any], None]
    most_seconds: float = 3600.0
    then: Callable[[], None] = lambda: None


class JobQueue:
    """Workers that take jobs from the workspace, where jobs survive the server."""

    def __init__(
        self, workspace: Workspace, name: Queue, work: Work, workers: list[WorkerProcess]
    ) -> None:
        self._workspace, self._name, self._work = workspace, name, work
        self._workers = workers
        self._wake, self._looks = threading.Condition(), 0
        self._closing = False
        self._running: dict[str, WorkerProcess] = {}
        self._progress: dict[str, Progress] = {}
        self._threads = [
            threading.Thread(target=self._serve, args=(worker,), daemon=True) for worker in workers
        ]

    def open(self) -> None:
        """Start to take jobs."""
        for thread in self._threads:
            thread.start()

    def warm(self) -> None:
        """Start one process before there is a job."""
        self._workers[0].start()

    def close(self) -> None:
        """Stop; jobs that were running are queued again when the workspace is next opened."""
        self._closing = True
        self.look()
        for worker in self._workers:
            worker.stop(_PATIENCE)
        for thread in self._threads:
            thread.join(10)

    def look(self) -> None:
        """Let the workers look for a new job."""
        with self._wake:
            self._looks += 1
            self._wake.notify_all()

    def progress(self, job_id: str) -> Progress | None:
        """Return how far a job is, if it is running."""
        return self._progress.get(job_id)

    def interrupt(self, job_id: str) -> None:
        """End the process that works on a job that was cancelled or deleted."""
        worker = self._running.get(job_id)
        if worker is not None:
            worker.stop()

    def _serve(self, worker: WorkerProcess) -> None:
        while not self._closing:
            looks = self._looks
            job = self._next()
            if job is None:
                with self._wake:
                    if looks == self._looks:  # else a job may have come just after we looked
                        self._wake.wait(_LOOK)
            elif not self._closing:
                self._do(worker, job)

    def _next(self) -> Row | None:
        try:
            return take_job(self._workspace, self._name)
        except Exception:
            if not self._closing:
                _LOG.exception("the queue cannot be read")
                time.sleep(1)
            return None

    def _do(self, worker: WorkerProcess, job: Row) -> None:
        job_id = str(job["id"])
        started = time.monotonic()
        progress = self._progress[job_id] = Progress(started, entered=started)
        self._running[job_id] = worker

        def follow(step: Step) -> None:
            progress.move(step.stage, step.done, step.total, time.monotonic())

        alarm = threading.Timer(self._work.most_seconds, self._too_long, (job_id,))
        alarm.daemon = True
        alarm.start()
        try:
            value = worker.do(self._work.task(job), follow)
            with self._workspace.writing() as transaction:
                if end_job(transaction, job_id, State.DONE):
                    self._work.store(transaction, job_id, value)
        except DiedError:
            self._died(job_id)
        except AdmatchError as error:
            self._fail(job_id, error.message)
        except Exception:
            _LOG.exception("job %s", job_id)
            self._fail(job_id, say("web.server.failed"))
        finally:
            alarm.cancel()
            self._running.pop(job_id, None)
            self._progress.pop(job_id, None)
            self._work.then()

    def _fail(self, job_id: str, reason: str) -> bool:
        with self._workspace.writing() as transaction:
            return end_job(transaction, job_id, State.FAILED, reason)

    def _too_long(self, job_id: str) -> None:
        minutes = round(self._work.most_seconds / 60)
        if self._fail(job_id, say("web.job.too_long", n=minutes)):
            self.interrupt(job_id)

    def _died(self, job_id: str) -> None:
        with self._workspace.writing() as transaction:
            again = interrupted(transaction, job_id, by_us=self._closing)
        if again is State.QUEUED:
            _LOG.warning("job %s lost its process and is tried again", job_id)


class RequestPool:
    """Workers that answer requests while a client waits.

    ``end_late``: a process whose answer nobody waits for any more is ended, so that others get
    theirs; else it goes on, as the next to ask the same may need what it made.
    """

    def __init__(
        self, workers: list[WorkerProcess], most_waiting: int, *, end_late: bool = False
    ) -> None:
        self._workers, self._end_late = workers, end_late
        self.step: Step | None = None  # how far a worker is with what a client waits for
        self._running: dict[Future[Any], WorkerProcess] = {}
        self._lock = threading.Lock()
        self._tasks: queue.Queue[tuple[Task, Future[Any]] | None] = queue.Queue(most_waiting)
        self._threads = [
            threading.Thread(target=self._serve, args=(worker,), daemon=True) for worker in workers
        ]

    def open(self) -> None:
        """Start to answer."""
        for thread in self._threads:
            thread.start()

    def warm(self) -> None:
        """Start one process before there is a request."""
        self._workers[0].start()

    def close(self) -> None:
        """Stop; requests that still wait fail."""
        for worker in self._workers:
            worker.stop(_PATIENCE)
        for _ in self._threads:
            self._tasks.put(None)

    def ask(self, task: str, arguments: dict[str, Any], seconds: float) -> Any:  # noqa: ANN401
        """Return a task's answer; raises InputError where it refuses.

        Raises TimeoutError where it is late, or lost its process. Where one has to start first,
        that does not count, up to ``_STARTS`` times as long.
        """
        answer: Future[Any] = Future()
        try:
            self._tasks.put_nowait((Task(task, arguments), answer))
        except queue.Full:
            raise TimeoutError(say("web.request.busy")) from None
        try:
            return self._waited(answer, seconds)
        except RefusedError as error:
            raise InputError(error.message) from None
        except DiedError as error:
            raise TimeoutError(error.message) from None
        except TimeoutError:
            if not answer.cancel() and self._end_late:
                with self._lock:
                    if worker := self._running.get(answer):
                        worker.stop()
            raise TimeoutError(say("web.request.slow")) from None

    def _waited(self, answer: Future[Any], seconds: float) -> Any:  # noqa: ANN401
        left, latest = seconds, time.monotonic() + _STARTS * seconds
        while True:
            began = time.monotonic()
            with suppress(TimeoutError):
                return answer.result(min(max(left, 0.0), _GLANCE))
            if not self._starting(answer):
                left -= time.monotonic() - began
            if answer.done() or left <= 0 or time.monotonic() > latest:
                return answer.result(0)

    def _starting(self, answer: Future[Any]) -> bool:
        """Return whether an answer waits for a process that starts."""
        with self._lock:
            worker = self._running.get(answer)
        return any(one.starting for one in ([worker] if worker else self._workers))

    def _serve(self, worker: WorkerProcess) -> None:
        while (item := self._tasks.get()) is not None:
            task, answer = item
            if not answer.set_running_or_notify_cancel():
                continue
            with self._lock:
                self._running[answer] = worker
            try:
                result = worker.do(task, self._follow)
            except Exception as error:
                self._end(answer)
                answer.set_exception(error)
            else:
                self._end(answer)
                answer.set_result(result)
            finally:
                self.step = None

    def _end(self, answer: Future[Any]) -> None:
        with self._lock:
            del self._running[answer]

    def _follow(self, step: Step) -> None:
        self.step = step
