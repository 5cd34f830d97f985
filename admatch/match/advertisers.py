"""Advertisers cut out of catalogs, and terms put to them: what a calibration is fitted on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from admatch.encode.protocol import Vectors
from admatch.generate.augment import Listing, Rewrite, pseudo_query
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence

TERMS = 150  # of each kind for an advertiser
# A term about another product of the same kind is no negative where an own product is this near,
# and akin where one is this near; below the last it is neither. Between, nobody could say.
NEAR, AKIN, FAR = 0.7, 0.5, 0.4
# A shopper's own words come less near to a product than another product does.
NEAR_WORDS, FAR_WORDS = 0.65, 0.3


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


@dataclass(frozen=True)
class Market:
    """Numbers of products: what an advertiser sells, what rivals it, and what else there is."""

    sold: npt.NDArray[np.intp]
    rivals: npt.NDArray[np.intp]
    elsewhere: npt.NDArray[np.intp]


def of_kinds(listings: Listings, size: int, kinds: int, rng: np.random.Generator) -> Market:
    """Return an advertiser that sells up to half of the products of some first codes."""
    first = listings.codes.tree[:, 0]
    order = rng.permutation(np.unique(first))
    enough = np.searchsorted(np.cumsum(np.bincount(first)[order]), 2 * size) + 1
    inside = np.flatnonzero(np.isin(first, order[: max(kinds, enough)]))
    sold = rng.choice(inside, min(size, len(inside) // 2), replace=False)
    elsewhere = np.setdiff1d(np.arange(len(first)), inside)
    return Market(sold, np.setdiff1d(inside, sold), elsewhere)


def of_brands(listings: Listings, size: int, rng: np.random.Generator) -> Market:
    """Return an advertiser that sells all of some brands, of the last one as many as fit."""
    brands = np.array([_brand(listing) for listing in listings.listings])
    mixed = rng.permutation(len(brands))
    _, first, places = np.unique(brands[mixed], return_index=True, return_inverse=True)
    # brands in the order in which a random product of them comes up: large ones come early
    sold = mixed[np.argsort(first[places], kind="stable")][:size]
    rivals = np.flatnonzero(~np.isin(brands, brands[sold]))
    return Market(sold, rivals, np.empty(0, np.intp))


def _brand(listing: Listing) -> str:
    return (listing.brand or listing.title.partition(" ")[0]).lower()


class Advertiser:
    """An advertiser of a market, its catalog indexed; its products are not in the universe."""

    def __init__(self, model: UniversalModel, listings: Listings, market: Market) -> None:
        self.market = market
        self.listings = listings
        self.vectors = listings.vectors[market.sold]
        codes = listings.codes.rows(market.sold)
        self.retriever = Retriever(
            model,
            Generator(model.codebooks, np.zeros(len(market.sold), np.int16), codes),
            self.vectors,
            WordEvidence.build(
                [listings.texts[i] for i in market.sold],
                [listings.listings[i].title for i in market.sold],
            ),
        )

    def sample(
        self,
        shopper_terms: Sequence[str],
        encode: Encode,
        rewrites: Mapping[Rewrite, float],
        rng: np.random.Generator,
    ) -> Sample:
        """Return the evidence of terms put to this advertiser, its own first."""
        elsewhere = self.market.elsewhere
        others = [rng.choice(elsewhere, TERMS)] if len(elsewhere) else []
        sources = np.concatenate([rng.choice(self.market.sold, TERMS), *others, self._missed(rng)])
        terms = [pseudo_query(self.listings.listings[i], rng, rewrites) for i in sources]
        if shopper_terms:
            terms += [shopper_terms[i] for i in rng.integers(0, len(shopper_terms), TERMS)]
        queries = encode(terms)
        evidence = self.retriever.retrieve(terms, queries, 1).features[:, 0]
        # How near the term's source, or the shopper's own words, come to what is sold.
        meant = np.concatenate([self.listings.vectors[sources], queries[len(sources) :]])
        nearest = self._nearest(meant)
        own, typed = np.arange(len(terms)) < TERMS, np.arange(len(terms)) >= len(sources)
        far = np.where(typed, nearest < FAR_WORDS, nearest < FAR)
        akin = own | (~typed & (nearest >= AKIN))
        kept = ~typed | (nearest < NEAR_WORDS)
        return Sample(evidence[kept], own[kept], akin[kept], (akin | far)[kept])

    def _missed(self, rng: np.random.Generator) -> npt.NDArray[np.intp]:
        """Return rivals that are unlike anything sold; ten times as many, at most, are looked at.

        They are twice as many as terms of another kind: the ones that are hard to tell, and what
        is shown with a term has mostly been of its kind.
        """
        drawn = rng.permutation(self.market.rivals)[: 10 * TERMS]
        return drawn[self._nearest(self.listings.vectors[drawn]) < NEAR][: 2 * TERMS]

    def _nearest(self, vectors: Vectors) -> npt.NDArray[np.float32]:
        nearest: npt.NDArray[np.float32] = (vectors @ self.vectors.T).max(axis=1)
        return nearest
