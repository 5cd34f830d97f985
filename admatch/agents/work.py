"""A tool's work in a thread, with progress and an end: ``in_thread``."""

import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread

from admatch.progress import Progress

Done = TypeVar("Done")
Tell = Callable[[float, str], Coroutine[Any, Any, None]]
_PATIENCE = 0.2  # seconds between two looks at whether a waiting call was cancelled
_BEGUN = 0.01  # of a stage: what a client is told always rises
_BETWEEN = 0.1  # seconds between two reports of the same stage


class StoppedError(BaseException):
    """The client cancelled the call; not an ``Exception``, so that no stage takes it for one."""


async def in_thread(
    work: Callable[[Progress], Done], tell: Tell, one_at_a_time: threading.Lock
) -> Done:
    """Return what the work returns; it has a thread of its own, and one works at a time.

    A call that is cancelled ends at once for the client. Its thread stops at its next report of
    progress; until then others wait, so that no two use the models and the memory together.
    """
    stopped = threading.Event()
    progress = _progress(stopped, tell)

    def run() -> Done:
        while not one_at_a_time.acquire(timeout=_PATIENCE):
            if stopped.is_set():
                raise StoppedError
        try:
            if stopped.is_set():
                raise StoppedError
            return work(progress)
        finally:
            one_at_a_time.release()

    try:
        return await anyio.to_thread.run_sync(run, abandon_on_cancel=True)
    finally:
        stopped.set()


def _progress(stopped: threading.Event, tell: Tell) -> Progress:
    """Return a function of the stages that tells the client how far they are, rising steadily."""
    stages: list[str] = []
    last = [0.0, 0.0]  # what was told, and when

    def progress(stage: str, done: int, total: int) -> None:
        if stopped.is_set():
            raise StoppedError
        new = stage not in stages
        if new:
            stages.append(stage)
        whole = stages.index(stage) + _BEGUN + (1 - _BEGUN) * (done / total if total else 0.0)
        now = time.monotonic()
        if whole <= last[0] or (not new and done < total and now - last[1] < _BETWEEN):
            return
        last[:] = [whole, now]
        with suppress(RuntimeError):  # the loop may have ended
            anyio.from_thread.run(tell, whole, stage)

    return progress
