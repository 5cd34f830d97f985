"""The process that speaks to Ray: it sends a job's items to actors and returns their answers.

It is a process of its own because Ray ends it without a word when the cluster's head is lost.
"""

import math
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

from admatch.distributed.engine import Job, Worker
from admatch.encode.device import share_gpu
from admatch.errors import AdmatchError, InputError
from admatch.messages import Message, say

# Of a cluster started on this machine. Names of shards, and texts with their vectors, go between
# workers, 7 MB at a time; what does not fit is spilled to disk.
OBJECT_STORE = 512 * 2**20
# A worker has one core, so it must not start threads for all cores of its machine.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS")}


def drive(
    address: str | None, job: Job[Any, Any], items: Sequence[Any], parent: Connection
) -> None:
    """Send the address of the cluster's head, then each item's number and its pickled answer.

    The last message is None once all items are answered, or the error that ended the run.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends this one
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to Ray's makers
    if not address:
        # Its only effect here: the cluster listens on this computer's loopback, not on the network.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    import ray

    for screen in (1, 2):  # errors are sent to the parent, the rest is in Ray's log files
        os.dup2(os.open(os.devnull, os.O_WRONLY), screen)
    try:
        parent.send(_connect(address))
        for answer in _answers(job, items):
            parent.send(answer)
        parent.send(None)
    except BrokenPipeError:  # the parent is gone
        pass
    except AdmatchError as error:
        parent.send(error)
    except Exception:
        parent.send(RuntimeError(traceback.format_exc()))
    finally:
        ray.shutdown()


def no_answer(address: str | None, error: Exception) -> InputError:
    """Return the error for a cluster that is not there."""
    why = _first_line(error)
    return InputError(say("distributed.ray.no_answer", address=address or "local", why=why))


def given_up(why: Message) -> InputError:
    """Return the error for a run that ended half-way."""
    return InputError(say("distributed.ray.given_up", why=why))


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's text, or its name."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _connect(address: str | None) -> str:
    """Join the cluster, or start one on this machine; return the address of its head."""
    import ray
    from ray.exceptions import RayError

    options: dict[str, Any] = {"address": address}
    if address:
        # Otherwise Ray would try for minutes: "auto" may mean a cluster that is long gone.
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "1")
    else:
        options = {"address": "local", "num_cpus": os.cpu_count(), "include_dashboard": False}
        options["object_store_memory"] = OBJECT_STORE
        _ask_nobody()
    environment = {"env_vars": ONE_THREAD}
    try:
        ray.init(**options, runtime_env=environment, log_to_driver=False)
    except (OSError, RayError, RuntimeError, ValueError) as error:
        raise no_answer(address, error) from None
    return str(ray.get_runtime_context().gcs_address)


def _ask_nobody() -> None:
    """Start no usage reporter: even when off, it asks the network which cloud it is in."""
    from ray._private import services

    services.start_api_server = lambda *_, **__: (None, None)


def _answers(job: Job[Any, Any], items: Sequence[Any]) -> Iterator[tuple[int, bytes]]:
    import ray
    from ray.exceptions import RayError, RayTaskError

    workers, gpus = _room(ray.nodes(), job.memory)
    workers = min(workers, len(items))
    rows = [{"number": n, "item": pickle.dumps(item)} for n, item in enumerate(items)]
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    # A worker that dies with its node while it starts is no reason to give up.
    context.max_consecutive_actor_init_deaths = 3
    done = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
        _Actor,
        fn_constructor_args=(job, gpus),
        # A pool of fixed size would wait for ever for a node that is gone. With one item at a time,
        # the last items are not queued behind a slow actor.
        compute=ray.data.ActorPoolStrategy(
            min_size=1, max_size=workers, initial_size=workers, max_tasks_in_flight_per_actor=1
        ),
        num_cpus=1,
        num_gpus=gpus,
        memory=job.memory,
    )
    try:
        for row in done.iter_rows():
            yield int(row["number"]), row["result"]
    except RayTaskError:  # an error of the job itself, not of the cluster
        raise
    except (RayError, ConnectionError) as error:
        # The last line is the cause, the lines above say where.
        cause = str(error).strip().splitlines()[-1].strip()
        raise given_up(say("distributed.ray.gave_up", why=cause)) from error


class _Actor:
    """A worker as Ray Data calls it, with rows of a number and pickled bytes."""

    def __init__(self, job: Job[Any, Any], gpus: float) -> None:
        self._worker = Worker(job)
        if gpus:
            share_gpu(gpus)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        answer = self._worker.answer(pickle.loads(row["item"]))
        return {"number": row["number"], "result": pickle.dumps(answer)}


def _room(nodes: list[dict[str, Any]], memory: int) -> tuple[int, float]:
    """Return the number of workers that fit on the nodes, and each one's share of a GPU."""
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    fit = [min(int(one.get("CPU", 0)), int(one.get("memory", 0) // memory)) for one in alive]
    if not sum(fit):
        most = max((one.get("memory", 0) for one in alive if one.get("CPU", 0) >= 1), default=0)
        needed, offered = f"{memory / 2**30:.1f}", f"{most / 2**30:.1f}"
        raise InputError(say("distributed.ray.no_room", needed=needed, offered=offered))
    with_gpu = [min(room, one["CPU"]) for room, one in zip(fit, alive, strict=True) if "GPU" in one]
    if not sum(with_gpu):
        return sum(fit), 0.0
    # Ray counts GPUs in ten thousandths. With GPUs in the cluster, nodes without any stay idle.
    share = min(1.0, sum(one.get("GPU", 0.0) for one in alive) / sum(with_gpu))
    return int(sum(with_gpu)), math.floor(share * 10_000) / 10_000
