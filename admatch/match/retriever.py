"""Terms → ranked own products, each with the log-odds that the term is about it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from array_api_compat import array_namespace

from admatch.arrays import Array, Floats, Floats32, Ints, Vectors
from admatch.encode.device import device_for
from admatch.encode.product_pictures import Pictured
from admatch.generate.decoder import CodeScores, Decoder
from admatch.generate.generator import Generator
from admatch.match.lexical import TINY
from admatch.match.meaning import MeaningFeatures
from admatch.match.ranking import FEEDBACK, candidates
from admatch.match.relevance import FEATURES
from admatch.match.universal import UniversalModel
from admatch.match.word_vectors import Encode, WordVectors
from admatch.match.words import DenseCoverage, LazyCoverage, WordEvidence
from admatch.operations import (
    beside,
    dots,
    on,
    picked,
    rows,
    running_least,
    to_numpy,
    top,
)
from admatch.threads import steady_numpy

# Products that are generated, and as many that words find. Of 126,000 products they give what
# ranking them all does (nDCG@10 .663, recall@50 .751). Where generation scores every leaf it takes
# the better candidates of twice as many: .998 of the first tens of ranking all, .991 with as many.
POOL = 128


@dataclass(frozen=True)
class Retrieved:
    """The best products of n terms, best first.

    ``items`` and ``log_odds`` are (n, k), ``features`` (n, k, ``FEATURES``); where a term has
    fewer than k products, ``items`` is -1 and ``log_odds`` minus infinity. ``related_odds`` (n,)
    are the log-odds that a term is at least about the kind of the product ranked first.
    ``paths`` (n, depth) is each term's ID in the universe of generic products.
    """

    items: Ints
    log_odds: Floats32
    related_odds: Floats32
    features: Floats32
    paths: Ints

    @property
    def probability(self) -> Floats:
        """The probability, (n, k), that a term is about each product."""
        return _probability(self.log_odds)

    @property
    def related_probability(self) -> Floats:
        """The probability, (n,), that a term is at least about the kind of its first product."""
        return _probability(self.related_odds)

    @classmethod
    def nothing(cls) -> "Retrieved":
        """Return the result for no terms."""
        none = np.empty((0, 1), np.int64)
        features = np.empty((0, 1, len(FEATURES)), np.float32)
        return cls(none, none.astype(np.float32), none[:, 0].astype(np.float32), features, none)

    @classmethod
    def joined(cls, blocks: Sequence["Retrieved"], order: Sequence[int]) -> "Retrieved":
        """Return the rows of all blocks, concatenated and then taken in ``order``."""
        return cls(
            *(
                np.concatenate([getattr(block, column.name) for block in blocks])[list(order)]
                for column in fields(cls)
            )
        )


class Retriever:
    """Retrieves the products of one catalog.

    ``vectors`` (n, dim) are the products' unit vectors, in the order of ``generator``'s IDs;
    ``encode`` returns the vectors of single words; ``pictured`` are those of the products'
    pictures. A ``tuned`` decoder generates instead of the
    model's; the calibration was fitted to the model's, and to texts alone.
    """

    def __init__(
        self,
        model: UniversalModel,
        generator: Generator,
        vectors: Vectors,
        words: WordEvidence,
        encode: Encode,
        pictured: Pictured | None = None,
        tuned: Decoder | None = None,
    ) -> None:
        self.model, self.generator = model, generator
        self.ranking = model.ranking
        self.words = words
        self._word_vectors = WordVectors(encode) if model.relevance.compares_words else None
        self._device = device_for(vectors)
        self._model, self._generator = model.to(self._device), generator.to(self._device)
        self._tuned = tuned.to(self._device) if tuned else None
        meaning = MeaningFeatures.of(vectors, pictured, model.generic)
        self._lift, self._pictured = meaning.lift, pictured is not None
        self._vectors = on(self._device, meaning.vectors)

    @steady_numpy()
    def retrieve(self, terms: Sequence[str], vectors: Vectors, k: int) -> Retrieved:
        """Return the k best products of each term; ``vectors`` (n, dim) are the terms'."""
        queries = on(self._device, vectors)
        codes = self._model.decoder(queries)
        covered = self._covered(terms)
        tuned = self._tuned(queries) if self._tuned else codes
        queries = self._model.aligned(queries)
        items, score = self._ranked(queries, tuned, covered, k)
        xp = array_namespace(items)
        missing = items < 0
        items = xp.where(missing, 0, items)
        known, shape = to_numpy(items), score.shape
        evidence = (*covered.of(known), *self.words.met(terms, known, self._word_vectors))
        free, paths = self._model.decode_freely(codes)
        same = xp.astype(self._generator.paths(items) == paths[:, None], score.dtype)
        features = xp.stack(
            [
                score - self._lift,
                dots(self._vectors, items, queries) - self._lift,
                *(beside(part, score) for part in evidence),
                free[:, None] - self._generator.score(codes, items),
                xp.broadcast_to(free[:, None], shape),
                xp.sum(xp.cumulative_prod(same, axis=-1)[..., 1:], axis=-1),
                xp.full_like(score, math.log(len(self.generator))),
            ],
            axis=-1,
        )
        features[missing] = 0.0
        # No product gets higher odds than the one ranked before it.
        relevance = self.model.relevance
        odds = running_least(relevance.own.log_odds(features))
        # A term about a product is also about that kind of product.
        related = xp.maximum(relevance.related.log_odds(features[:, 0]), odds[:, 0])
        items[missing], odds[missing] = -1, -np.inf
        return Retrieved(*map(to_numpy, (items, odds, related, features, paths)))

    @steady_numpy()
    def similarity(self, vectors: Vectors) -> Vectors:
        """Return each product's similarity to queries in meaning, (queries, products)."""
        queries = self._model.aligned(on(self._device, vectors))
        return to_numpy(queries @ self._vectors.T)

    def _covered(self, terms: Sequence[str]) -> DenseCoverage | LazyCoverage:
        words = self.words
        exhaustive = self.generator.exhaustive
        return words.dense_coverage(terms) if exhaustive else words.lazy_coverage(terms)

    def _ranked(
        self, queries: Array, codes: CodeScores, covered: DenseCoverage | LazyCoverage, k: int
    ) -> tuple[Array, Array]:
        """Return the best products (n, at most k) and their scores, best first, -1 for none.

        The candidates are generated, or found by their words. They are ranked by their exact
        vectors, with each query moved towards its first finds, and after the first few with the
        scores of each product's neighbours.
        """
        xp, count = array_namespace(queries), len(self.generator)
        pool = 2 * POOL if self.generator.exhaustive else POOL
        generated = self._generator.generate(codes, min(max(pool, 2 * k), count)).items
        best, first = self._best_of(queries, generated, covered, min(candidates(k), count))
        moved = self.ranking.moved(queries, first, self._vectors)
        empty = best < 0
        items = xp.where(empty, 0, best)
        vectors = rows(self._vectors, items)
        cosine = (vectors @ moved[..., None])[..., 0]
        # The shortlist is in catalog order, which products with equal scores keep.
        score = self.ranking.rank_some(cosine, covered, to_numpy(items))
        score[empty] = -np.inf
        column, score = self.ranking.ordered(score, vectors, k)
        return xp.where(score == -np.inf, -1, picked(items, column)), score

    def _best_of(
        self,
        queries: Array,
        generated: Array,
        covered: DenseCoverage | LazyCoverage,
        width: int,
    ) -> tuple[Array, Array]:
        """Return the best products by meaning and words, (n, width), and the first of them.

        They come in catalog order, with -1 for none.
        """
        xp = array_namespace(queries)
        phrases = self.ranking.phrases / max(self.ranking.coverage, TINY)
        items = _united(generated, beside(covered.best(POOL, phrases), queries))
        if self.generator.exhaustive:  # one product of matrices is faster than looking vectors up
            every = queries @ self._vectors.T
            if self._pictured:  # IDs are those of texts: what only pictures show is not generated
                items = _united(items, top(every, POOL))
        empty = items < 0
        items = xp.where(empty, 0, items)
        meaning = (
            picked(every, items)
            if self.generator.exhaustive
            else dots(self._vectors, items, queries)
        )
        scores = self.ranking.rank_some(meaning, covered, to_numpy(items))
        scores[empty] = -np.inf
        found = top(scores, width)
        best = picked(items, found)
        shortlist = xp.where(picked(scores, found) == -np.inf, -1, best)
        return xp.sort(shortlist, axis=1), best[:, :FEEDBACK]


def _united(some: Array, others: Array) -> Array:
    """Return the products (n, …) of both, sorted, with -1 for repeats."""
    xp = array_namespace(some)
    items = xp.sort(xp.concat([some, others], axis=1), axis=1)
    repeated = items[:, 1:] == items[:, :-1]
    items[:, 1:] = xp.where(repeated, -1, items[:, 1:])
    return items


def _probability(log_odds: Floats32) -> Floats:
    return 1 / (1 + np.exp(-log_odds.astype(np.float64)))
