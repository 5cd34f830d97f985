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

# A head that does not answer so often, at looks so many seconds apart, is lost. Ray itself would
# wait for a minute, and then end without a word.
LOOK, MISSES = 2.0, 5
FAREWELL = 20.0  # seconds that a cluster of this machine may take to end


@contextmanager
def ray_engine(address: str | None = None) -> Iterator["RayEngine"]:
    """Yield the engine of the Ray cluster at ``address``, by default one of this machine's cores.

    It is not started or connected to before there is something to do. Raises
    MissingDependencyError where Ray is not installed, InputError where no cluster answers.
    """
    if not find_spec("ray"):
        raise MissingDependencyError(
            "--engine ray needs Ray, which is not installed; run: pip install 'admatch[ray]'"
        )
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
        raise InputError(f"--address '{address}' is no HOST:PORT; Ray's port is 6379 by default")
    try:
        _call(address, 10.0)
    except (OSError, OverflowError) as error:
        raise no_answer(address, error) from None


def _call(address: str, seconds: float) -> None:
    host, _, port = address.rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), timeout=seconds).close()


class RayEngine:
    """Runs a job in one actor a core, each with its share of the GPUs where there are any.

    An actor that dies, alone or with its node, is started anew and its item is done again: what a
    job writes has to come out the same when it is written twice. A head that is lost ends the run.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._driver: SpawnProcess | None = None

    def run(
        self, job: Job[Item, Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Answer[Result]]]:
        """Yield each item's number and its result, in the order in which they come.

        Raises InputError where the cluster cannot be reached, has no room, or is lost.
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
        """End the process that speaks to Ray, and with it the cluster that it started."""
        if self._driver:
            self._driver.terminate()
            self._driver.join(FAREWELL)
            self._driver.kill()


def _next(driver: SpawnProcess, answers: Connection, head: str | None) -> Any:  # noqa: ANN401
    """Return what the driver says next, watching the head while it says nothing."""
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
                why = error.strerror or error
                raise given_up(f"the head of the Ray cluster, {head}, is lost ({why})") from None
    try:
        return answers.recv()
    except (EOFError, OSError):  # also in the middle of an answer
        driver.join()
        told = f"the process that speaks to Ray ended with code {driver.exitcode}"
        raise given_up(f"the Ray cluster is lost ({told})") from None
