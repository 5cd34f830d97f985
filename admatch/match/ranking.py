"""Meaning and words fused into the order of products."""

from dataclasses import dataclass

import torch
from torch import Tensor

from admatch.match.words import DenseCoverage, LazyCoverage

FINDS = 20  # products that a term is moved towards
# Beyond the first few a product is as good as those that it is like: half of its score is then the
# mean of its ten nearest among a hundred candidates. On the judged queries recall@50 rises so from
# .904 to .916 and nDCG@10 from .801 to .810 (.3 to .6 instead of half: about the same); were the
# first few ranked by it, too, nDCG@1 would fall from .832 to .822.
ALONE, KIN, SHARE, CANDIDATES = 5, 10, 0.5, 100


@dataclass(frozen=True, slots=True)
class Ranking:
    """What words and phrases count beside meaning, in units of cosine, and feedback in queries.

    On the judged queries of tests/benchmarks/retrieval.py everything between 0.3 and 0.6, and 0.1
    and 0.3, is worth the same; titles that repeat a query's own attributes (images/fashion) would
    want more of both. A term is a word or three: moved towards the mean of its first finds it says
    more of what is meant (Rocchio's feedback, with vectors).
    """

    coverage: float = 0.5
    phrases: float = 0.2
    feedback: float = 0.6

    def rank_all(self, meaning: Tensor, covered: DenseCoverage) -> Tensor:
        """Return the score of every product, (n, products), from its ``meaning``, the cosine."""
        scores = torch.add(meaning, covered.singles, alpha=self.coverage)
        return covered.add_phrases(scores, self.phrases)

    def rank_some(
        self, meaning: Tensor, covered: DenseCoverage | LazyCoverage, items: Tensor
    ) -> Tensor:
        """Return the score of given products, (n, k), from the cosine of each."""
        singles, phrases = covered.of(items)
        scores = torch.add(meaning, singles, alpha=self.coverage)
        return scores.add_(phrases, alpha=self.phrases)

    def ordered(self, scores: Tensor, vectors: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Return the best candidates' places and the scores that rank them, both (n, at most k).

        ``scores`` (n, c) are minus infinity for none, which come last; ``vectors`` (n, c, dim).
        """
        scores, best = scores.sort(dim=1, descending=True, stable=True)
        if k > ALONE:
            scores, best = (part[:, : candidates(k)] for part in (scores, best))
            rows = best + vectors.shape[1] * torch.arange(len(best), device=best.device)[:, None]
            vectors = vectors.flatten(0, 1).index_select(0, rows.flatten()).view(*best.shape, -1)
            others = _spread(scores, vectors)[:, ALONE:].sort(dim=1, descending=True, stable=True)
            scores = torch.cat([scores[:, :ALONE], others.values], dim=1)
            alike = best[:, ALONE:].gather(1, others.indices)
            best = torch.cat([best[:, :ALONE], alike], dim=1)
        return best[:, :k], scores[:, :k]

    def moved(self, queries: Tensor, finds: Tensor, vectors: Tensor) -> Tensor:
        """Return unit queries (n, dim) moved towards the mean of what each found first, (n, f)."""
        mean = torch.nn.functional.embedding_bag(finds, vectors, mode="mean")
        moved = torch.add(queries, mean, alpha=self.feedback)
        return torch.nn.functional.normalize(moved, dim=-1)


def candidates(k: int) -> int:
    """Return how many products are looked at closely where the best k are asked for."""
    return max(FINDS if k <= ALONE else CANDIDATES, 2 * k)


def _spread(scores: Tensor, vectors: Tensor) -> Tensor:
    """Return scores mixed with the mean of those of the nearest candidates."""
    none = scores == -torch.inf
    near = torch.bmm(vectors, vectors.transpose(1, 2)).masked_fill_(none[:, None], -torch.inf)
    near.diagonal(dim1=1, dim2=2).fill_(-torch.inf)
    nearest = near.topk(min(KIN, scores.shape[1] - 1))
    there = nearest.values > -torch.inf
    like = torch.take_along_dim(scores[:, None], nearest.indices, 2).where(there, 0.0)
    count = there.sum(2)
    mean = (like.sum(2) / count.clamp(min=1)).where(count > 0, scores)
    return torch.lerp(scores, mean, SHARE).masked_fill_(none, -torch.inf)
