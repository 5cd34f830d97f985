"""What Ray costs, and a night on a cluster: ``python -m tests.benchmarks.distributed``.

2,000 invented products, distinct invented terms in shards of 1,024. One process on one core, two
such processes without Ray, and two Ray workers of one core each take turns in one run. A rate is
that of the shards after the first of each worker, so the loading of models is apart.
"""

import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

import admatch as am
from admatch.distributed.cluster import ray_engine
from admatch.distributed.engine import LocalEngine
from admatch.distributed.match import SHARD_ROWS, match_parquet
from tests.benchmarks.record import record
from tests.benchmarks.schedule import Assumed, Measured, Nothing, simulate
from tests.benchmarks.throughput import SEED, invented, vocabulary

PRODUCTS, ROWS, SHARDS, ROUNDS, NOTHINGS = 2_000, 1_024, 8, 1, 100
TERMS = 100_000_000


@dataclass(frozen=True)
class Run:
    """When each shard was done, seconds after the start; ``memory`` of the process, bytes."""

    done: tuple[float, ...]
    memory: int

    def rate(self, workers: int) -> float:
        """Return rows a second and worker after the first shard of each."""
        shards = len(self.done) - workers
        return shards * ROWS / (self.done[-1] - self.done[workers - 1]) / workers


def run_here(terms: Path, index: Path, out: Path) -> Run:
    return _timed(terms, index, out, LocalEngine())


def run_ray(terms: Path, index: Path, out: Path) -> Run:
    with ray_engine() as engine:
        return _timed(terms, index, out, engine)


def hand_out() -> float:
    """Return seconds an item of a job that does nothing, after the first."""
    with ray_engine() as engine:
        done = [time.perf_counter() for _ in engine.run(Nothing(), range(NOTHINGS))]
    return (done[-1] - done[0]) / (NOTHINGS - 1)


def _timed(terms: Path, index: Path, out: Path, engine) -> Run:
    start, done = time.perf_counter(), []
    note = lambda *_: done.append(time.perf_counter() - start)  # noqa: E731
    match_parquet([terms], index, out, engine, rows=ROWS, progress=note)
    return Run(tuple(done), 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def prepare(folder: Path) -> Path:
    """Write one file of terms a shard, in two halves, and return the index."""
    rng = np.random.default_rng(SEED)
    words = vocabulary(rng)
    products = [am.Product(f"P{i}", invented(words, 12, rng)) for i in range(PRODUCTS)]
    index = am.Index.build(am.Catalog.from_products(products), encoder=am.EnglishEncoder())
    index.save(folder / "index")
    for number in range(2 * SHARDS):
        texts = {invented(words, 2 + i % 3, rng): None for i in range(2 * ROWS)}
        half = folder / "terms" / str(number % 2)
        half.mkdir(parents=True, exist_ok=True)
        pl.DataFrame({"search_term": list(texts)[:ROWS]}).write_parquet(half / f"{number}.parquet")
    return folder / "index"


def measure(folder: Path, index: Path) -> dict[str, list[Run]]:
    """Return the runs of each system, in turns; a run has a process of its own."""
    runs: dict[str, list[Run]] = {"alone": [], "two": [], "ray": []}
    terms = folder / "terms"
    for number in range(ROUNDS):
        out = folder / f"out{number}"
        with fresh(1) as pool:
            runs["alone"].append(pool.submit(run_here, terms / "0", index, out / "alone").result())
        with fresh(2) as pool:
            given = [(terms / half, index, out / f"two{half}") for half in "01"]
            runs["two"] += pool.map(run_here, *zip(*given, strict=True))
        with fresh(1) as pool:
            runs["ray"].append(pool.submit(run_ray, terms, index, out / "ray").result())
    return runs


def fresh(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))


def efficiency(runs: dict[str, list[Run]]) -> None:
    alone = [one.rate(1) for one in runs["alone"]]
    two = [
        statistics.mean(one.rate(1) for one in runs["two"][2 * i : 2 * i + 2])
        for i in range(ROUNDS)
    ]
    ray = [one.rate(2) for one in runs["ray"]]
    names = {
        "one process, one core": (alone, runs["alone"]),
        "two processes without Ray, one core each": (two, runs["two"]),
        "two Ray workers, one core each": (ray, runs["ray"]),
    }
    record(
        "distributed",
        f"matching {ROWS * SHARDS:,} terms a core against {PRODUCTS:,} products, {ROUNDS} rounds",
        [
            {
                "system": name,
                "terms a second and core": statistics.mean(rates),
                "efficiency": statistics.mean(a / b for a, b in zip(rates, alone, strict=True)),
                "each round": ", ".join(f"{a / b:.3f}" for a, b in zip(rates, alone, strict=True)),
                "seconds to the first shard": statistics.mean(one.done[0] for one in held),
                # of the process that was started: with Ray it only hands out
                "peak memory, MB": max(one.memory for one in held) / 1e6,
            }
            for name, (rates, held) in names.items()
        ],
        SEED,
    )


def schedule(folder: Path, index: Path, runs: dict[str, list[Run]], handed_out: float) -> None:
    """Print and keep what a night of 100 million terms would be like."""
    steps = [float(step) for one in runs["two"] for step in np.diff(one.done)]
    moved = sum(path.stat().st_size for path in (folder / "out0" / "ray").rglob("*.parquet"))
    moved += sum(path.stat().st_size for path in (folder / "terms").rglob("*.parquet"))
    first = statistics.mean(one.done[0] for one in runs["ray"]) - statistics.mean(steps)
    size = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
    known = Measured(tuple(steps), ROWS, first, handed_out, size, moved / (2 * SHARDS * ROWS))
    kinds = [(nodes, SHARD_ROWS, Assumed()) for nodes in (1, 10, 100)]
    kinds += [(100, ROWS, Assumed())]
    kinds += [(100, SHARD_ROWS, Assumed(slow_nodes=0, slow_shards=0, lost=False))]
    rows = []
    for nodes, size_of_shard, told in kinds:
        if nodes == 1:
            told = Assumed(lost=False)
        nights = [simulate(TERMS, nodes, size_of_shard, known, told, seed) for seed in range(20)]
        rows.append(
            {
                "system": f"{nodes} nodes of {told.cores} cores, shards of {size_of_shard:,}"
                + ("" if told.slow_nodes else ", no straggler, no loss"),
                "hours": statistics.mean(one.hours for one in nights),
                "slowest of 20": max(one.hours for one in nights),
                "core-hours": statistics.mean(one.paid for one in nights),
                "of them working": statistics.mean(one.useful for one in nights),
                "shards done twice": statistics.mean(one.again for one in nights),
                "dollars": statistics.mean(one.paid for one in nights) * told.dollars,
            }
        )
    about = (
        f"measured: {statistics.mean(steps) / ROWS * 1e3:.2f} ms a term and core, {first:.1f} s to "
        f"start a worker, {handed_out * 1e3:.1f} ms to hand out a shard, {known.moved:.0f} bytes a "
        f"term, index {size / 1e6:.0f} MB. Assumed: {Assumed()}"
    )
    record("distributed_schedule", f"{TERMS:,} distinct terms, simulated; {about}", rows, SEED)


def main() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"  # of the processes that are started
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = prepare(folder)
        runs = measure(folder, index)
        efficiency(runs)
        with fresh(1) as pool:
            handed_out = pool.submit(hand_out).result()
        schedule(folder, index, runs, handed_out)


if __name__ == "__main__":
    sys.exit(main())
