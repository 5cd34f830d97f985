"""What a query costs as catalogs grow: ``python -m tests.benchmarks.leaves``.

Catalogs of 10,000, 100,000 and 1,000,000 products: the vectors that the shipped universe's IDs
stand for, each moved a random way, and texts made of real shopper queries. 50 products are asked
for, in batches of 32 real queries and one by one (p50, p95). "generation" is the decoder and
``Generator.generate``, "retrieval" the whole of ``Retriever.retrieve``, which both leave out
encoding; "found" is the share of the 50 best by scoring every leaf that generation finds. Building
starts from vectors and texts, and ends with the first search, which may make tables that are kept.
GENIUS-like decoders search tries of the same number of products whose codes are drawn evenly, with
weights as they are initialised: neither matters to the time of a beam of 50. One is the shape that
``generation.py`` trains, one the shape that GENIUS publishes. All take turns in one run; times are
medians over rounds, and so are ratios.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch

from admatch.encode.english import EnglishEncoder
from admatch.generate.generator import Generator
from admatch.ids.trie import Trie
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from admatch.operations import normalized, top
from tests.benchmarks.baselines.genius import MODALITIES, PUBLISHED_SHAPE, PUBLISHED_SIZES, SIZES
from tests.benchmarks.baselines.prefix_decoder import PrefixDecoder, Shape
from tests.benchmarks.baselines.trie_beam import generate
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import shopper_terms

SEED, ROUNDS, K, BATCH = 7, 3, 50, 32
PRODUCTS = (10_000, 100_000, 1_000_000)
QUERIES, COMPARED, LONE = 256, 16, 64
JITTER = 0.5  # length of the random step; a product keeps a cosine of 0.89 with what it was
TITLE, TEXT = 3, 6  # shopper queries that a title, and a whole text, is made of
GENERATION, RETRIEVAL = "generation", "retrieval, whole"
GENIUS_QUERIES = {"GENIUS-like, 8 x 512": 16, "GENIUS's shape, 8 x 4,096": 4}  # it is slow


@dataclass(frozen=True)
class Queries:
    """Real shopper terms and their vectors (n, dim)."""

    terms: list[str]
    vectors: np.ndarray

    def first(self, count: int) -> "Queries":
        return Queries(self.terms[:count], self.vectors[:count])

    def batches(self, size: int) -> list["Queries"]:
        starts = range(0, len(self.terms), size)
        return [Queries(self.terms[i : i + size], self.vectors[i : i + size]) for i in starts]


@dataclass(frozen=True)
class Catalog:
    """A catalog ready to be searched; seconds and bytes that generation and retrieval took."""

    retriever: Retriever
    seconds: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    def searches(self, queries: Queries, batch: int = BATCH) -> dict[str, Callable[[], None]]:
        """Return what is timed: searches for all queries."""
        parts, retriever = queries.batches(batch), self.retriever
        model, generator = retriever.model, retriever.generator

        def generation() -> None:
            for part in parts:
                generator.generate(model.decoder(part.vectors), K)

        def retrieval() -> None:
            for part in parts:
                retriever.retrieve(part.terms, part.vectors, K)

        return {GENERATION: generation, RETRIEVAL: retrieval}


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def held_bytes(thing: object, counted: set[int]) -> int:
    """Return the bytes of arrays, and of words, that are reachable from ``thing``, each once."""
    if isinstance(thing, np.ndarray):
        place = thing.ctypes.data
        new = place not in counted
        counted.add(place)
        return thing.nbytes if new else 0
    if isinstance(thing, dict):
        return sys.getsizeof(thing) + sum(
            sys.getsizeof(part) for pair in thing.items() for part in pair
        )
    if isinstance(thing, list):
        return sys.getsizeof(thing) + sum(map(sys.getsizeof, thing))
    parts = thing if isinstance(thing, tuple) else getattr(thing, "__dict__", {}).values()
    return sum(held_bytes(part, counted) for part in parts)


def synthetic_vectors(universe: Generator, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return unit vectors (count, dim) near those that generic products' IDs stand for."""
    vectors = np.empty((count, universe.codebooks.dim), np.float32)
    rows = rng.integers(0, len(universe), count)
    for start in range(0, count, 10_000):
        part = rows[start : start + 10_000]
        meant = universe.codebooks.decode_tree(universe.codes.tree[part])
        meant += universe.codebooks.decode_detail(universe.codes.detail[part])
        step = rng.standard_normal(meant.shape, np.float32)
        moved = normalized(meant) + JITTER * normalized(step)
        vectors[start : start + 10_000] = normalized(moved)
    return vectors


def synthetic_texts(count: int, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Return the whole texts and the titles of products."""
    terms = shopper_terms()
    chosen = rng.integers(0, len(terms), (count, TEXT)).tolist()
    titles = [" ".join([terms[i] for i in row[:TITLE]]) for row in chosen]
    rest = [" ".join([terms[i] for i in row[TITLE:]]) for row in chosen]
    return [f"{title} {more}" for title, more in zip(titles, rest, strict=True)], titles


def catalog(
    model: UniversalModel, count: int, queries: Queries, rng: np.random.Generator
) -> Catalog:
    vectors, (texts, titles) = (
        synthetic_vectors(model.universe, count, rng),
        synthetic_texts(count, rng),
    )
    start = time.perf_counter()
    generator = Generator(
        model.codebooks, np.zeros(count, np.int16), model.codebooks.encode(vectors)
    )
    generator.generate(model.decoder(queries.vectors[:1]), K)
    generated, shared = time.perf_counter() - start, set()
    held_bytes(model.codebooks, shared)  # not the catalog's own
    size = held_bytes(generator, shared)
    words = WordEvidence.build(texts, titles)
    held = Catalog(Retriever(model, generator, vectors, words, EnglishEncoder().encode_text))
    held.searches(queries.first(1))[RETRIEVAL]()
    held.seconds.update({GENERATION: generated, RETRIEVAL: time.perf_counter() - start})
    shared = set()
    held_bytes(model, shared)
    held.bytes.update({GENERATION: size, RETRIEVAL: held_bytes(held.retriever, shared)})
    return held


def found(held: Catalog, queries: Queries) -> float:
    """Return the share of the best by scoring every leaf that generation finds."""
    model, generator = held.retriever.model, held.retriever.generator
    scores, every = model.decoder(queries.vectors), []
    for part in np.array_split(np.arange(len(generator)), 1 + len(generator) // 10_000):
        every.append(generator.score(scores, np.tile(part, (len(queries.terms), 1))))
    best = top(np.concat(every, axis=1), K)
    ours = generator.generate(scores, K).items
    return float((best[:, :, None] == ours[:, None]).any(-1).mean())


def genius(count: int, queries: Queries, rng: np.random.Generator) -> dict[str, Callable]:
    """Return GENIUS-like searches of some queries over ``count`` products."""
    shapes = zip(
        GENIUS_QUERIES.items(), (SIZES, PUBLISHED_SIZES), (Shape(), PUBLISHED_SHAPE), strict=True
    )
    searches = {}
    for (name, asked), sizes, shape in shapes:
        ids = rng.integers(0, sizes[0], (count, len(sizes)), dtype=np.int16)
        trie = Trie.from_ids(np.column_stack([np.zeros(count, np.int16), ids]))
        decoder = PrefixDecoder((MODALITIES, *sizes), queries.vectors.shape[1], shape).eval()
        part = torch.from_numpy(queries.vectors[:asked])
        searches[name] = lambda decoder=decoder, trie=trie, part=part: generate(
            decoder, trie, part, K, batch=8
        )
    return searches


def timed(catalogs: list[Catalog], queries: Queries, rivals: list) -> list:
    """Return, for each catalog, milliseconds a query of each system, by round."""
    times: list[dict[str, list[float]]] = [{} for _ in catalogs]
    for _ in range(ROUNDS):
        for held, slow, kept in zip(catalogs, rivals, times, strict=True):
            for name, work in (held.searches(queries) | slow).items():
                asked = GENIUS_QUERIES.get(name, len(queries.terms))
                kept.setdefault(name, []).append(1e3 * seconds(work) / asked)
    return times


def alone(held: Catalog, queries: Queries, name: str) -> list[float]:
    """Return the median and the 95th percentile of milliseconds of queries put one by one."""
    every = [seconds(held.searches(query)[name]) for query in queries.first(LONE).batches(1)]
    return (1e3 * np.percentile(every, [50, 95])).tolist()


def rows_of(held: Catalog, times: dict, first: dict, queries: Queries) -> list[dict[str, object]]:
    """Return the rows of one size; ``first`` are the times of the smallest catalog."""
    own, count, rows = np.array(times[GENERATION]), len(held.retriever.generator), []
    for name, taken in times.items():
        cells = dict.fromkeys(
            ("found", "build s", "bytes a product", "p50 alone", "p95 alone"), "-"
        )
        if name in held.seconds:
            share = found(held, queries.first(COMPARED)) if name == GENERATION else "-"
            each = (held.seconds[name], held.bytes[name] / count, *alone(held, queries, name))
            cells = dict(zip(cells, (share, *each), strict=True))
        rows.append(
            {
                "system": name,
                "products": count,
                "ms a query": float(np.median(taken)),
                "x smallest": float(np.median(np.array(taken) / first[name])),
                "x generation": float(np.median(np.array(taken) / own)),
                **cells,
            }
        )
    return rows


def main() -> None:
    rng, model = np.random.default_rng(SEED), UniversalModel.shipped()
    torch.manual_seed(SEED)
    terms = rng.choice(shopper_terms(), QUERIES, replace=False).tolist()
    queries = Queries(terms, EnglishEncoder().encode_text(terms))
    catalogs = [catalog(model, count, queries, rng) for count in PRODUCTS]
    rivals = [genius(count, queries, rng) for count in PRODUCTS]
    times = timed(catalogs, queries, rivals)
    rows = [
        row
        for held, part in zip(catalogs, times, strict=True)
        for row in rows_of(held, part, times[0], queries)
    ]
    record("leaves", f"time of a query, {K} products asked for, {ROUNDS} rounds", rows, SEED)


if __name__ == "__main__":
    main()
