"""Meaning and words fused into the order of products."""

from dataclasses import dataclass

import torch
from torch import Tensor

from admatch.match.words import Covered, Sought

FINDS = 20  # products that a term is moved towards


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

    def rank_all(self, meaning: Tensor, covered: Covered) -> Tensor:
        """Return the score of every product, (n, products), from its ``meaning``, the cosine."""
        scores = torch.add(meaning, covered.singles, alpha=self.coverage)
        return covered.add_phrases(scores, self.phrases)

    def rank_some(self, meaning: Tensor, covered: Covered | Sought, items: Tensor) -> Tensor:
        """Return the score of given products, (n, k), from the cosine of each."""
        singles, phrases = covered.of(items)
        scores = torch.add(meaning, singles, alpha=self.coverage)
        return scores.add_(phrases, alpha=self.phrases)

    def moved(self, queries: Tensor, finds: Tensor, vectors: Tensor) -> Tensor:
        """Return unit queries (n, dim) moved towards the mean of what each found first, (n, f)."""
        mean = torch.nn.functional.embedding_bag(finds, vectors, mode="mean")
        moved = torch.add(queries, mean, alpha=self.feedback)
        return torch.nn.functional.normalize(moved, dim=-1)
