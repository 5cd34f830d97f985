"""Fits a shipped model's calibration anew: ``python -m tests.benchmarks.recalibrate CACHE``.

Codebooks, decoder and universe stay as they are. The advertisers sell a sample of the products that
the model was made of, and these are left out of the universe meanwhile. A few minutes on two cores.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from admatch.encode.cached_texts import CachedTexts
from admatch.encode.sentence import SentenceEncoder
from admatch.generate.augment import REWRITES
from admatch.generate.generator import Generator
from admatch.match.advertisers import Listings
from admatch.match.calibrate import calibrate
from admatch.match.universal import SHIPPED, UniversalModel, shipped_folder
from admatch.training.corpus import read_corpus
from tests.benchmarks.shared_data import shopper_terms, training_products
from tests.benchmarks.train_universal import as_catalog

SEED, ADVERTISERS = 7, 3
# Products of each data set, at most.
SAMPLED = {
    "catalogs/amazon_toys_24k": 6_000,
    "catalogs/bestbuy_48k": 6_000,
    "images/fashion": 1_500,
    "relevance/product_matching": 3_000,
}


def sampled() -> tuple[pl.DataFrame, np.ndarray]:
    """Return products, and their rows in the universe, where the data sets stand end to end."""
    parts, rows, start = [], [], 0
    for name, products in training_products().items():
        chosen = np.random.default_rng(SEED).permutation(len(products))[: SAMPLED[name]]
        parts.append(products[np.sort(chosen).tolist()])
        rows.append(start + np.sort(chosen))
        start += len(products)
    return pl.concat(parts), np.concatenate(rows)


def main(cache: Path) -> None:
    model = UniversalModel.shipped(SHIPPED)
    texts = CachedTexts(SentenceEncoder(), cache, _tell)
    products, rows = sampled()
    corpus = read_corpus([as_catalog(products)], texts)
    rng = np.random.default_rng(SEED)
    listings = Listings(
        [corpus.listing(product, rng) for product in range(len(corpus))],
        corpus.texts,
        corpus.vectors,
        model.universe.codes.rows(rows),
    )
    others = np.setdiff1d(np.arange(len(model.universe)), rows)
    universe = Generator(
        model.codebooks, np.zeros(len(others), np.int16), model.universe.codes.rows(others)
    )
    relevance = calibrate(
        replace(model, universe=universe),
        listings,
        shopper_terms(),
        texts.queries,
        REWRITES,
        rng,
        lambda done, total: _tell("calibrating", done, total),
        ADVERTISERS,
    )
    print(relevance)
    replace(model, relevance=relevance).save(shipped_folder(SHIPPED))


def _tell(stage: str, done: int, total: int) -> None:
    print(f"{stage}: {done:,} of {total:,}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, nargs="?", default=Path(".cache"))
    main(parser.parse_args().cache)
