"""How sure it is that a term is about a product, or about none: a calibrated probability."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# In this order. ``departure`` is how much better a term's meaning is met by a generic product,
# generated freely over the universe, than by this one: both scores from IDs alone. Large catalogs
# hold a near neighbour of anything, so the same cosine means less there: hence ``log_size``.
FEATURES = ("cosine", "coverage", "departure", "log_size")


@dataclass(frozen=True, slots=True)
class Belonging:
    """Logistic regression over ``FEATURES``; ``weights`` in their order."""

    weights: tuple[float, ...]
    bias: float

    def probability(self, features: Floats) -> Floats:
        """Return the probability, 0 … 1, that each product is what its term is about.

        ``features`` is (…, len(FEATURES)); the result drops the last axis.
        """
        logit = features @ np.asarray(self.weights, dtype=np.float32) + self.bias
        sure: Floats = (1 / (1 + np.exp(-logit))).astype(np.float32)
        return sure
