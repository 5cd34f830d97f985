"""Meaning and words fused into the order of products: ``rank_score``."""

import torch
from torch import Tensor

# Words and phrases in units of cosine. On the judged queries of tests/benchmarks/retrieval.py
# everything between 0.3 and 0.6, and 0.1 and 0.3, is worth the same; titles that repeat a query's
# own attributes (images/fashion) would want more of both.
COVERAGE, PHRASES = 0.5, 0.2
# A term is a word or three: moved towards the mean of its first finds it says more of what is
# meant (Rocchio's feedback, with vectors).
FEEDBACK, FINDS = 0.6, 20


def rank_score(meaning: Tensor, coverage: Tensor, phrases: Tensor) -> Tensor:
    """Return the score that ranks products: cosine, and the share of the term that words cover."""
    return torch.add(meaning, coverage, alpha=COVERAGE).add_(phrases, alpha=PHRASES)


def moved(queries: Tensor, finds: Tensor) -> Tensor:
    """Return unit queries (n, dim) moved towards the mean of what each found first, (n, f, dim)."""
    return torch.nn.functional.normalize(queries + FEEDBACK * finds.mean(1), dim=-1)
