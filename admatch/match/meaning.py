"""One vector for each product's meaning, from its text and its picture: ``MeaningFeatures``."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from admatch.arrays import Vectors
from admatch.encode.product_pictures import Pictured
from admatch.threads import steady_numpy

# The picture's weight beside the text where all pictures agree with their texts. With a larger
# weight more products with uninformative texts are found, and more foreign terms seem to be one's
# own (tests/benchmarks/hidden_words.py).
PICTURE = 0.6
CHUNK = 65_536  # products compared with the generic queries at once: 130 MB
SAMPLE, SEED = 512, 7  # products on which the agreement of pictures and texts is measured


@dataclass(frozen=True)
class MeaningFeatures:
    """Vectors (n, dim), not of unit length; the inner product with a query is its similarity.

    A product's vector is that of its text plus the difference of its picture from the catalog's
    mean picture, weighted by how well the catalog's pictures and texts agree: where the image
    model knows nothing about the products, pictures count for nothing. ``lift`` is the mean rise in
    similarity between a generic query and its best product.
    """

    vectors: Vectors
    lift: float = 0.0

    @classmethod
    @steady_numpy()
    def of(
        cls, texts: Vectors, pictured: Pictured | None, generic: Callable[[], Vectors]
    ) -> "MeaningFeatures":
        """Return the meaning of products; ``generic`` returns queries (m, dim) of all kinds."""
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
    """Return each query's similarity to the most similar of any number of products."""
    parts = np.array_split(vectors, 1 + len(vectors) // CHUNK)
    best: Vectors = np.max([(queries @ part.T).max(1) for part in parts], axis=0)
    return best


def _share(texts: Vectors, pictures: Vectors) -> float:
    """Return the weight of pictures, 0 … about 1: how well they identify their own text.

    It is scaled so that texts and pictures separate products equally far.
    """
    some = np.random.default_rng(SEED).permutation(len(texts))[:SAMPLE]
    similarity = texts[some] @ pictures[some].T
    others = ~np.eye(len(some), dtype=bool)
    scale = (texts[some] @ texts[some].T)[others].std() / max(similarity[others].std(), 1e-9)
    return max(0.0, 2 * _own_ahead(similarity) - 1) * float(scale)


def _own_ahead(similarity: Vectors) -> float:
    """Return the share of other pictures that are farther from a text than its own, 0 … 1."""
    own = similarity.diagonal()[:, None]
    equal = (similarity == own).sum(1) - 1
    farther = (similarity < own).sum(1) + equal / 2
    return float(farther.mean() / (len(similarity) - 1))
