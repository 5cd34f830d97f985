"""The process that speaks to Ray: a job's items go to the actors of a cluster, answers come back.

It is one of its own as Ray ends it by itself, without a word, when the cluster's head is lost.
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
from admatch.errors import AdmatchError, InputError

# Of a cluster that is started on this machine: between workers go names of shards, and texts with
# their vectors, 7 MB at a time; what does not fit is spilled to the disk.
OBJECT_STORE = 512 * 2**20
# One core a worker, so none may start threads for all cores of its machine.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS")}


def drive(
    address: str | None, job: Job[Any, Any], items: Sequence[Any], parent: Connection
) -> None:
    """Send the address of the cluster's head, then each item's number and its pickled answer.

    The last thing sent is None once all are answered, or the error that ended it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends this one
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to Ray's makers
    import ray

    for screen in (1, 2):  # what ends a run is sent, the rest is in Ray's log files
        os.dup2(os.open(os.devnull, os.O_WRONLY), screen)
    try:
        parent.send(_connect(address))
        for answer in _answers(job, items):
            parent.send(answer)
        parent.send(None)
    except BrokenPipeError:  # nobody waits any more
        pass
    except AdmatchError as error:
        parent.send(error)
    except Exception:
        parent.send(RuntimeError(traceback.format_exc()))
    finally:
        ray.shutdown()


def no_answer(address: str | None, error: Exception) -> InputError:
    """Return the sentence that tells that no cluster is there."""
    return InputError(
        f"no Ray cluster answers at '{address or 'local'}' ({_first_line(error)}); start one with "
        "`ray start --head`, or correct --address HOST:PORT; where the cluster asks for a token, "
        "set RAY_AUTH_MODE=token"
    )


def given_up(why: str) -> InputError:
    """Return the sentence that tells why a run ended half-way."""
    return InputError(
        f"{why}; what was finished is kept: when that is mended, run the same command again"
    )


def _first_line(error: BaseException) -> str:
    """Return the beginning of what an error says, or its name."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _connect(address: str | None) -> str:
    """Join the cluster, or start one on this machine, and return where its head is."""
    import ray
    from ray.exceptions import RayError

    there: dict[str, Any] = {"address": address}
    if address:
        # Else Ray would try for minutes: auto may mean a cluster that is long gone.
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "1")
    else:
        there = {"address": "local", "num_cpus": os.cpu_count(), "include_dashboard": False}
        there["object_store_memory"] = OBJECT_STORE
    environment = {"env_vars": ONE_THREAD}
    try:
        ray.init(**there, runtime_env=environment, log_to_driver=False)
    except (ConnectionError, RayError, RuntimeError, ValueError) as error:
        raise no_answer(address, error) from None
    return str(ray.get_runtime_context().gcs_address)


def _answers(job: Job[Any, Any], items: Sequence[Any]) -> Iterator[tuple[int, bytes]]:
    import ray
    from ray.exceptions import RayError, RayTaskError

    workers, gpus = _room(ray.nodes(), job.memory)
    workers = min(workers, len(items))
    rows = [{"number": n, "item": pickle.dumps(item)} for n, item in enumerate(items)]
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    # A worker that dies while it starts, with its node, is no reason to give up.
    context.max_consecutive_actor_init_deaths = 3
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
            yield int(row["number"]), row["result"]
    except RayTaskError:  # an error in the job itself, not of the cluster
        raise
    except (RayError, ConnectionError) as error:
        # The last line is the cause, those above tell where.
        raise given_up(f"Ray gave up ({str(error).strip().splitlines()[-1].strip()})") from error


class _Actor:
    """A worker as Ray Data calls it: rows of a number and pickled bytes."""

    def __init__(self, job: Job[Any, Any], gpus: float) -> None:
        self._worker = Worker(job)
        if gpus:
            from admatch.encode.device import share_gpu  # with torch, which a worker needs

            share_gpu(gpus)

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
