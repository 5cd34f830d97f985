"""Jobs on the actors of a Ray cluster: ``ray_engine``."""

import math
import os
import pickle
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from admatch.distributed.engine import Answer, Item, Job, Result, Worker
from admatch.errors import InputError, MissingDependencyError

# Of a cluster that is started on this machine: between workers go names of shards, and texts with
# their vectors, 7 MB at a time; what does not fit is spilled to the disk.
OBJECT_STORE = 512 * 2**20
# One core a worker, so none may start threads for all cores of its machine.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS")}
# Nothing is sent to Ray's makers; on the screen only what ends a run, the rest is in its log files.
SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}


@contextmanager
def ray_engine(address: str | None = None) -> Iterator["RayEngine"]:
    """Yield the engine of the Ray cluster at ``address``, by default one of this machine's cores.

    It is not started or connected to before there is something to do. Raises
    MissingDependencyError where Ray is not installed, InputError where no cluster answers.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise MissingDependencyError(
            "--engine ray needs Ray, which is not installed; run: pip install 'admatch[ray]'"
        ) from None
    if address and address != "auto":
        _check_answers(address)
    try:
        yield RayEngine(address)
    finally:
        ray.shutdown()


def _connect(address: str | None) -> None:
    import ray

    there: dict[str, Any] = {"address": address}
    if address:
        # Else Ray would try for minutes: auto may mean a cluster that is long gone.
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "1")
    else:
        there = {"address": "local", "num_cpus": os.cpu_count(), "include_dashboard": False}
        there["object_store_memory"] = OBJECT_STORE
    environment = {"env_vars": ONE_THREAD}
    try:
        ray.init(**there, runtime_env=environment, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise _no_answer(address, error) from None


def _check_answers(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not (host and port.isdigit()):
        raise InputError(f"--address '{address}' is no HOST:PORT; Ray's port is 6379 by default")
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise _no_answer(address, error) from None


def _no_answer(address: str | None, error: Exception) -> InputError:
    return InputError(
        f"no Ray cluster answers at '{address or 'local'}' ({_first_line(error)}); start one with "
        "`ray start --head`, or correct --address HOST:PORT"
    )


class RayEngine:
    """Runs a job in one actor a core, each with its share of the GPUs where there are any.

    An actor that dies, alone or with its node, is started anew and its item is done again: what a
    job writes has to come out the same when it is written twice.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address

    def run(
        self, job: Job[Item, Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Answer[Result]]]:
        """Yield each item's number and its result, in the order in which they come."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        if not items:
            return
        if not ray.is_initialized():
            _connect(self._address)
        workers, gpus = _room(ray.nodes(), job.memory)
        workers = min(workers, len(items))
        rows = [{"number": n, "item": pickle.dumps(item)} for n, item in enumerate(items)]
        _quieten(ray.data.DataContext.get_current())
        done = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
            _Actor,
            fn_constructor_args=(job, gpus),
            # With a fixed size a pool waits for ever for a node that is gone. One item at a time:
            # the last ones are not queued behind a slow actor.
            compute=ray.data.ActorPoolStrategy(
                min_size=1, max_size=workers, initial_size=workers, max_tasks_in_flight_per_actor=1
            ),
            num_cpus=1,
            num_gpus=gpus,
            memory=job.memory,
        )
        try:
            for row in done.iter_rows():
                yield int(row["number"]), pickle.loads(row["result"])
        except RayTaskError:  # an error in the job itself, not of the cluster
            raise
        except (RayError, ConnectionError) as error:
            raise InputError(
                f"the Ray cluster was lost ({_first_line(error)}); what was finished is kept: run "
                "the same command again when it is back"
            ) from error


class _Actor:
    """A worker as Ray Data calls it: rows of a number and pickled bytes."""

    def __init__(self, job: Job[Any, Any], gpus: float) -> None:
        self._worker = Worker(job)
        if gpus:
            from admatch.encode.device import share_card  # with torch, which a worker needs

            share_card(gpus)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        answer = self._worker.answer(pickle.loads(row["item"]))
        return {"number": row["number"], "result": pickle.dumps(answer)}


def _room(nodes: list[dict[str, Any]], memory: int) -> tuple[int, float]:
    """Return how many workers fit on the nodes, and the share of a GPU that each has."""
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    fit = [min(int(one.get("CPU", 0)), int(one.get("memory", 0) // memory)) for one in alive]
    if not sum(fit):
        most = max((one.get("memory", 0) for one in alive if one.get("CPU", 0) >= 1), default=0)
        raise InputError(
            f"a worker needs a core and {memory / 2**30:.1f} GiB, the roomiest node of the cluster "
            f"offers {most / 2**30:.1f} GiB; give it nodes with more memory"
        )
    seeing = [min(room, one["CPU"]) for room, one in zip(fit, alive, strict=True) if "GPU" in one]
    if not sum(seeing):
        return sum(fit), 0.0
    # Ray counts GPUs in ten thousandths; with GPUs in the cluster, nodes without stay idle.
    share = min(1.0, sum(one.get("GPU", 0.0) for one in alive) / sum(seeing))
    return int(sum(seeing)), math.floor(share * 10_000) / 10_000


def _quieten(context: Any) -> None:  # noqa: ANN401 - Ray Data's own
    """Leave progress and remarks to admatch."""
    import logging

    context.enable_progress_bars = False
    context.issue_detectors_config.detectors = []
    for name in ("ray.data", "ray"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
