"""The ranking of products, from meaning and words together."""

from dataclasses import dataclass

import torch
from torch import Tensor

from admatch.match.words import DenseCoverage, LazyCoverage

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
        self, meaning: Tensor, covered: DenseCoverage | LazyCoverage, items: Tensor
    ) -> Tensor:
        """Return the score of given products, (n, k); ``meaning`` are their cosines."""
        weights = (self.coverage, self.phrases, self.agreeing, self.contradicting)
        scores = meaning.clone()
        for part, weight in zip(covered.of(items), weights, strict=True):
            scores.add_(part, alpha=weight)
        return scores

    def ordered(self, scores: Tensor, vectors: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Return the best candidates' columns and their ranking scores, both (n, at most k).

        ``scores`` (n, c) are minus infinity where there is no candidate, and such columns come
        last; ``vectors`` are (n, c, dim).
        """
        scores, best = scores.sort(dim=1, descending=True, stable=True)
        if k > ALONE:
            scores, best = (part[:, : candidates(k)] for part in (scores, best))
            rows = best + vectors.shape[1] * torch.arange(len(best), device=best.device)[:, None]
            vectors = vectors.flatten(0, 1).index_select(0, rows.flatten()).view(*best.shape, -1)
            mixed = _with_neighbours(scores, vectors)[:, ALONE:]
            others = mixed.sort(dim=1, descending=True, stable=True)
            scores = torch.cat([scores[:, :ALONE], others.values], dim=1)
            best = torch.cat([best[:, :ALONE], best[:, ALONE:].gather(1, others.indices)], dim=1)
        return best[:, :k], scores[:, :k]

    def moved(self, queries: Tensor, first: Tensor, vectors: Tensor) -> Tensor:
        """Return unit queries (n, dim) moved towards the mean of their first finds, (n, f)."""
        mean = torch.nn.functional.embedding_bag(first, vectors, mode="mean")
        agreeing = ((mean.norm(dim=1, keepdim=True) - LOOSE) / (TIGHT - LOOSE)).clamp(0, 1)
        moved = torch.add(queries, agreeing * mean, alpha=self.feedback)
        return torch.nn.functional.normalize(moved, dim=-1)


def candidates(k: int) -> int:
    """Return how many products are scored exactly to find the best k."""
    return max(FEEDBACK if k <= ALONE else CANDIDATES, 2 * k)


def _with_neighbours(scores: Tensor, vectors: Tensor) -> Tensor:
    """Return the scores mixed with the mean score of each candidate's nearest neighbours."""
    none = scores == -torch.inf
    near = torch.bmm(vectors, vectors.transpose(1, 2)).masked_fill_(none[:, None], -torch.inf)
    near.diagonal(dim1=1, dim2=2).fill_(-torch.inf)
    nearest = near.topk(min(NEIGHBOURS, scores.shape[1] - 1))
    there = nearest.values > -torch.inf
    theirs = torch.take_along_dim(scores[:, None], nearest.indices, 2).where(there, 0.0)
    count = there.sum(2)
    mean = (theirs.sum(2) / count.clamp(min=1)).where(count > 0, scores)
    return torch.lerp(scores, mean, SHARE).masked_fill_(none, -torch.inf)
