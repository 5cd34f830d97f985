"""A worker process: it takes tasks from a pipe, one at a time, until the server is gone."""

import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from admatch.errors import AdmatchError
from admatch.messages import say
from admatch.progress import Progress
from admatch.tables.atomic import is_full
from admatch.web.work.memory import limit_memory

_BETWEEN = 0.1  # seconds between two messages of progress


@dataclass(frozen=True, slots=True)
class Task:
    """A task by name, and its arguments."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """How far a stage is."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has started, and begins with what it is asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task returned, or the one sentence that says why it failed.

    ``fault`` marks an error in admatch itself.
    """

    value: Any = None
    refusal: str | None = None
    fault: bool = False


def work(pipe: Connection, niceness: int, first: Task | None, memory: int | None) -> None:
    """Do tasks until the pipe ends; ``first`` is done unasked, so that later ones are quick.

    ``memory``: the most bytes that a task may take.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    _end_with_the_server()
    _close_the_terminal()
    if hasattr(os, "nice"):
        os.nice(niceness)
    if memory is not None:
        limit_memory(memory)
    if first is not None:
        _done(first, _Reporter(pipe))  # read with the first task: a cold start shows what it loads
    with suppress(OSError):  # the server is gone
        pipe.send(Ready())
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        answer = _done(task, _Reporter(pipe))
        try:
            pipe.send(answer)
        except (BrokenPipeError, OSError):
            return


class _Reporter:
    """Sends progress, but not every step of it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._last, self._stage = pipe, 0.0, ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        moment = time.monotonic()
        if stage == self._stage and done < total and moment - self._last < _BETWEEN:
            return
        self._last, self._stage = moment, stage
        with suppress(OSError):  # the server is gone, and nobody reads it
            self._pipe.send(Step(stage, done, total))


def _done(task: Task, progress: Progress) -> Answer:
    from admatch.web.work.tasks import function_of

    try:
        return Answer(function_of(task.name)(task.arguments, progress))
    except AdmatchError as error:
        return Answer(refusal=error.message)
    except MemoryError:
        return Answer(refusal=say("web.work.memory"))
    except RecursionError:
        return Answer(refusal=say("web.work.nesting"))
    except Exception as error:
        if isinstance(error, OSError) and is_full(error):
            return Answer(refusal=say("web.server.no_room"))
        traceback.print_exc(file=sys.stderr)
        return Answer(refusal=say("web.server.failed"), fault=True)


def _close_the_terminal() -> None:
    """Let no file name in an upload, such as /dev/stdin, wait for a person at a keyboard."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _end_with_the_server() -> None:
    """End this process soon after the one that started it, even in the middle of a task."""
    server = os.getppid()

    def watch() -> None:
        while os.getppid() == server:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
