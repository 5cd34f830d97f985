"""A tool's work tells how far it is, and stops when nobody waits for it any more."""

import threading
import time

import anyio
import pytest

from admatch.agents.work import in_thread
from admatch.errors import InputError

from .connect import awaited


async def nothing(done, stage):
    pass


def run(work, tell=nothing, lock=None):
    async def main():
        return await in_thread(work, tell, lock or threading.Lock())

    return awaited(main)


def test_progress_rises_from_stage_to_stage():
    told = []

    async def tell(done, stage):
        told.append((done, stage))

    def work(progress):
        for stage in ("reading", "encoding"):
            for done in range(5):
                progress(stage, done, 4)
                time.sleep(0.03)
        progress("reading", 4, 4)  # told already: not again
        return "done"

    assert run(work, tell) == "done"
    figures = [done for done, _ in told]
    assert figures == sorted(set(figures))
    assert {stage for _, stage in told} == {"reading", "encoding"}
    assert figures[-1] == 2.0


def test_an_error_of_the_work_arrives():
    def work(progress):
        raise InputError("no such column")

    with pytest.raises(InputError, match="no such column"):
        run(work)


def test_a_cancelled_work_stops_and_the_next_one_begins_after_it():
    began, ended, lock = threading.Event(), threading.Event(), threading.Lock()

    def endless(progress):
        try:
            for done in range(10_000):
                began.set()
                progress("deciding", done, 10_000)
                time.sleep(0.01)
        finally:
            ended.set()

    async def main():
        async with anyio.create_task_group() as group:
            group.start_soon(in_thread, endless, nothing, lock)
            await anyio.to_thread.run_sync(began.wait)
            group.cancel_scope.cancel()
        return await in_thread(lambda progress: ended.is_set(), nothing, lock)

    assert awaited(main) is True


def test_one_works_at_a_time_and_a_cancelled_one_stops_waiting():
    lock, worked = threading.Lock(), []

    async def main():
        lock.acquire()
        with anyio.move_on_after(0.1):
            await in_thread(worked.append, nothing, lock)
        lock.release()
        await in_thread(lambda progress: worked.append("second"), nothing, lock)

    awaited(main)
    assert worked == ["second"]
