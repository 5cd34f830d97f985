"""Fits a shipped model's calibration anew: ``python -m tests.benchmarks.recalibrate CACHE``.

Codebooks, decoder and universe stay as they are. The advertisers sell a sample of the products that
the model was made of, and these are left out of the universe meanwhile. With ``--encoder
multilingual`` there are advertisers of other languages beside them (``parallel_names``). A few
minutes on two cores.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.encode.cached_texts import CachedTexts
from admatch.generate.augment import REWRITES
from admatch.generate.generator import Generator
from admatch.match.advertisers import Listings, Sample
from admatch.match.calibrate import fitted, simulated, weights_of
from admatch.match.relevance import FEATURES, Logistic, RelevanceModel
from admatch.match.universal import UniversalModel, shipped_folder
from admatch.training.card import write_card
from admatch.training.corpus import read_corpus
from tests.benchmarks import parallel_names, paraphrases
from tests.benchmarks.shared_data import shopper_terms, training_products
from tests.benchmarks.train_universal import MADE, as_catalog
from tests.benchmarks.train_universal import SEEDS as TRAINED

SEED = 7
# Of terms for titles made of names: the weight of those in another language than the title beside
# plain English ones, and of those in the same one; that of foreign ones beside own ones; the share
# of near misses in it. Chosen on ``paraphrases``: with .7 for the third, .58 of own terms are found
# and .87 of others refused, with .5 .64 and .81.
ACROSS, WITHIN, FOREIGN, NEAR_MISSES = 1.0, 0.25, 0.7, 0.22


@dataclass(frozen=True)
class Plan:
    """Products of each data set at most, advertisers of each size, and sizes in other languages."""

    sampled: dict[str, int]
    advertisers: int
    sizes: tuple[int, ...] = ()


PLANS = {
    "english": Plan(
        {
            "catalogs/amazon_toys_24k": 6_000,
            "catalogs/bestbuy_48k": 6_000,
            "images/fashion": 1_500,
            "relevance/product_matching": 3_000,
        },
        3,
    ),
    # Its encoder is slower, and its universe smaller.
    "multilingual": Plan(
        {
            "catalogs/amazon_toys_24k": 2_000,
            "catalogs/bestbuy_48k": 2_000,
            "images/fashion": 500,
            "relevance/product_matching": 1_500,
        },
        2,
        parallel_names.SOLD,
    ),
}


def sampled(plan: Plan, at_most: int | None) -> tuple[pl.DataFrame, np.ndarray]:
    """Return products, and their rows in the universe, where the data sets stand end to end.

    The universe holds ``at_most`` products of each.
    """
    parts, rows, start = [], [], 0
    for name, every in training_products().items():
        products = every.sample(at_most, seed=TRAINED[0]) if at_most else every
        chosen = np.random.default_rng(SEED).permutation(len(products))[: plan.sampled[name]]
        parts.append(products[np.sort(chosen).tolist()])
        rows.append(start + np.sort(chosen))
        start += len(products)
    return pl.concat(parts), np.concatenate(rows)


def of_all_words(model: UniversalModel) -> UniversalModel:
    """Return the model with a relevance model that compares words, so that evidence has them."""
    one = Logistic((1.0,) * len(FEATURES), 0.0)
    return replace(model, relevance=RelevanceModel(one, one))


def english(
    model: UniversalModel, plan: Plan, at_most: int | None, texts: CachedTexts
) -> list[Sample]:
    """Return the terms of advertisers who sell products of the English data sets."""
    products, rows = sampled(plan, at_most)
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
    return simulated(
        replace(model, universe=universe),
        listings,
        shopper_terms(),
        texts.queries,
        REWRITES,
        rng,
        lambda done, total: _tell("English advertisers", done, total),
        plan.advertisers,
    )


def of_languages(
    model: UniversalModel, sizes: tuple[int, ...], texts: CachedTexts
) -> Iterator[tuple[Sample, Floats]]:
    """Yield the terms of advertisers of other languages, and their weights.

    There are as many advertisers for each pair of languages.
    """
    names, rng = parallel_names.read_names(), np.random.default_rng(SEED)
    pairs = parallel_names.pairs_of_languages() if sizes else []
    for done, (titles, terms) in enumerate(pairs, start=1):
        for size in sizes:
            one = parallel_names.sample(model, names, titles, terms, size, texts.queries, rng)
            weight = WITHIN if titles == terms else ACROSS
            yield one, weight * weights_of(one, FOREIGN, NEAR_MISSES)
        _tell("pairs of languages", done, len(pairs))


def main(cache: Path, encoder: str) -> None:
    maker, folder, _, at_most = MADE[encoder]
    plan = PLANS[encoder]
    model = UniversalModel.shipped(folder)
    texts = CachedTexts(maker(), cache, _tell)
    reading = of_all_words(model)
    others = list(of_languages(reading, plan.sizes, texts))
    plain = english(reading, plan, at_most, texts)
    samples = [*(one for one, _ in others), *plain]
    weights = [*(weight for _, weight in others), *map(weights_of, plain)]
    relevance = fitted(samples, weights, np.random.default_rng(SEED))
    print(relevance)
    made = replace(model, relevance=relevance, encoder=texts.encoder.name)
    made.save(shipped_folder(folder))
    if encoder == "multilingual":
        notes = Path(__file__).with_name("model_notes") / f"{folder}.md"
        print(paraphrases.table(made, texts.queries))
        write_card(made, notes.read_text(), shipped_folder(folder))


def _tell(stage: str, done: int, total: int) -> None:
    print(f"{stage}: {done:,} of {total:,}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, nargs="?", default=Path(".cache"))
    parser.add_argument("--encoder", choices=MADE, default="english")
    given = parser.parse_args()
    main(given.cache, given.encoder)
