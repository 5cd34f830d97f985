"""Simulated advertisers → the weights of ``Belonging``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from admatch.encode.protocol import Vectors
from admatch.generate.augment import Listing, Rewrite, pseudo_query
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.match.belonging import FEATURES, Belonging, Logistic
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence

SIZES = (20, 60, 200, 600, 2_000, 6_000, 20_000)  # products of a simulated advertiser
ADVERTISERS = 8  # of each size
TERMS = 150  # of each kind for an advertiser
# A term about another product of the same kind is no negative where an own product is this near,
# and akin where one is this near; below the last it is neither. Between, nobody could say.
NEAR, AKIN, FAR = 0.65, 0.5, 0.4
# A shopper's own words come less near to a product than another product does.
FAR_WORDS = 0.3
FOREIGN = 2  # foreign terms for an own one, whatever an advertiser's size
# Words of a pseudo-query always stand in its title, a shopper's often do not: without this, share
# of positives that lose part of their coverage, the words' evidence would be trusted too much.
DAMPED = 0.25


@dataclass(frozen=True)
class Listings:
    """Products to simulate advertisers with; ``vectors`` (n, dim) are those of ``texts``."""

    listings: Sequence[Listing]
    texts: Sequence[str]
    vectors: Vectors
    codes: Codes

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Sample:
    """Terms put to one advertiser: their evidence (n, FEATURES), and what they are about.

    ``own`` are about its products, ``akin`` at least about their kind; of those that are not
    ``clear`` nobody could say whether they are akin.
    """

    evidence: npt.NDArray[np.float32]
    own: npt.NDArray[np.bool_]
    akin: npt.NDArray[np.bool_]
    clear: npt.NDArray[np.bool_]


Encode: TypeAlias = Callable[[list[str]], Vectors]


def calibrate(
    model: UniversalModel,
    listings: Listings,
    shopper_terms: Sequence[str],
    encode: Encode,
    rewrites: Mapping[Rewrite, float],
    rng: np.random.Generator,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Belonging:
    """Return the belonging weights fitted on advertisers cut out of ``listings``.

    An advertiser sells products of one to three first codes, or of as many as its size needs. Its
    terms are pseudo-queries of own products (about it), of products with other first codes, of its
    kind but unlike anything it sells, and real ``shopper_terms`` unlike anything it sells (not
    about it). ``listings`` must not be in the model's universe: the true product would then always
    be there.
    """
    samples: list[Sample] = []
    sizes = [size for size in SIZES if size <= len(listings) // 2] or [len(listings) // 2]
    for size in sizes:
        for number in range(ADVERTISERS):
            advertiser = _Advertiser(model, listings, size, 1 + number % 3, rng)
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
    return Belonging(
        _fit(evidence, own, weights), _fit(evidence[clear], akin[clear], weights[clear])
    )


def _rarity(sample: Sample) -> float:
    """Return what a foreign term has to weigh so that one term in three is an own one."""
    return float(FOREIGN * sample.own.sum() / max(1, (~sample.own).sum()))


def _fit(
    evidence: npt.NDArray[np.float32],
    true: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.float64],
) -> Logistic:
    fitted = LogisticRegression(max_iter=1000).fit(evidence, true, weights)
    return Logistic(tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]))


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
        order = rng.permutation(np.unique(first))
        enough = np.searchsorted(np.cumsum(np.bincount(first)[order]), 2 * size) + 1
        inside = np.flatnonzero(np.isin(first, order[: max(kinds, enough)]))
        self.products = rng.choice(inside, min(size, len(inside) // 2), replace=False)
        self.outside = np.setdiff1d(np.arange(len(first)), inside)
        self.alike = np.setdiff1d(inside, self.products)
        self.listings = listings
        codes = listings.codes.rows(self.products)
        self.vectors = listings.vectors[self.products]
        self.retriever = Retriever(
            model,
            Generator(model.codebooks, np.zeros(len(self.products), np.int16), codes),
            self.vectors,
            WordEvidence.build(
                [listings.texts[i] for i in self.products],
                [listings.listings[i].title for i in self.products],
            ),
        )

    def sample(
        self,
        shopper_terms: Sequence[str],
        encode: Encode,
        rewrites: Mapping[Rewrite, float],
        rng: np.random.Generator,
    ) -> Sample:
        groups = [group for group in (self.products, self.outside, self.alike) if len(group)]
        sources = np.concatenate([rng.choice(group, TERMS) for group in groups])
        terms = [pseudo_query(self.listings.listings[i], rng, rewrites) for i in sources]
        if shopper_terms:
            terms += [shopper_terms[i] for i in rng.integers(0, len(shopper_terms), TERMS)]
        queries = encode(terms)
        evidence = self.retriever.retrieve(terms, queries, 1).features[:, 0]
        # How near the term's source, or the shopper's own words, come to what is sold.
        meant = np.concatenate([self.listings.vectors[sources], queries[len(sources) :]])
        nearest = (meant @ self.vectors.T).max(axis=1)
        own, typed = np.arange(len(terms)) < TERMS, np.arange(len(terms)) >= len(sources)
        far = np.where(typed, nearest < FAR_WORDS, nearest < FAR)
        akin = own | (~typed & (nearest >= AKIN))
        # What has another first code is something else, however near.
        other_kind = np.isin(np.append(sources, [-1] * typed.sum()), self.outside)
        kept = own | other_kind | (nearest < NEAR)
        return Sample(evidence[kept], own[kept], akin[kept], (akin | far)[kept])
