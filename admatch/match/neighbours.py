"""The products near another one in the ID tree."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from admatch.arrays import SemanticIds, Vectors


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A product near another one in the ID tree, with the cosine of their vectors."""

    product_id: str
    title: str
    semantic_id: str
    shared_codes: int
    similarity: float


def neighbours_of(
    row: int, products: pl.DataFrame, ids: SemanticIds, vectors: Vectors, k: int
) -> list[Neighbour]:
    """Return the k products nearest to the one in ``row``: by shared codes, then by cosine.

    ``products`` (n rows) holds ``product_id``, ``title`` and ``semantic_id``; ``ids`` are their
    codes (n, depth), modality first, ``vectors`` (n, dim) of unit length.
    """
    shared = np.logical_and.accumulate(ids == ids[row], axis=1)[:, 1:].sum(axis=1)
    cosine = vectors @ vectors[row]
    nearest = [i for i in np.lexsort((-cosine, -shared)) if i != row][:k]
    return [
        Neighbour(
            **products.row(int(i), named=True),
            shared_codes=int(shared[i]),
            similarity=float(cosine[i]),
        )
        for i in nearest
    ]
