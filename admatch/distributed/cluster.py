"""Jobs on the actors of a Ray cluster: ``ray_engine``."""

import multiprocessing
import pickle
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from admatch.distributed.driver import drive, given_up, no_answer
from admatch.distributed.engine import Answer, Item, Job, Result
from admatch.errors import InputError, MissingDependencyError
from admatch.messages import say

# A head is lost when it misses this many looks, so many seconds apart. Ray itself would wait for a
# minute, and then end the process without a word.
LOOK, MISSES = 2.0, 5
FAREWELL = 20.0  # seconds that a cluster on this machine may take to end


@contextmanager
def ray_engine(address: str | None = None) -> Iterator["RayEngine"]:
    """Yield the engine of the Ray cluster at ``address``, by default one of this machine's cores.

    The cluster is started or connected to once there is something to do. Raises
    ``MissingDependencyError`` where Ray is not installed, ``InputError`` where no cluster answers.
    """
    if not find_spec("ray"):
        raise MissingDependencyError(say("distributed.ray.missing"))
    if address and address != "auto":
        _check_answers(address)
    engine = RayEngine(address)
    try:
        yield engine
    finally:
        engine.stop()


def _check_answers(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not (host and port.isdigit()):
        raise InputError(say("distributed.ray.bad_address", address=address))
    try:
        _call(address, 10.0)
    except (OSError, OverflowError) as error:
        raise no_answer(address, error) from None


def _call(address: str, seconds: float) -> None:
    host, _, port = address.rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), timeout=seconds).close()


class RayEngine:
    """Runs a job in one actor a core, each with its share of the GPUs where there are any.

    An actor that dies, alone or with its node, is started again and its item is repeated, so a job
    has to write the same twice. A lost head ends the run.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._driver: SpawnProcess | None = None

    def run(
        self, job: Job[Item, Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Answer[Result]]]:
        """Yield each item's number and its result, in order of arrival.

        Raises ``InputError`` where the cluster cannot be reached, has no room, or is lost.
        """
        if not items:
            return
        fresh = multiprocessing.get_context("spawn")
        answers, end = fresh.Pipe(duplex=False)
        self._driver = driver = fresh.Process(target=drive, args=(self._address, job, items, end))
        driver.start()
        end.close()  # the driver has its own: when that closes, it is gone
        head = None
        while message := _next(driver, answers, head):
            if isinstance(message, Exception):
                raise message
            if isinstance(message, str):
                head = message
            else:
                number, answer = message
                yield number, pickle.loads(answer)
        driver.join(FAREWELL)

    def stop(self) -> None:
        """End the process that speaks to Ray, and with it a cluster that it started."""
        if self._driver:
            self._driver.terminate()
            self._driver.join(FAREWELL)
            self._driver.kill()


def _next(driver: SpawnProcess, answers: Connection, head: str | None) -> Any:  # noqa: ANN401
    """Return the driver's next message, watching the head while there is none."""
    missed = 0
    while not answers.poll(LOOK):
        try:
            if head:
                _call(head, LOOK)
            missed = 0
        except OSError as error:
            missed += 1
            if missed == MISSES:
                driver.kill()
                why = error.strerror or str(error)
                lost = say("distributed.ray.head_lost", head=head or "", why=why)
                raise given_up(lost) from None
    try:
        return answers.recv()
    except (EOFError, OSError):  # also in the middle of an answer
        driver.join()
        code = str(driver.exitcode)
        raise given_up(say("distributed.ray.driver_ended", code=code)) from None
