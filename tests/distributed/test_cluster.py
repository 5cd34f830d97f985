"""The same on a Ray cluster of two nodes whose workers are killed and whose nodes go away."""

import os
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from admatch.distributed.cluster import ray_engine
from admatch.distributed.encode import index_catalog
from admatch.distributed.match import match_parquet
from admatch.errors import InputError
from admatch.index.index import Index
from tests.conftest import WordEncoder
from tests.distributed.conftest import assert_as_single_machine

pytest.importorskip("ray", reason="Ray is not installed: pip install 'admatch[ray]'")
pytestmark = pytest.mark.slow  # minutes: `pytest -m slow tests/distributed`


class Mortal(WordEncoder):
    """Ends its own process, as the system's out-of-memory killer does, a number of times."""

    def __init__(self, folder: Path, deaths: int) -> None:
        self.folder, self.deaths = folder, deaths

    def encode_text(self, texts):
        for death in range(self.deaths):
            try:
                (self.folder / str(death)).touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode_text(texts)


class Huge:
    """A job for which no machine has room."""

    memory = 2**50


@pytest.fixture(scope="module")
def cluster():
    """A head without a core, and two nodes of one core; a dead node is noticed within 2 s."""
    from ray.cluster_utils import Cluster

    noticed = {"health_check_period_ms": 500, "health_check_failure_threshold": 3}
    head = {"num_cpus": 0, "object_store_memory": 80 * 2**20, "_system_config": noticed}
    held = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(2):
        held.add_node(num_cpus=1, object_store_memory=80 * 2**20)
    held.wait_for_nodes()
    yield held
    held.shutdown()


def test_killed_workers_and_a_removed_node_lose_and_double_nothing(
    cluster, terms, index_folder, tmp_path
):
    (deaths := tmp_path / "deaths").mkdir()
    removed = []

    def watch(stage, done, total):
        if done >= 4 and not removed:
            removed.append(next(iter(cluster.worker_nodes)))
            cluster.remove_node(removed[0], allow_graceful=False)

    out = tmp_path / "out"
    with ray_engine(cluster.address) as engine:
        done = match_parquet(
            [terms], index_folder, out, engine, encoder=Mortal(deaths, 2), rows=64, progress=watch
        )
    cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20)
    assert len(list(deaths.iterdir())) == 2
    assert (done.rows, done.shards) == (1000, 17)
    assert_as_single_machine(out, terms, index_folder)
    assert len(list(out.rglob("*.parquet"))) == 17  # no draft of a killed worker is left


def test_a_run_that_was_stopped_goes_on(cluster, terms, index_folder, tmp_path):
    out = tmp_path / "out"
    run = partial(match_parquet, [terms], index_folder, out, encoder=WordEncoder(), rows=64)

    def stop(stage, done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), ray_engine(cluster.address) as engine:
        run(engine, progress=stop)
    assert not (out / "manifest.json").exists()
    with ray_engine(cluster.address) as engine:
        done = run(engine)
    assert 5 <= done.reused < 17
    assert_as_single_machine(out, terms, index_folder)


def test_an_index_is_that_of_one_machine(cluster, index_folder, model, tmp_path):
    catalog = Index.load(index_folder, encoder=WordEncoder()).catalog
    with ray_engine(cluster.address) as engine:
        index = index_catalog(
            catalog, cache=tmp_path / "cache", engine=engine, encoder=WordEncoder(), model=model
        )
    alone = Index.build(catalog, encoder=WordEncoder(), model=model)
    np.testing.assert_allclose(index.parts.vectors, alone.parts.vectors, atol=1e-3)
    np.testing.assert_array_equal(index.parts.generator.ids, alone.parts.generator.ids)


def test_a_worker_that_fits_nowhere_is_one_sentence(cluster):
    message = "a worker needs a core and 1048576"
    with ray_engine(cluster.address) as engine, pytest.raises(InputError, match=message):
        next(engine.run(Huge(), [1]))


def test_a_cluster_that_is_not_there_is_one_sentence():
    message = "no Ray cluster answers at '127.0.0.1:1'"
    with pytest.raises(InputError, match=message) as caught, ray_engine("127.0.0.1:1"):
        pass
    assert "\n" not in str(caught.value)
