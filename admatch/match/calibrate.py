"""Simulated advertisers → the weights of ``RelevanceModel``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields

import numpy as np
from sklearn.linear_model import LogisticRegression

from admatch.arrays import Floats, Floats32, Mask
from admatch.generate.augment import Rewrite
from admatch.match.advertisers import Advertiser, Encode, Listings, Sample, of_brands, of_kinds
from admatch.match.relevance import FEATURES, Logistic, RelevanceModel
from admatch.match.universal import UniversalModel

SIZES = (20, 60, 200, 600, 2_000, 6_000, 20_000)  # products of a simulated advertiser
ADVERTISERS = 8  # of each size, half with some kinds of products, half with some brands
FOREIGN = 3  # the weight of all foreign terms against all own ones, for every advertiser
# Share of positives that lose part of their coverage. The words of a pseudo-query are always in its
# title, a shopper's often are not, and the words' evidence would be trusted too much. With this
# share the mean coverage equals that of 138 shopper queries and the products they mean (ESCI).
DAMPED = 0.25


def calibrate(
    model: UniversalModel,
    listings: Listings,
    shopper_terms: Sequence[str],
    encode: Encode,
    rewrites: Mapping[Rewrite, float],
    rng: np.random.Generator,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> RelevanceModel:
    """Return the relevance model fitted on simulated advertisers that sell ``listings``.

    Half of the advertisers sell products of one to three first codes, or of as many as their size
    needs, the other half those of whole brands. Positives are pseudo-queries of own products.
    Negatives are pseudo-queries of products with other first codes, of rivals' products unlike
    anything the advertiser sells, and real ``shopper_terms`` unlike anything it sells.
    ``listings`` must not be in the model's universe, which would then always hold the true product.
    """
    samples: list[Sample] = []
    sizes = [size for size in SIZES if size <= len(listings) // 2] or [len(listings) // 2]
    for size in sizes:
        for number in range(ADVERTISERS):
            if number % 2:
                market = of_brands(listings, size, rng)
            else:
                market = of_kinds(listings, size, 1 + number // 2 % 3, rng)
            advertiser = Advertiser(model, listings, market)
            samples.append(advertiser.sample(shopper_terms, encode, rewrites, rng))
            progress(len(samples), ADVERTISERS * len(sizes))
    evidence, own, related, clear = (
        np.concatenate([getattr(sample, column.name) for sample in samples])
        for column in fields(Sample)
    )
    # Large catalogs hold something similar to nearly every term, so few foreign terms are left.
    weights = np.concatenate([np.where(one.own, 1, _rarity(one)) for one in samples])
    damped = own & (rng.random(len(own)) < DAMPED)
    evidence[damped, FEATURES.index("coverage")] *= rng.random(damped.sum(), dtype=np.float32)
    return RelevanceModel(
        _fit(evidence, own, weights), _fit(evidence[clear], related[clear], weights[clear])
    )


def _rarity(sample: Sample) -> float:
    """Return the weight of a foreign term by which all of them count ``FOREIGN`` times the own."""
    return float(FOREIGN * sample.own.sum() / max(1, (~sample.own).sum()))


def _fit(evidence: Floats32, true: Mask, weights: Floats) -> Logistic:
    fitted = LogisticRegression(max_iter=1000).fit(evidence, true, weights)
    return Logistic(tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]))
