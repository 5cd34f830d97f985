"""Simulated advertisers and their search terms, on which the calibration is fitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from admatch.arrays import Floats32, Mask, Rows, Vectors
from admatch.generate.augment import Listing, Rewrite, pseudo_query
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.match.near_misses import name_query, near_miss
from admatch.match.relevance import FEATURES
from admatch.match.retriever import Retriever
from admatch.match.tokens import words
from admatch.match.universal import UniversalModel
from admatch.match.word_vectors import Encode
from admatch.match.words import WordEvidence

TERMS = 150  # of each kind for an advertiser
NAMES = 75  # of the own ones that name a product as a whole
# Cosines between the product that a term means and the nearest own product. From NEAR on, a rival's
# product is no negative; from RELATED on, the term is related; below FAR it is not. Between FAR and
# RELATED it is left open.
NEAR, RELATED, FAR = 0.7, 0.5, 0.4
# The same for a shopper's own words, which are less similar to a product than products are.
NEAR_WORDS, FAR_WORDS = 0.65, 0.3


@dataclass(frozen=True)
class Listings:
    """Products to simulate advertisers with; ``vectors`` (n, dim) belong to ``texts``."""

    listings: Sequence[Listing]
    texts: Sequence[str]
    vectors: Vectors
    codes: Codes

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Sample:
    """The terms of one advertiser: their evidence (n, FEATURES), and what they are about.

    ``own`` are about its products, ``near`` about something else with words of one, ``related`` at
    least about that kind of product. Where a term is not ``clear``, it is open whether it is
    related.
    """

    evidence: Floats32
    own: Mask
    near: Mask
    related: Mask
    clear: Mask

    @classmethod
    def joined(cls, samples: Sequence["Sample"]) -> "Sample":
        """Return the terms of several samples, one after the other."""
        names = [column.name for column in fields(cls)]
        return cls(*(np.concatenate([getattr(one, name) for one in samples]) for name in names))


@dataclass(frozen=True)
class Market:
    """Row numbers of the products an advertiser sells, of rivals' products, and of all others."""

    sold: Rows
    rivals: Rows
    elsewhere: Rows


def of_kinds(listings: Listings, size: int, kinds: int, rng: np.random.Generator) -> Market:
    """Return the market of an advertiser with up to half of the products of some first codes."""
    first = listings.codes.tree[:, 0]
    order = rng.permutation(np.unique(first))
    enough = np.searchsorted(np.cumsum(np.bincount(first)[order]), 2 * size) + 1
    inside = np.flatnonzero(np.isin(first, order[: max(kinds, enough)]))
    sold = rng.choice(inside, min(size, len(inside) // 2), replace=False)
    elsewhere = np.setdiff1d(np.arange(len(first)), inside)
    return Market(sold, np.setdiff1d(inside, sold), elsewhere)


def of_brands(listings: Listings, size: int, rng: np.random.Generator) -> Market:
    """Return the market of an advertiser with all products of some brands, up to ``size``."""
    brands = np.array([_brand(listing) for listing in listings.listings])
    mixed = rng.permutation(len(brands))
    _, first, brand = np.unique(brands[mixed], return_index=True, return_inverse=True)
    # Brands in the order in which one of their products is first drawn: large ones come early.
    sold = mixed[np.argsort(first[brand], kind="stable")][:size]
    rivals = np.flatnonzero(~np.isin(brands, brands[sold]))
    return Market(sold, rivals, np.empty(0, np.intp))


def _brand(listing: Listing) -> str:
    return (listing.brand or listing.title.partition(" ")[0]).lower()


class Advertiser:
    """An advertiser with its catalog indexed; its products are not in the model's universe."""

    def __init__(
        self, model: UniversalModel, listings: Listings, market: Market, encode: Encode
    ) -> None:
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
            encode,
        )
        self._encode = encode

    def sample(
        self,
        shopper_terms: Sequence[str],
        rewrites: Mapping[Rewrite, float],
        rng: np.random.Generator,
    ) -> Sample:
        """Return the evidence of terms for this advertiser."""
        named = self._named(rng)
        return Sample.joined([named, self._meant(shopper_terms, rewrites, rng)])

    def _named(self, rng: np.random.Generator) -> Sample:
        """Return the evidence of own products' names, and of near misses."""
        listings = [self.listings.listings[i] for i in self.market.sold]
        sold = {word for listing in listings for word in words(listing.title)}
        chosen = [listings[i] for i in rng.integers(0, len(listings), NAMES + 2 * TERMS)]
        own = [term for one in chosen[:NAMES] if (term := name_query(one, rng))]
        made = [near_miss(one, sold, rng) for one in chosen[NAMES:]]
        misses = [one for one in made if one]
        evidence = self.evidence([*own, *(term for term, _ in misses)])
        is_own = np.arange(len(evidence)) < len(own)
        related = [True] * len(own) + [kind.related is True for _, kind in misses]
        clear = [True] * len(own) + [kind.related is not None for _, kind in misses]
        return Sample(evidence, is_own, ~is_own, np.array(related), np.array(clear))

    def evidence(self, terms: list[str]) -> Floats32:
        """Return the evidence of terms for the product that is best for each."""
        if not terms:
            return np.empty((0, len(FEATURES)), np.float32)
        return self.retriever.retrieve(terms, self._encode(terms), 1).features[:, 0]

    def _meant(
        self,
        shopper_terms: Sequence[str],
        rewrites: Mapping[Rewrite, float],
        rng: np.random.Generator,
    ) -> Sample:
        """Return the evidence of pseudo-queries, own ones first, and of real terms."""
        elsewhere = self.market.elsewhere
        others = [rng.choice(elsewhere, TERMS)] if len(elsewhere) else []
        sources = np.concatenate([rng.choice(self.market.sold, TERMS), *others, self._rivals(rng)])
        terms = [pseudo_query(self.listings.listings[i], rng, rewrites) for i in sources]
        if shopper_terms:
            terms += [shopper_terms[i] for i in rng.integers(0, len(shopper_terms), TERMS)]
        queries = self._encode(terms)
        evidence = self.retriever.retrieve(terms, queries, 1).features[:, 0]
        # The cosine of the term's source, or of the shopper's words, with the nearest own product.
        meant = np.concatenate([self.listings.vectors[sources], queries[len(sources) :]])
        nearest = self._nearest(meant)
        own, typed = np.arange(len(terms)) < TERMS, np.arange(len(terms)) >= len(sources)
        far = np.where(typed, nearest < FAR_WORDS, nearest < FAR)
        related = own | (~typed & (nearest >= RELATED))
        usable = ~typed | (nearest < NEAR_WORDS)
        clear, near = related | far, np.zeros(len(terms), bool)
        kept = (own[usable], near[usable], related[usable], clear[usable])
        return Sample(evidence[usable], *kept)

    def _rivals(self, rng: np.random.Generator) -> Rows:
        """Return rivals' products that are unlike anything sold, of at most 10 x TERMS drawn.

        There are up to twice as many as terms of another kind: they are the hard cases, and most
        terms that bring an impression are about the advertiser's kind of product.
        """
        drawn = rng.permutation(self.market.rivals)[: 10 * TERMS]
        return drawn[self._nearest(self.listings.vectors[drawn]) < NEAR][: 2 * TERMS]

    def _nearest(self, vectors: Vectors) -> Floats32:
        nearest: Floats32 = (vectors @ self.vectors.T).max(axis=1)
        return nearest
