"""Meaning and words fused into the order of products."""

import torch
from torch import Tensor

from admatch.match.words import Covered, Sought

# Words and phrases in units of cosine. On the judged queries of tests/benchmarks/retrieval.py
# everything between 0.3 and 0.6, and 0.1 and 0.3, is worth the same; titles that repeat a query's
# own attributes (images/fashion) would want more of both.
COVERAGE, PHRASES = 0.5, 0.2
# A term is a word or three: moved towards the mean of its first finds it says more of what is
# meant (Rocchio's feedback, with vectors).
FEEDBACK, FINDS = 0.6, 20


def rank_all(meaning: Tensor, covered: Covered) -> Tensor:
    """Return the score of every product, (n, products), from its ``meaning``, the cosine."""
    scores = torch.add(meaning, covered.singles, alpha=COVERAGE)
    return covered.add_phrases(scores, PHRASES)


def rank_some(meaning: Tensor, covered: Covered | Sought, items: Tensor) -> Tensor:
    """Return the score of given products, (n, k), from the cosine of each."""
    singles, phrases = covered.of(items)
    return torch.add(meaning, singles, alpha=COVERAGE).add_(phrases, alpha=PHRASES)


def moved(queries: Tensor, finds: Tensor, vectors: Tensor) -> Tensor:
    """Return unit queries (n, dim) moved towards the mean of what each found first, (n, f)."""
    mean = torch.nn.functional.embedding_bag(finds, vectors, mode="mean")
    return torch.nn.functional.normalize(torch.add(queries, mean, alpha=FEEDBACK), dim=-1)
