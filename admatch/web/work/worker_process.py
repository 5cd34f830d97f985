"""A worker process, as the server uses it: ``WorkerProcess``."""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from typing import Any

from admatch.errors import AdmatchError
from admatch.messages import say
from admatch.web.work.memory import memory_of
from admatch.web.work.process import Answer, Step, Task, work

_LOOK = 0.05  # seconds between two looks at the memory that a process takes
_SPAWN = multiprocessing.get_context("spawn")


class RefusedError(AdmatchError):
    """The task says in one sentence why it cannot be done."""


class FaultError(AdmatchError):
    """The task failed because of an error in admatch itself."""


class DiedError(AdmatchError):
    """The process ended in the middle of the task."""


class WorkerProcess:
    """One process that does tasks; it starts when first needed, and again after it died.

    ``memory``: the most bytes that it may take; a task that needs more is refused.
    """

    def __init__(
        self, name: str, niceness: int, first: Task | None = None, memory: int | None = None
    ) -> None:
        self._name, self._niceness, self._first = name, niceness, first
        self._memory = memory
        self._process: Any = None
        self._pipe: Any = None
        self._lock = threading.Lock()
        self._starting = False

    @property
    def starting(self) -> bool:
        """Whether the process was started, and has not begun with a task yet."""
        return self._starting

    def do(self, task: Task, progress: Callable[[Step], None]) -> Any:  # noqa: ANN401
        """Return what the task returns; raises RefusedError, FaultError or DiedError."""
        pipe = self.start()
        try:
            pipe.send(task)
            while not isinstance(message := self._received(pipe), Answer):
                if isinstance(message, Step):
                    progress(message)
                else:
                    self._starting = False
        except (EOFError, OSError):
            raise self._death() from None
        answer = message
        if answer.refusal is not None:
            raise (FaultError if answer.fault else RefusedError)(answer.refusal)
        return answer.value

    def _received(self, pipe: Any) -> Any:  # noqa: ANN401
        """Return the next message; ends the process where it takes too much memory meanwhile."""
        while self._memory is not None and not pipe.poll(_LOOK):
            if memory_of(self._process.pid) > self._memory:
                self.stop()
                raise self._too_much_memory()
        return pipe.recv()

    def _death(self) -> AdmatchError:
        """Return why the process ended: what is given no more memory aborts."""
        with self._lock:
            if self._process is None or self._memory is None:
                return DiedError(say("web.work.died"))
            self._process.join(10)
            aborted = self._process.exitcode == -signal.SIGABRT
        return self._too_much_memory() if aborted else DiedError(say("web.work.died"))

    def _too_much_memory(self) -> RefusedError:
        most = (self._memory or 0) // 2**20
        return RefusedError(say("web.work.memory_limit", most=most))

    def start(self) -> Any:  # noqa: ANN401 - a Connection
        """Start the process unless it runs; return the pipe to it."""
        with self._lock:
            if self._process is None or not self._process.is_alive():
                self._pipe, theirs = _SPAWN.Pipe()
                arguments = (theirs, self._niceness, self._first, self._memory)
                self._process = _SPAWN.Process(
                    target=work, args=arguments, name=self._name, daemon=True
                )
                self._starting = True
                self._process.start()
                theirs.close()
            return self._pipe

    def stop(self, patience: float = 0.0) -> None:
        """End the process, whatever it is doing; with patience, an idle one ends by itself."""
        with self._lock:
            if self._process is not None:
                if patience:
                    self._pipe.close()  # an idle process ends when its pipe does
                    self._process.join(patience)
                self._process.kill()
                self._process.join(10)
                self._pipe.close()
                self._process = None
