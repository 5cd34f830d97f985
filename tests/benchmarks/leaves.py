"""What a query costs as catalogs grow: ``python -m tests.benchmarks.leaves``.

Catalogs of 10,000, 100,000 and 1,000,000 products are made from the shipped universe: a generic
product's ID, whose last code and half of whose detail codes are those of a neighbour in the order
of IDs. Real shopper queries; 50 products are asked for. admatch's time is the decoder and
``Generator.generate`` in batches of 32, and one query at a time (p50, p95); the first search, which
may make tables that are kept, counts as building. GENIUS-like decoders search tries of the same
number of products whose codes are drawn evenly, with weights as they are initialised: neither
matters to the time of a beam of 50. One is the shape that ``generation.py`` trains, one the shape
that GENIUS publishes. All take turns in one run; times are medians over rounds, and so are ratios.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from admatch.encode.sentence import SentenceEncoder
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.ids.trie import Trie
from admatch.match.universal import UniversalModel
from tests.benchmarks.baselines.genius import MODALITIES, PUBLISHED_SHAPE, PUBLISHED_SIZES, SIZES
from tests.benchmarks.baselines.prefix_decoder import PrefixDecoder, Shape
from tests.benchmarks.baselines.trie_beam import generate
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import shopper_terms

SEED, ROUNDS, K, BATCH = 7, 5, 50, 32
PRODUCTS = (10_000, 100_000, 1_000_000)
QUERIES = 256
NEIGHBOURS = 50  # on either side, in the order of IDs
GENIUS_QUERIES = {"GENIUS-like, 8 x 512": 32, "GENIUS's shape, 8 x 4,096": 8}  # it is slow


@dataclass(frozen=True)
class Catalog:
    """A catalog ready to be searched, and what it took."""

    generator: Generator
    seconds: float
    megabytes: float


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def held_bytes(thing: object, counted: set[int]) -> int:
    """Return the bytes of all arrays that are reachable from ``thing``, each counted once."""
    if isinstance(thing, Tensor | np.ndarray):
        place = thing.data_ptr() if isinstance(thing, Tensor) else thing.ctypes.data
        new = place not in counted
        counted.add(place)
        return thing.nbytes if new else 0
    parts = thing if isinstance(thing, tuple) else getattr(thing, "__dict__", {}).values()
    return sum(held_bytes(part, counted) for part in parts)


def synthetic_codes(universe: Generator, count: int, rng: np.random.Generator) -> Codes:
    tree, detail = universe.codes.tree, universe.codes.detail
    order = np.lexsort(tree.T[::-1])
    places = rng.integers(0, len(order), count)
    shift = rng.integers(-NEIGHBOURS, NEIGHBOURS + 1, count)
    rows, donors = order[places], order[np.clip(places + shift, 0, len(order) - 1)]
    mixed = np.column_stack([tree[rows, :-1], tree[donors, -1]])
    return Codes(
        mixed, np.where(rng.random(detail[rows].shape) < 0.5, detail[rows], detail[donors])
    )


def search(model: UniversalModel, generator: Generator, queries: Tensor) -> None:
    with torch.inference_mode():
        for part in queries.split(BATCH):
            generator.generate(model.decoder(part), K)


def catalog(
    model: UniversalModel, count: int, queries: Tensor, rng: np.random.Generator
) -> Catalog:
    codes, modalities = synthetic_codes(model.universe, count, rng), np.zeros(count, np.int16)
    start = time.perf_counter()
    generator = Generator(model.codebooks, modalities, codes)
    search(model, generator, queries[:1])
    taken, shared = time.perf_counter() - start, set()
    held_bytes(model.codebooks, shared)  # not the catalog's own
    return Catalog(generator, taken, held_bytes(generator, shared) / 1e6)


def genius(count: int, queries: Tensor, rng: np.random.Generator) -> dict[str, Callable]:
    """Return GENIUS-like searches of some queries over ``count`` products."""
    shapes = zip(
        GENIUS_QUERIES.items(), (SIZES, PUBLISHED_SIZES), (Shape(), PUBLISHED_SHAPE), strict=True
    )
    searches = {}
    for (name, asked), sizes, shape in shapes:
        ids = rng.integers(0, sizes[0], (count, len(sizes)), dtype=np.int16)
        trie = Trie.from_ids(np.column_stack([np.zeros(count, np.int16), ids]))
        decoder = PrefixDecoder((MODALITIES, *sizes), queries.shape[1], shape).eval()
        searches[name] = lambda decoder=decoder, trie=trie, part=queries[:asked]: generate(
            decoder, trie, part, K, batch=8
        )
    return searches


def timed(model: UniversalModel, catalogs: list[Catalog], queries: Tensor, rivals: list) -> list:
    """Return, for each catalog, milliseconds a query of each system, by round."""
    times: list[dict[str, list[float]]] = [{} for _ in catalogs]
    for _ in range(ROUNDS):
        for held, searches, kept in zip(catalogs, rivals, times, strict=True):
            own = seconds(lambda held=held: search(model, held.generator, queries))
            kept.setdefault("admatch", []).append(1e3 * own / len(queries))
            for name, work in searches.items():
                kept.setdefault(name, []).append(1e3 * seconds(work) / GENIUS_QUERIES[name])
    return times


def alone(model: UniversalModel, generator: Generator, queries: Tensor) -> list[float]:
    """Return the median and the 95th percentile of milliseconds of queries put one by one."""
    every = [seconds(lambda q=q: search(model, generator, q)) for q in queries.split(1)]
    return (1e3 * np.percentile(every, [50, 95])).tolist()


def rows_of(held: Catalog, times: dict, first: dict, lone: list) -> list[dict[str, object]]:
    """Return the rows of one size; ``first`` are the times of the smallest catalog."""
    own, rows = np.array(times["admatch"]), []
    for name, taken in times.items():
        cells = {"leaves": "-", "build s": "-", "MB": "-", "p50 alone": "-", "p95 alone": "-"}
        if name == "admatch":
            leaves = len(held.generator.trie.leaves)
            cells = dict(zip(cells, (leaves, held.seconds, held.megabytes, *lone), strict=True))
        rows.append(
            {
                "system": name,
                "products": len(held.generator),
                "ms a query": float(np.median(taken)),
                "x smallest": float(np.median(np.array(taken) / first[name])),
                "x admatch": float(np.median(np.array(taken) / own)),
                **cells,
            }
        )
    return rows


def main() -> None:
    rng, model = np.random.default_rng(SEED), UniversalModel.shipped()
    torch.manual_seed(SEED)
    terms = rng.choice(shopper_terms(), QUERIES, replace=False).tolist()
    queries = torch.from_numpy(SentenceEncoder().encode_text(terms))
    catalogs = [catalog(model, count, queries, rng) for count in PRODUCTS]
    rivals = [genius(count, queries, rng) for count in PRODUCTS]
    times = timed(model, catalogs, queries, rivals)
    rows = [
        row
        for held, part in zip(catalogs, times, strict=True)
        for row in rows_of(held, part, times[0], alone(model, held.generator, queries))
    ]
    record("leaves", f"time of a query, {K} products asked for, {ROUNDS} rounds", rows, SEED)


if __name__ == "__main__":
    main()
