"""The ranking of products, from meaning and words together."""

from dataclasses import dataclass

import numpy as np
from array_api_compat import array_namespace

from admatch.arrays import Array, Ints
from admatch.match.words import DenseCoverage, LazyCoverage
from admatch.operations import beside, normalized, picked, rows, top

FEEDBACK = 20  # first finds that a query is moved towards
# As far as these agree, which the length of their mean tells: from 0.8 on by the whole weight,
# with 0.6 and less not at all. Always moving by the same helps the 261 queries that
# it was chosen on (nDCG@10 .812, without .809) and hurts 1,074 others (MRR .767, without .773);
# moving as they agree helps both (.813, .774).
LOOSE, TIGHT = 0.6, 0.8
# After the first few, half of a product's score is the mean score of its ten nearest neighbours
# among a hundred candidates. On the judged queries recall@50 rises from .904 to .916 and nDCG@10
# from .801 to .810 (with .3 to .6 instead of half: about the same). With the first few ranked this
# way too, nDCG@1 would fall from .832 to .822.
ALONE, NEIGHBOURS, SHARE, CANDIDATES = 5, 10, 0.5, 100


@dataclass(frozen=True, slots=True)
class Ranking:
    """The weights of words, phrases and attributes beside meaning, in units of cosine.

    On the judged queries of tests/benchmarks/retrieval.py all weights of words from 0.3 to 0.6 and
    of phrases from 0.1 to 0.3 are equally good; titles that repeat a query's attributes
    (images/fashion) would need more of both. A term has few words: moved towards the mean of its
    first finds, as far as these agree, it describes better what is meant (Rocchio's ``feedback``,
    with vectors). A hose of another size has the same words, so attributes that agree and
    contradict count beside them.
    """

    coverage: float = 0.5
    phrases: float = 0.2
    feedback: float = 0.6
    agreeing: float = 0.05
    contradicting: float = -0.15

    def rank_some(
        self, meaning: Array, covered: DenseCoverage | LazyCoverage, items: Ints
    ) -> Array:
        """Return the score of given products, (n, k); ``meaning`` are their cosines."""
        weights = (self.coverage, self.phrases, self.agreeing, self.contradicting)
        scores = meaning
        for part, weight in zip(covered.of(items), weights, strict=True):
            scores = scores + weight * beside(part, meaning)
        return scores

    def ordered(self, scores: Array, vectors: Array, k: int) -> tuple[Array, Array]:
        """Return the best candidates' columns and their ranking scores, both (n, at most k).

        ``scores`` (n, c) are minus infinity where there is no candidate, and such columns come
        last; ``vectors`` are (n, c, dim).
        """
        xp = array_namespace(scores)
        best = xp.argsort(scores, axis=1, descending=True, stable=True)
        if k > ALONE:
            mixed = _with_neighbours(scores, vectors)
            first, rest = best[:, :ALONE], best[:, ALONE:]
            order = xp.argsort(picked(mixed, rest), axis=1, descending=True, stable=True)
            rest = picked(rest, order)
            scores = xp.concat([picked(scores, first), picked(mixed, rest)], axis=1)
            return xp.concat([first, rest], axis=1)[:, :k], scores[:, :k]
        best = best[:, :k]
        return best, picked(scores, best)

    def moved(self, queries: Array, first: Array, vectors: Array) -> Array:
        """Return unit queries (n, dim) moved towards the mean of their first finds, (n, f)."""
        xp = array_namespace(queries)
        mean = xp.mean(rows(vectors, first), axis=1)
        length = xp.linalg.vector_norm(mean, axis=1, keepdims=True)
        agreeing = xp.clip((length - LOOSE) / (TIGHT - LOOSE), 0, 1)
        return normalized(queries + self.feedback * agreeing * mean)


def candidates(k: int) -> int:
    """Return how many products are scored exactly to find the best k."""
    return max(FEEDBACK if k <= ALONE else CANDIDATES, 2 * k)


def _with_neighbours(scores: Array, vectors: Array) -> Array:
    """Return the scores mixed with the mean score of each candidate's nearest neighbours."""
    xp = array_namespace(scores)
    n, count = scores.shape
    none, own = scores == -np.inf, beside(np.arange(count), scores)
    near = vectors @ xp.permute_dims(vectors, (0, 2, 1))
    near = xp.where(none[:, None] | (own == own[:, None]), -np.inf, near)
    nearest = top(near, min(NEIGHBOURS, count - 1))
    theirs = xp.reshape(picked(scores, xp.reshape(nearest, (n, -1))), nearest.shape)
    there = (theirs > -np.inf) & (nearest != own[:, None])
    found = xp.sum(xp.astype(there, scores.dtype), axis=2)
    mean = xp.sum(xp.where(there, theirs, 0.0), axis=2) / xp.where(found > 0, found, 1)
    mixed = (1 - SHARE) * scores + SHARE * xp.where(found > 0, mean, scores)
    return xp.where(none, -np.inf, mixed)
