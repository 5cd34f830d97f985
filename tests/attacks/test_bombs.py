"""Every bomb is refused, or read, in one sentence; the reader keeps to its memory and its time."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from admatch.web.limits import Limits
from admatch.web.work.memory import memory_of
from admatch.web.work.process import Task
from admatch.web.work.worker_process import RefusedError, WorkerProcess
from tests.attacks.bombs import BOMBS
from tests.attacks.record import record

LIMITS = Limits()
TASKS = ("read report", "read catalog")
# One of each kind that takes no second; the others in the campaign.
QUICK = (
    "quotes alone", "one wide line above many short ones", "gzip twelve times over",
    "numbers beyond floats", "a cell at XFD1048576", "blanks behind formulas",
    "halves of letters", "JSON numbers of 5,000 digits", "long names in one another",
    "bytes, durations and records", "a billion laughs", "a PNG of 13,300 by 13,300",
    "a picture in an open file", "a picture that never ends",
)  # fmt: skip


class Reader:
    """A reader of uploads as the server has it, and the most memory that it took."""

    def __init__(self, number: int) -> None:
        self.worker = WorkerProcess(f"reading-{number}", 5, memory=LIMITS.memory)

    def memory(self) -> int:
        process = self.worker._process
        return 0 if process is None or process.pid is None else memory_of(process.pid)

    def read(self, folder: Path, name: str, task: str) -> str:
        """Return how it ended: 'read' or 'refused'."""
        file, content = BOMBS[name]()
        (folder / "source").mkdir(parents=True)
        (folder / "source" / f"000-{file}").write_bytes(content)
        arguments = {
            "folder": str(folder), "names": {f"000-{file}": file}, "limits": asdict(LIMITS),
        }  # fmt: skip
        with contextlib.suppress(RefusedError):  # an error of ours is a FaultError
            self.worker.do(Task(task, arguments), lambda _: None)
            return "read"
        return "refused"


@pytest.fixture(scope="module")
def readers():
    both = [Reader(0), Reader(1)]
    yield both
    for one in both:
        one.worker.stop()


@pytest.mark.parametrize("name", QUICK)
def test_a_bomb_harms_nobody(readers, tmp_path, name):
    began = time.monotonic()
    for task in TASKS:
        readers[0].read(tmp_path / task, name, task)
    assert time.monotonic() - began < 60


@pytest.mark.slow
def test_all_bombs_with_both_readers_busy(readers, tmp_path):
    peak, over = [0], threading.Event()

    def watch():
        while not over.wait(0.02):
            peak[0] = max(peak[0], sum(one.memory() for one in readers))

    threading.Thread(target=watch, daemon=True).start()
    work = [(name, task) for name in BOMBS for task in TASKS]
    ended, seconds = {}, {}

    def share(number):
        for at, (name, task) in enumerate(work[number::2]):
            began = time.monotonic()
            ended[name, task] = readers[number].read(tmp_path / f"{number}-{at}", name, task)
            seconds[name, task] = time.monotonic() - began

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(share, range(2)))
    over.set()
    assert len(ended) == len(work) == 2 * len(BOMBS)
    slowest = max(seconds, key=seconds.get)
    record(
        "bombs",
        tried=len(work),
        held=len(ended),
        bombs=len(BOMBS),
        refused=sum(one == "refused" for one in ended.values()),
        peak_mib=peak[0] // 2**20,
        slowest_seconds=round(seconds[slowest], 1),
        slowest=slowest[0],
    )
    assert peak[0] < 2.75 * 2**30  # the server itself takes a quarter of a GB
    assert seconds[slowest] < 300
