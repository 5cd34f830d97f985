"""Features → the log-odds that a term is about a product, or about that kind of product."""

from dataclasses import dataclass

import numpy as np

from admatch.arrays import Array
from admatch.operations import beside

# In this order. ``score`` ranks the products, ``cosine`` is the plain cosine. ``agreeing`` and
# ``contradicting`` count attributes: sizes, colours, models. ``head`` is 1 where the title has the
# word that says what the term is, ``missing`` the share of its words that the title lacks; how near
# a word of the title comes to the least met one is ``least``, to the head ``nearest``. Three come
# from IDs alone: ``free`` is the score of the best generic product, generated freely over the
# universe; ``departure`` is how much better it fits the term than this product does; ``shared`` is
# the number of leading codes that the two have in common. Large catalogs hold a near neighbour of
# anything, so the same cosine means less there: hence ``log_size``.
FEATURES = (
    "score", "cosine", "coverage", "phrases", "agreeing", "contradicting", "head", "missing",
    "least", "nearest", "departure", "free", "shared", "log_size",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression over ``FEATURES``; ``weights`` in their order."""

    weights: tuple[float, ...]
    bias: float

    def log_odds(self, features: Array) -> Array:
        """Return the log-odds (…) of features (…, len(FEATURES))."""
        return features @ beside(np.array(self.weights, np.float32), features) + self.bias


@dataclass(frozen=True, slots=True)
class RelevanceModel:
    """Two models of a term and a product.

    ``own`` gives the odds that the term is about the product, ``related`` the odds that it is at
    least about that kind of product.
    """

    own: Logistic
    related: Logistic

    @property
    def compares_words(self) -> bool:
        """Whether it looks at how near single words are, for which they have to be encoded."""
        rows = [FEATURES.index(name) for name in ("least", "nearest")]
        return any(one.weights[row] for one in (self.own, self.related) for row in rows)
