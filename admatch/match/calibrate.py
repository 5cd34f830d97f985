"""Simulated advertisers → the weights of ``RelevanceModel``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from admatch.arrays import Floats, Floats32, Mask
from admatch.generate.augment import Rewrite
from admatch.match.advertisers import Advertiser, Listings, Sample, of_brands, of_kinds
from admatch.match.relevance import FEATURES, Logistic, RelevanceModel
from admatch.match.universal import UniversalModel
from admatch.match.word_vectors import Encode

SIZES = (20, 60, 200, 600, 2_000, 6_000, 20_000)  # products of a simulated advertiser
ADVERTISERS = 8  # of each size, half with some kinds of products, half with some brands
FOREIGN = 3  # the weight of all foreign terms against all own ones, for every advertiser
# Their share in that. More of them refuse more near misses and lose own terms: with 0.2, 0.22 and
# 0.25 the share refused in tests/benchmarks/traps.py is 0.89, 0.90 and 0.91, own found 121, 121 and
# 120 of 130.
NEAR_MISSES = 0.22
# Share of positives that lose part of their coverage. The words of a pseudo-query are always in its
# title, a shopper's often are not, and the words' evidence would be trusted too much. With this
# share the mean coverage equals that of 138 shopper queries and the products they mean (ESCI).
DAMPED = 0.25
# Evidence never counts against what it is evidence for: a weight that the simulated terms would
# turn round is 0. Without this a size that agrees speaks against a term, as most near misses of
# another thing keep the size. ``free`` may have any sign.
SIGNS = {
    "score": 1, "cosine": 1, "coverage": 1, "phrases": 1, "agreeing": 1, "contradicting": -1,
    "head": 1, "missing": -1, "least": 1, "nearest": 1,
    "departure": -1, "shared": 1, "log_size": -1,
}  # fmt: skip
STIFFNESS = 1e-3  # of the ridge, against the mean loss of a term


def calibrate(
    model: UniversalModel,
    listings: Listings,
    shopper_terms: Sequence[str],
    encode: Encode,
    rewrites: Mapping[Rewrite, float],
    rng: np.random.Generator,
    progress: Callable[[int, int], None] = lambda done, total: None,
    advertisers: int = ADVERTISERS,
) -> RelevanceModel:
    """Return the relevance model fitted on simulated advertisers that sell ``listings``.

    Half of the advertisers sell products of one to three first codes, or of as many as their size
    needs, the other half those of whole brands. Positives are pseudo-queries and names of own
    products. Negatives are near misses, pseudo-queries of products with other first codes, of
    rivals' products unlike anything the advertiser sells, and real ``shopper_terms`` unlike
    anything it sells. ``listings`` must not be in the model's universe, which would then always
    hold the true product. There are ``advertisers`` of each size.
    """
    samples = simulated(
        model, listings, shopper_terms, encode, rewrites, rng, progress, advertisers
    )
    return fitted(samples, [weights_of(one) for one in samples], rng)


def simulated(
    model: UniversalModel,
    listings: Listings,
    shopper_terms: Sequence[str],
    encode: Encode,
    rewrites: Mapping[Rewrite, float],
    rng: np.random.Generator,
    progress: Callable[[int, int], None] = lambda done, total: None,
    advertisers: int = ADVERTISERS,
) -> list[Sample]:
    """Return the terms of the advertisers that ``calibrate`` describes."""
    samples: list[Sample] = []
    sizes = [size for size in SIZES if size <= len(listings) // 2] or [len(listings) // 2]
    for size in sizes:
        for number in range(advertisers):
            if number % 2:
                market = of_brands(listings, size, rng)
            else:
                market = of_kinds(listings, size, 1 + number // 2 % 3, rng)
            advertiser = Advertiser(model, listings, market, encode)
            samples.append(advertiser.sample(shopper_terms, rewrites, rng))
            progress(len(samples), advertisers * len(sizes))
    return samples


def fitted(
    samples: Sequence[Sample], weights_of_each: Sequence[Floats], rng: np.random.Generator
) -> RelevanceModel:
    """Return the relevance model fitted on the terms of advertisers, with these weights."""
    weights = np.concatenate(weights_of_each)
    every = _damped(Sample.joined(samples), rng)
    clear = every.clear
    return RelevanceModel(
        fit(every.evidence, every.own, weights),
        fit(every.evidence[clear], every.related[clear], weights[clear]),
    )


def fit(evidence: Floats32, true: Mask, weights: Floats) -> Logistic:
    """Return the logistic regression whose weights have the signs of ``SIGNS``."""
    mean, spread = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
    columns = ((evidence - mean) / spread).astype(np.float64)
    share, sign = weights / weights.sum(), np.where(true, 1.0, -1.0)

    def loss(x: Floats) -> tuple[float, Floats]:
        margin = sign * (x[0] + columns @ x[1:])
        slope = -share * sign * expit(-margin)
        gradient = np.r_[slope.sum(), slope @ columns + 2 * STIFFNESS * x[1:]]
        return float(share @ np.logaddexp(0, -margin) + STIFFNESS * (x[1:] @ x[1:])), gradient

    bounds = [(None, None), *(_bound(SIGNS.get(name, 0)) for name in FEATURES)]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds).x
    scaled = found[1:] / spread
    return Logistic(tuple(map(float, scaled)), float(found[0] - scaled @ mean))


def _bound(sign: int) -> tuple[float | None, float | None]:
    return (0.0 if sign > 0 else None, 0.0 if sign < 0 else None)


def _damped(every: Sample, rng: np.random.Generator) -> Sample:
    evidence = every.evidence.copy()
    damped = every.own & (rng.random(len(every.own)) < DAMPED)
    column = FEATURES.index("coverage")
    evidence[damped, column] *= rng.random(damped.sum(), dtype=np.float32)
    return replace(every, evidence=evidence)


def weights_of(
    sample: Sample, foreign: float = FOREIGN, near_misses: float = NEAR_MISSES
) -> Floats:
    """Return the weight of each term: all foreign ones count ``foreign`` times the own ones.

    Of that ``near_misses`` is the share of near ones. Large catalogs hold something similar to
    nearly every term, so few foreign terms are left.
    """
    own, near = sample.own, sample.near
    far = ~own & ~near
    total = foreign * own.sum()
    share = near_misses if far.any() else 1.0
    weights = np.where(near, share * total / max(1, near.sum()), 1.0)
    rest = total * (1 - share if near.any() else 1.0)
    return np.where(far, rest / max(1, far.sum()), weights)
