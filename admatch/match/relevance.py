"""How sure it is that a term is about a product, or about none: log-odds from features."""

from dataclasses import dataclass

import torch
from torch import Tensor

# In this order. ``score`` is the one that ranks, ``cosine`` the plain one. From IDs alone come
# ``departure``, how much better a term's meaning is met by a generic product, generated freely
# over the universe, than by this one; ``free``, how well that one meets it; and ``shared``, how
# many leading codes the two have in common. Large catalogs hold a near neighbour of anything, so
# the same cosine means less there: hence ``log_size``.
FEATURES = (
    "score", "cosine", "coverage", "phrases", "departure", "free", "shared", "log_size",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression over ``FEATURES``; ``weights`` in their order."""

    weights: tuple[float, ...]
    bias: float

    def log_odds(self, features: Tensor) -> Tensor:
        """Return the log-odds (…) of features (…, len(FEATURES))."""
        return features @ torch.tensor(self.weights).to(features.device) + self.bias


@dataclass(frozen=True, slots=True)
class RelevanceModel:
    """``own``: a product is what its term is about. ``akin``: it is at least of that kind."""

    own: Logistic
    akin: Logistic
