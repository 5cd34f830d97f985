"""How sure it is that a term is about a product, or about none: log-odds from four features."""

from dataclasses import dataclass

import torch
from torch import Tensor

# In this order. ``departure`` is how much better a term's meaning is met by a generic product,
# generated freely over the universe, than by this one: both scores from IDs alone. Large catalogs
# hold a near neighbour of anything, so the same cosine means less there: hence ``log_size``.
FEATURES = ("cosine", "coverage", "departure", "log_size")


@dataclass(frozen=True, slots=True)
class Belonging:
    """Logistic regression over ``FEATURES``; ``weights`` in their order.

    It ranks as well as it judges: of one term, the product most probably meant comes first.
    """

    weights: tuple[float, ...]
    bias: float

    def rank_coarsely(self, cosine: Tensor, coverage: Tensor) -> Tensor:
        """Return what ranks products (n, c) nearly as their log-odds do, without their IDs.

        The score that an ID gives estimates the cosine, so the cosine stands in for it.
        """
        of_cosine, of_coverage, of_departure, _ = self.weights
        return torch.add(coverage, cosine, alpha=(of_cosine - of_departure) / of_coverage)

    def log_odds(self, features: Tensor) -> Tensor:
        """Return the log-odds, (…), that a product is what its term is about.

        ``features`` is (…, len(FEATURES)).
        """
        return features @ torch.tensor(self.weights) + self.bias
