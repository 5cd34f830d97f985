"""The products around one in the ID tree."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.encode.protocol import Vectors


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A product near another in the ID tree: leading codes shared, cosine of their vectors."""

    product_id: str
    title: str
    semantic_id: str
    shared_codes: int
    similarity: float


def neighbours_of(
    place: int, products: pl.DataFrame, ids: npt.NDArray[np.integer], vectors: Vectors, k: int
) -> list[Neighbour]:
    """Return the k products nearest to the one at ``place``: by leading codes, then by cosine.

    ``products`` (n rows) tells ``product_id``, ``title`` and ``semantic_id``; ``ids`` are their
    codes (n, depth), modality first, ``vectors`` (n, dim) of unit length.
    """
    shared = np.logical_and.accumulate(ids == ids[place], axis=1)[:, 1:].sum(axis=1)
    cosine = vectors @ vectors[place]
    nearest = [i for i in np.lexsort((-cosine, -shared)) if i != place][:k]
    return [
        Neighbour(
            **products.row(int(i), named=True),
            shared_codes=int(shared[i]),
            similarity=float(cosine[i]),
        )
        for i in nearest
    ]
