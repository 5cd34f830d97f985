"""Mine or nobody's, by size: ``python -m tests.benchmarks.belonging_by_brand [CACHE] [--seeds N]``.

Advertisers are cut by brand out of a catalog that the model was not trained on (Best Buy, then
toys): products are drawn at random, and their brands, whole, are added until the advertiser has its
size; the last one is cut short. Toys name no brand, so the first word of the title stands in.

Terms about an advertiser are pseudo-queries of its products. Terms not about it, as many of each:
(1) pseudo-queries of the same catalog's other brands, (2) pseudo-queries of the other catalogs'
products that were held out from training (else they would be in the universe), (3) real shopper
queries (relevance/esci_queries; the calibration saw the other half of them). A term that might
be about something sold is no negative: those are left out whose source product, or whose own words,
have a cosine of 0.65 or more with an own product. A quarter of all terms are the advertiser's own,
as in the calibration.

Systems: the best cosine and the best BM25 coverage of any own product; the decoder's features of
the product ranked first; admatch as trained; and one logistic regression over all features, then
over those that need no decoder, both fitted on the other catalog's advertisers. FPR is the share
of terms not about the advertiser that are let through where 95 % of its own are; ECE has ten bins.
All is the mean over seeds of training, three unless told otherwise; intervals are the middle 95 %
of 200 bootstraps over advertisers.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression

from admatch.encode.english import EnglishEncoder
from admatch.generate.augment import Listing, misspell, pseudo_query
from admatch.generate.generator import Generator
from admatch.match.relevance import FEATURES
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from tests.benchmarks.belonging import calibration_error
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import shopper_terms
from tests.benchmarks.training_set import MISSPELT, TrainingSet, trained_model, training_set

SEEDS = (7, 8, 9)
LEFT_OUT = ("catalogs/bestbuy_48k", "catalogs/amazon_toys_24k")
SIZES = (20, 200, 2_000, 20_000)
ADVERTISERS, TERMS = 6, 100  # of each size in each catalog; of each kind for an advertiser
UNLIKE = 0.65
HELD_OUT = 20  # every so-manieth product of a catalog is not trained on
DRAWS = 200
# What needs no decoder; any other feature is the decoder's.
PLAIN = ("score", "cosine", "coverage", "phrases", "log_size")
OTHERS = tuple(name for name in FEATURES if name not in PLAIN)
KINDS = ("own", "same catalog", "other catalogs", "shoppers")


@dataclass(frozen=True)
class Advertiser:
    """Products sold, numbers in the catalog; the terms put to it, their vectors and kinds."""

    size: int
    sold: np.ndarray
    terms: list[str]
    queries: np.ndarray
    kinds: np.ndarray


@dataclass(frozen=True)
class Evidence:
    """What one model says of the terms of one advertiser; ``features`` (terms, FEATURES)."""

    catalog: str
    size: int
    kinds: np.ndarray
    cosine: np.ndarray
    words: np.ndarray
    features: np.ndarray
    log_odds: np.ndarray

    @property
    def own(self) -> np.ndarray:
        return self.kinds == 0


def brands_of(catalog: TrainingSet) -> np.ndarray:
    """Return each product's brand in lower case, "" where it is unknown."""
    if any(catalog.brands):
        names = [(brand or "").lower() for brand in catalog.brands]
    else:
        names = [title.lower().split()[0] for title in catalog.titles]
    return np.array([name if name != "unknown" else "" for name in names])


def sold_by(brands: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return the numbers of an advertiser's ``size`` products, whole brands but for the last."""
    known = rng.permutation(np.flatnonzero(brands != ""))
    _, first, places = np.unique(brands[known], return_index=True, return_inverse=True)
    drawn = np.argsort(np.argsort(first))[places]  # 0 for the brand drawn first
    return known[np.argsort(drawn, kind="stable")][:size]


def advertiser(
    catalog: TrainingSet,
    brands: np.ndarray,
    foreign: TrainingSet,
    real_terms: list[str],
    size: int,
    encoder,
    rng: np.random.Generator,
) -> Advertiser:
    sold = sold_by(brands, size, rng)
    elsewhere = np.flatnonzero(~np.isin(brands, brands[sold]))
    sources = [
        (catalog, rng.choice(sold, TERMS)),
        (catalog, _unlike(catalog, elsewhere, catalog.vectors[sold], rng)),
        (foreign, _unlike(foreign, np.arange(len(foreign.titles)), catalog.vectors[sold], rng)),
    ]
    terms, kinds = [], []
    for kind, (products, numbers) in enumerate(sources):
        terms += [
            pseudo_query(Listing(products.titles[i]), rng, {misspell: MISSPELT}) for i in numbers
        ]
        kinds += [kind] * len(numbers)
    real = [real_terms[i] for i in rng.choice(len(real_terms), TERMS, replace=False)]
    queries = encoder.encode_text(terms + real)
    nearest = (queries[len(terms) :] @ catalog.vectors[sold].T).max(axis=1)
    kept = np.r_[np.ones(len(terms), bool), nearest < UNLIKE]
    asked = [term for term, keep in zip(terms + real, kept, strict=True) if keep]
    return Advertiser(size, sold, asked, queries[kept], np.r_[kinds, [3] * len(real)][kept])


def _unlike(
    products: TrainingSet, allowed: np.ndarray, own: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return up to ``TERMS`` of the allowed products that are unlike any own one."""
    drawn = rng.permutation(allowed)[: 10 * TERMS]  # plenty, unless nearly everything is alike
    return drawn[(products.vectors[drawn] @ own.T).max(axis=1) < UNLIKE][:TERMS]


def advertisers(name: str, every: TrainingSet, held_out: np.ndarray, encoder) -> list[Advertiser]:
    """Return the advertisers cut out of one catalog; the same for every seed of training."""
    rng = np.random.default_rng(LEFT_OUT.index(name))
    catalog = every.rows(every.catalogs == name)
    foreign = every.rows((every.catalogs != name) & held_out)
    brands, real_terms = brands_of(catalog), shopper_terms()[1::2]
    return [
        advertiser(catalog, brands, foreign, real_terms, size, encoder, rng)
        for size in SIZES
        for _ in range(ADVERTISERS)
    ]


def evidence_of(
    who: Advertiser, name: str, catalog: TrainingSet, model: UniversalModel, encoder
) -> Evidence:
    listings = catalog.rows(who.sold)
    codes = model.codebooks.encode(listings.vectors)
    words = WordEvidence.build(listings.texts, listings.titles)
    generator = Generator(model.codebooks, np.zeros(len(who.sold), np.int16), codes)
    retriever = Retriever(model, generator, listings.vectors, words, encoder.encode_text)
    found = retriever.retrieve(who.terms, who.queries, 1)
    return Evidence(
        name,
        who.size,
        who.kinds,
        (who.queries @ listings.vectors.T).max(axis=1),
        words.singles.coverage(who.terms).max(axis=1),
        found.features[:, 0],
        found.log_odds[:, 0],
    )


def gathered(cache: Path, seeds: Sequence[int]) -> list[list[Evidence]]:
    """Return the evidence of every advertiser, by seed; advertisers in the same order."""
    encoder = EnglishEncoder()
    every = training_set(encoder, cache)
    held_out = np.arange(len(every.titles)) % HELD_OUT == 0
    by_seed: list[list[Evidence]] = [[] for _ in seeds]
    for name in LEFT_OUT:
        cut = advertisers(name, every, held_out, encoder)
        catalog = every.rows(every.catalogs == name)
        others = every.rows((every.catalogs != name) & ~held_out)
        for seed, found in zip(seeds, by_seed, strict=True):
            model = trained_model(others, encoder, seed, cache, shopper_terms()[::2])
            found += [evidence_of(who, name, catalog, model, encoder) for who in cut]
    return by_seed


Scores = list[np.ndarray]  # of each advertiser's terms: higher means its own


def refitted(found: list[Evidence], names: tuple[str, ...]) -> Scores:
    """Return log-odds from some features, by a regression on the other catalogs' advertisers."""
    columns = [FEATURES.index(name) for name in names]
    fits = {}
    for catalog in {part.catalog for part in found}:
        others = [part for part in found if part.catalog != catalog]
        features = np.concatenate([part.features[:, columns] for part in others])
        own = np.concatenate([part.own for part in others])
        fits[catalog] = LogisticRegression(max_iter=1000).fit(features, own)
    return [fits[part.catalog].decision_function(part.features[:, columns]) for part in found]


SYSTEMS: dict[str, Callable[[list[Evidence]], Scores]] = {
    "plain cosine": lambda found: [part.cosine for part in found],
    "words": lambda found: [part.words for part in found],
    "decoder's features": lambda found: refitted(found, OTHERS),
    "admatch as trained": lambda found: [part.log_odds for part in found],
    "refitted, all features": lambda found: refitted(found, FEATURES),
    "refitted, without the decoder's": lambda found: refitted(
        found, tuple(name for name in FEATURES if name in PLAIN)
    ),
}
WITHOUT_PROBABILITY = ("plain cosine", "words")


def auroc(score: np.ndarray, own: np.ndarray) -> float:
    positive, negative = own.sum(), (~own).sum()
    ranks = rankdata(score)[own].sum() - positive * (positive + 1) / 2
    return float(ranks / (positive * negative)) if positive and negative else np.nan


def let_through(score: np.ndarray, own: np.ndarray) -> float:
    return float((score[~own] >= np.quantile(score[own], 0.05)).mean())


def expected_error(score: np.ndarray, own: np.ndarray) -> float:
    return float(calibration_error(1 / (1 + np.exp(-score)), own))


def mean_over_seeds(
    measure: Callable[[np.ndarray, np.ndarray], float],
    scores: list[Scores],
    truths: Scores,
    chosen: np.ndarray,
) -> np.ndarray:
    """Return a measure of chosen advertisers' terms taken together, (seeds,)."""
    own = np.concatenate([truths[i] for i in chosen])
    return np.array([measure(np.concatenate([s[i] for i in chosen]), own) for s in scores])


def against(kind: int, scores: list[Scores], found: list[Evidence], chosen: np.ndarray) -> float:
    """Return the AUROC of own terms against those of one kind alone."""
    parts = [np.isin(part.kinds, (0, kind)) for part in found]
    cut = [[score[part] for score, part in zip(s, parts, strict=True)] for s in scores]
    own = [part.own[kept] for part, kept in zip(found, parts, strict=True)]
    return float(mean_over_seeds(auroc, cut, own, chosen).mean())


def row(
    size: int, system: str, scores: list[Scores], found: list[Evidence], rng: np.random.Generator
) -> dict[str, object]:
    chosen = np.flatnonzero([part.size == size for part in found])
    own = [part.own for part in found]
    by_seed = mean_over_seeds(auroc, scores, own, chosen)
    draws = [
        mean_over_seeds(auroc, scores, own, rng.choice(chosen, len(chosen))).mean()
        for _ in range(DRAWS)
    ]
    low, high = np.percentile(draws, [2.5, 97.5])
    error = mean_over_seeds(expected_error, scores, own, chosen).mean()
    return {
        "products": size,
        "system": system,
        "AUROC": float(by_seed.mean()),
        "±": round(float(by_seed.std(ddof=1)), 4) if len(by_seed) > 1 else "-",
        "95 %": f"{low:.3f} … {high:.3f}",
        "FPR at 95 %": float(mean_over_seeds(let_through, scores, own, chosen).mean()),
        "ECE": "-" if system in WITHOUT_PROBABILITY else float(error),
        "own share": float(np.concatenate([own[i] for i in chosen]).mean()),
    }


def parts(size: int, system: str, scores: list[Scores], found: list[Evidence]) -> dict[str, object]:
    """Return the AUROC by catalog, and of own terms against those of one kind alone."""
    chosen = np.flatnonzero([part.size == size for part in found])
    own, cells = [part.own for part in found], {}
    for name in LEFT_OUT:
        here = np.array([i for i in chosen if found[i].catalog == name])
        cells[name.split("/")[1]] = float(mean_over_seeds(auroc, scores, own, here).mean())
    kinds = {f"vs {KINDS[k]}": against(k, scores, found, chosen) for k in (1, 2, 3)}
    return {"products": size, "system": system} | cells | kinds


def main(cache: Path, seeds: Sequence[int]) -> None:
    by_seed, rng = gathered(cache, seeds), np.random.default_rng(SEEDS[0])
    scores = {name: [of(found) for found in by_seed] for name, of in SYSTEMS.items()}
    rows = [row(size, name, scores[name], by_seed[0], rng) for size in SIZES for name in SYSTEMS]
    cut = [parts(size, name, scores[name], by_seed[0]) for size in SIZES for name in SYSTEMS]
    title = f"mine or nobody's: {2 * ADVERTISERS} advertisers of each size, {len(seeds)} seeds"
    record("belonging_by_brand", title, rows, SEEDS[0])
    record("belonging_by_brand_parts", "AUROC by catalog and kind of term", cut, SEEDS[0])


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("cache", nargs="?", type=Path, default=Path(".cache"))
    asked.add_argument("--seeds", type=int, default=len(SEEDS), help="of training, at most 3")
    given = asked.parse_args()
    main(given.cache, SEEDS[: given.seeds])
