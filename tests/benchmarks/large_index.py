"""An index of a million products: ``python -m tests.benchmarks.large_index [PRODUCTS]``.

Built, saved, opened in a process of its own, searched, and brought up to date with the title of
one product in a hundred changed. Vectors are invented, as in ``leaves``: encoding a million real
texts is left out, and a stand-in for the encoder gives random vectors. Titles and texts are made
of real shopper queries.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from admatch.catalog.records import CATALOG_SCHEMA, Catalog
from admatch.encode.product_pictures import Pictured
from admatch.encode.product_text import product_texts
from admatch.generate.generator import Generator
from admatch.index.index import Index
from admatch.index.parts import Parts
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from tests.benchmarks.leaves import synthetic_texts, synthetic_vectors
from tests.benchmarks.record import record

SEED, PRODUCTS, CHANGED, QUERIES = 7, 1_000_000, 0.01, 32


class Stand:
    """In an encoder's place: its name, and random vectors."""

    dim, image_model = 384, None

    def __init__(self, name: str) -> None:
        self.name, self.texts = name, 0

    def encode_text(self, texts):
        self.texts += len(texts)
        vectors = np.random.default_rng(len(texts)).standard_normal((len(texts), 384), np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_images(self, images):
        raise NotImplementedError


def catalog_of(count: int, rng: np.random.Generator) -> Catalog:
    texts, titles = synthetic_texts(count, rng)
    told = {"product_id": [f"P{i}" for i in range(count)], "title": titles, "description": texts}
    frame = pl.DataFrame(told)
    empty = [pl.lit(None, kind).alias(name) for name, kind in CATALOG_SCHEMA.items()]
    return Catalog(frame.with_columns([e for e in empty if e.meta.output_name() not in told]))


def changed(catalog: Catalog, rng: np.random.Generator) -> Catalog:
    """Return the catalog with other titles for some products, in another order."""
    some = rng.random(len(catalog)) < CHANGED
    title = pl.when(pl.Series(some)).then(pl.col("title") + " new").otherwise("title")
    frame = catalog.frame.with_columns(title.alias("title"))
    return Catalog(frame.sample(fraction=1.0, shuffle=True, seed=SEED).select(*CATALOG_SCHEMA))


def opened(folder: Path) -> None:
    """Print what opening and searching cost: a process of its own, models loaded before."""
    model = UniversalModel.shipped()
    encoder, rng = Stand(model.encoder), np.random.default_rng(SEED)
    told = {}
    start = time.perf_counter()
    index = Index.load(folder, encoder=encoder, model=model)
    told["open"] = time.perf_counter() - start
    queries = synthetic_texts(QUERIES + 1, rng)[1]
    start = time.perf_counter()
    index.search(queries[:1])
    told["first"] = time.perf_counter() - start
    start = time.perf_counter()
    index.search(queries[1:])
    told["each"] = (time.perf_counter() - start) / QUERIES
    # what getrusage tells begins with the peak of the process that started this one
    status = Path("/proc/self/status").read_text()
    told["peak"] = int(status.split("VmHWM:")[1].split()[0]) / 2**10
    print(json.dumps(told))


def main(count: int) -> None:
    rng, model, rows = np.random.default_rng(SEED), UniversalModel.shipped(), []

    def timed(name, work):
        start = time.perf_counter()
        done = work()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        rows.append(
            {"system": name, "seconds": time.perf_counter() - start, "peak GiB so far": peak}
        )
        print(rows[-1], flush=True)
        return done

    catalog, vectors = catalog_of(count, rng), synthetic_vectors(model.universe, count, rng)
    frame, encoder = catalog.frame, Stand(model.encoder)
    codes = timed("codes of the vectors", lambda: model.codebooks.encode(vectors))
    words = timed(
        "words",
        lambda: WordEvidence.build(product_texts(frame), frame["title"].to_list()),
    )
    generator = Generator(model.codebooks, np.zeros(count, np.int16), codes)
    none = Pictured(np.empty(0, np.int64), np.empty((0, 384), np.float32))
    index = Index(Parts(catalog, encoder, model, vectors, generator, none, words))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "index"
        timed("saved, with trie and look-ahead", lambda: index.save(place))
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        command = [sys.executable, "-m", "tests.benchmarks.large_index", "--open", str(place)]
        told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        for name in ("open", "first", "each"):
            said = {"open": "opened", "first": "first search", "each": "a search, of 32 at once"}
            peak = told["peak"] / 2**10
            rows.append({"system": said[name], "seconds": told[name], "peak GiB so far": peak})
        later, read = changed(catalog, rng), encoder.texts
        held = Index.load(place, encoder=encoder, model=model)
        held = timed("brought up to date, 1 % changed", lambda: held.updated(later))
        texts = encoder.texts - read
        timed("saved again", lambda: held.save(place))
    title = (
        f"{count:,} products, {size / count:,.0f} bytes each on disk, {texts:,} texts encoded anew"
    )
    record("large_index", title, rows, SEED)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--open"]:
        opened(Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else PRODUCTS)
