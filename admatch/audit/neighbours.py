"""The nearest neighbours of every product, without an array of all pairs."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from admatch.encode.protocol import Vectors

BLOCK_SCORES = 2**24  # cosines at a time: 64 MB


class Nearest(NamedTuple):
    """The k nearest others of each product (n, k), nearest first, and their cosines."""

    others: npt.NDArray[np.int64]
    cosines: npt.NDArray[np.float32]


def nearest(vectors: Vectors, k: int) -> Nearest:
    """Return the k nearest others of each unit vector (n, dim); ties keep the catalog's order."""
    size = len(vectors)
    k = min(k, max(size - 1, 0))
    others = np.empty((size, k), np.int64)
    cosines = np.empty((size, k), np.float32)
    step = max(1, BLOCK_SCORES // max(size, 1))
    for start in range(0, size if k else 0, step):
        rows = np.arange(start, min(start + step, size))
        likeness = vectors[rows] @ vectors.T
        likeness[rows - start, rows] = -np.inf
        best = np.argpartition(-likeness, k - 1, axis=1)[:, :k]
        best.sort(axis=1)
        near = np.take_along_axis(likeness, best, axis=1)
        order = np.argsort(-near, axis=1, kind="stable")
        others[rows] = np.take_along_axis(best, order, axis=1)
        cosines[rows] = np.take_along_axis(near, order, axis=1)
    return Nearest(others, cosines)
