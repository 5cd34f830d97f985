"""What products mean by their texts and by their pictures, one vector each: ``MeaningFeatures``."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from admatch.encode.product_pictures import Pictured
from admatch.encode.protocol import Vectors

# What a picture says beside the text, where all pictures agree with their texts. The more it is,
# the more products are found whose words are hidden, and the surer others' terms seem one's own
# (tests/benchmarks/hidden_words.py).
PICTURE = 0.6
CHUNK = 65_536  # products compared with the generic queries at once: 130 MB
SAMPLE, SEED = 512, 7  # products that tell how well pictures and texts agree


@dataclass(frozen=True)
class MeaningFeatures:
    """Vectors (n, dim), not of unit length, whose products with a query say how near it is.

    To a product's text is added how its picture departs from the catalog's mean picture, as far
    as pictures and texts of the catalog agree: where the image encoder knows nothing of what is
    sold, they count nothing. ``lift`` is how much nearer that brings the best product of a query
    about nothing in particular.
    """

    vectors: Vectors
    lift: float = 0.0

    @classmethod
    def of(
        cls, texts: Vectors, pictured: Pictured | None, generic: Callable[[], Vectors]
    ) -> "MeaningFeatures":
        """Return the meaning of products; ``generic`` makes queries (m, dim) of all kinds."""
        if pictured is None or len(pictured.products) < 2:
            return cls(texts)
        share = PICTURE * _share(texts[pictured.products], pictured.vectors)
        if not share:
            return cls(texts)
        vectors = texts.copy()
        vectors[pictured.products] += share * (pictured.vectors - pictured.vectors.mean(0))
        queries = generic()
        return cls(vectors, float((_best(queries, vectors) - _best(queries, texts)).mean()))


def _best(queries: Vectors, vectors: Vectors) -> Vectors:
    """Return how near the nearest of any number of products comes to each query."""
    parts = np.array_split(vectors, 1 + len(vectors) // CHUNK)
    best: Vectors = np.max([(queries @ part.T).max(1) for part in parts], axis=0)
    return best


def _share(texts: Vectors, pictures: Vectors) -> float:
    """Return what pictures count, 0 … about 1: how well they tell their own text from others.

    In units in which texts and pictures tell products apart equally far.
    """
    some = np.random.default_rng(SEED).permutation(len(texts))[:SAMPLE]
    likeness = texts[some] @ pictures[some].T
    others = ~np.eye(len(some), dtype=bool)
    apart = (texts[some] @ texts[some].T)[others].std() / max(likeness[others].std(), 1e-9)
    return max(0.0, 2 * _own_ahead(likeness) - 1) * float(apart)


def _own_ahead(likeness: Vectors) -> float:
    """Return which share of the other pictures are farther from a text than its own, 0 … 1."""
    own = likeness.diagonal()[:, None]
    equal = (likeness == own).sum(1) - 1
    farther = (likeness < own).sum(1) + equal / 2
    return float(farther.mean() / (len(likeness) - 1))
