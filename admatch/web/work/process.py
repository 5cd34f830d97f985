"""A worker process: it takes orders from a pipe, one at a time, until the server is gone."""

import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from admatch.errors import AdmatchError

_BETWEEN = 0.1  # seconds between two messages of progress


@dataclass(frozen=True, slots=True)
class Task:
    """A task by name, and what it needs."""

    task: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """How far a stage is."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task gave, or the one sentence why it gave nothing.

    ``fault`` marks an error that is admatch's own.
    """

    value: Any = None
    refusal: str | None = None
    fault: bool = False


def work(orders: Connection, niceness: int, first: Task | None) -> None:
    """Do orders until the pipe ends; ``first`` is done unasked, so that later ones are quick."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    _leave_with_the_server()
    _read_nothing_from_the_terminal()
    if hasattr(os, "nice"):
        os.nice(niceness)
    if first is not None:
        _done(first, lambda *_: None)
    while True:
        try:
            order = orders.recv()
        except (EOFError, OSError):
            return
        answer = _done(order, _Teller(orders))
        try:
            orders.send(answer)
        except (BrokenPipeError, OSError):
            return


class _Teller:
    """Sends progress, but not every step of it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._last, self._stage = pipe, 0.0, ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        moment = time.monotonic()
        if stage == self._stage and done < total and moment - self._last < _BETWEEN:
            return
        self._last, self._stage = moment, stage
        self._pipe.send(Step(stage, done, total))


def _done(order: Task, progress: Any) -> Answer:  # noqa: ANN401 - a Progress
    from admatch.web.work.tasks import task_named

    try:
        return Answer(task_named(order.task)(order.arguments, progress))
    except AdmatchError as error:
        return Answer(refusal=str(error))
    except MemoryError:
        return Answer(refusal="there is not enough memory for this; try it with a smaller file")
    except RecursionError:
        return Answer(refusal="the file is nested too deeply to be a table; export it again")
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return Answer(
            refusal=f"admatch could not finish '{order.task}'; the server's log says why",
            fault=True,
        )


def _read_nothing_from_the_terminal() -> None:
    """Let no file name in an upload, such as /dev/stdin, wait for a person at a keyboard."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _leave_with_the_server() -> None:
    """End this process soon after the one that started it, even in the middle of a task."""
    server = os.getppid()

    def watch() -> None:
        while os.getppid() == server:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
