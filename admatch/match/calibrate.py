"""Simulated advertisers → the weights of ``RelevanceModel``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from admatch.generate.augment import Rewrite
from admatch.match.advertisers import Advertiser, Encode, Listings, Sample, of_brands, of_kinds
from admatch.match.relevance import FEATURES, Logistic, RelevanceModel
from admatch.match.universal import UniversalModel

SIZES = (20, 60, 200, 600, 2_000, 6_000, 20_000)  # products of a simulated advertiser
ADVERTISERS = 8  # of each size, half of them of some kinds, half of some brands
FOREIGN = 3  # foreign terms for an own one, whatever an advertiser's size
# Words of a pseudo-query always stand in its title, a shopper's often do not: without this, share
# of positives that lose part of their coverage, the words' evidence would be trusted too much.
# With it the mean coverage is that of 138 shopper queries and the products they mean (ESCI).
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
    """Return the belonging weights fitted on advertisers cut out of ``listings``.

    Half of the advertisers sell products of one to three first codes, or of as many as their size
    needs, half those of whole brands. Terms are pseudo-queries of own products (about it), of
    products with other first codes, of its kind or other brands but unlike anything it sells, and
    real ``shopper_terms`` unlike anything it sells (not about it). ``listings`` must not be in the
    model's universe: the true product would then always be there.
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
    evidence, own, akin, clear = (
        np.concatenate([getattr(sample, column.name) for sample in samples])
        for column in fields(Sample)
    )
    # In large catalogs hardly a term is about nothing alike, and few foreign ones are left.
    weights = np.concatenate([np.where(one.own, 1, _rarity(one)) for one in samples])
    damped = own & (rng.random(len(own)) < DAMPED)
    evidence[damped, FEATURES.index("coverage")] *= rng.random(damped.sum(), dtype=np.float32)
    return RelevanceModel(
        _fit(evidence, own, weights), _fit(evidence[clear], akin[clear], weights[clear])
    )


def _rarity(sample: Sample) -> float:
    """Return what a foreign term has to weigh so that ``FOREIGN`` stand against an own one."""
    return float(FOREIGN * sample.own.sum() / max(1, (~sample.own).sum()))


def _fit(
    evidence: npt.NDArray[np.float32],
    true: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.float64],
) -> Logistic:
    fitted = LogisticRegression(max_iter=1000).fit(evidence, true, weights)
    return Logistic(tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]))
