"""Simulated advertisers → the weights of ``Belonging``."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from admatch.encode.protocol import Encoder, Vectors
from admatch.generate.augment import pseudo_query
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.match.belonging import FEATURES, Belonging
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence

SIZES = (20, 60, 200, 600, 2_000, 6_000)  # products of a simulated advertiser
ADVERTISERS = 8  # of each size
TERMS = 150  # of each kind for an advertiser
# A term about another product of the same kind is no negative where an own product is this near.
NEAR = 0.65
# Words of a pseudo-query always stand in its title, a shopper's often do not: without this, share
# of positives that lose part of their coverage, the words' evidence would be trusted too much.
DAMPED = 0.25


@dataclass(frozen=True)
class Listings:
    """Products to simulate advertisers with; ``vectors`` (n, dim) are those of ``texts``."""

    titles: Sequence[str]
    texts: Sequence[str]
    vectors: Vectors
    codes: Codes


@dataclass(frozen=True)
class Sample:
    """Terms put to one advertiser: their evidence, and whether they are about its products."""

    evidence: npt.NDArray[np.float32]
    own: npt.NDArray[np.bool_]


def calibrate(
    model: UniversalModel,
    listings: Listings,
    shopper_terms: Sequence[str],
    encoder: Encoder,
    rng: np.random.Generator,
) -> Belonging:
    """Return the belonging weights fitted on advertisers cut out of ``listings``.

    An advertiser sells products of one to three first codes. Its terms are pseudo-queries of own
    products (about it), of products with other first codes, of its kind but unlike anything it
    sells, and real ``shopper_terms`` unlike anything it sells (not about it).
    ``listings`` must not be in the model's universe: the true product would then always be there.
    """
    samples = []
    for size in SIZES:
        for number in range(ADVERTISERS):
            advertiser = _Advertiser(model, listings, size, 1 + number % 3, rng)
            samples.append(advertiser.sample(shopper_terms, encoder, rng))
    evidence = np.concatenate([sample.evidence for sample in samples])
    own = np.concatenate([sample.own for sample in samples])
    damped = own & (rng.random(len(own)) < DAMPED)
    evidence[damped, FEATURES.index("coverage")] *= rng.random(damped.sum(), dtype=np.float32)
    fitted = LogisticRegression(max_iter=1000).fit(evidence, own)
    return Belonging(tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]))


class _Advertiser:
    def __init__(
        self,
        model: UniversalModel,
        listings: Listings,
        size: int,
        kinds: int,
        rng: np.random.Generator,
    ) -> None:
        first = listings.codes.tree[:, 0]
        chosen = rng.choice(np.unique(first), kinds, replace=False)
        inside = np.flatnonzero(np.isin(first, chosen))
        self.outside = np.flatnonzero(~np.isin(first, chosen))
        self.products = rng.choice(inside, min(size, len(inside) // 2), replace=False)
        self.alike = np.setdiff1d(inside, self.products)
        self.listings = listings
        codes = Codes(listings.codes.tree[self.products], listings.codes.detail[self.products])
        self.vectors = listings.vectors[self.products]
        self.retriever = Retriever(
            model,
            Generator(model.codebooks, np.zeros(len(self.products), np.int16), codes),
            self.vectors,
            WordEvidence.build(
                [listings.texts[i] for i in self.products],
                [listings.titles[i] for i in self.products],
            ),
        )

    def sample(
        self, shopper_terms: Sequence[str], encoder: Encoder, rng: np.random.Generator
    ) -> Sample:
        sources = np.concatenate(
            [rng.choice(group, TERMS) for group in (self.products, self.outside, self.alike)]
        )
        terms = [pseudo_query(self.listings.titles[i], rng) for i in sources]
        terms += [shopper_terms[i] for i in rng.integers(0, len(shopper_terms), TERMS)]
        queries = encoder.encode_text(terms)
        evidence = self.retriever.retrieve(terms, queries, 1)
        # How near the term's source, or the shopper's own words, come to what is sold.
        meant = np.concatenate([self.listings.vectors[sources], queries[-TERMS:]])
        nearest = (meant @ self.vectors.T).max(axis=1)
        own = np.arange(len(terms)) < TERMS
        clear = own | (np.arange(len(terms)) < 2 * TERMS) | (nearest < NEAR)
        return Sample(evidence.features[clear, 0], own[clear])
