"""Vectors → codebooks."""

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans

from admatch.arrays import Vectors
from admatch.ids.codebooks import Codebooks, nearest_code

DETAIL_CODES = 256  # one byte each


def fit_codebooks(vectors: Vectors, sizes: tuple[int, ...], subspaces: int, seed: int) -> Codebooks:
    """Return codebooks fitted to unit vectors (n, dim): ``sizes`` codes at each residual level.

    RK-means: each level is a k-means of the remainder of the levels before it (in GRID's
    experiments no worse than RQ-VAE). ``subspaces`` divides dim; each takes one detail byte a
    vector. A level has at most one code for every two vectors.
    """
    remainder, levels, most = vectors, [], max(1, len(vectors) // 2)
    for depth, size in enumerate(sizes):
        book = _centres(remainder, min(size, most), seed + depth)
        remainder = remainder - book[nearest_code(remainder, book)]
        levels.append(book)
    parts = np.split(remainder, subspaces, axis=1)
    codes = min(DETAIL_CODES, most)
    detail = [_centres_of_detail(part, codes, seed + i) for i, part in enumerate(parts)]
    return Codebooks(tuple(levels), np.stack(detail))


def _centres(vectors: Vectors, size: int, seed: int) -> Vectors:
    fitted = KMeans(size, n_init=1, max_iter=50, random_state=seed).fit(vectors)
    centres: Vectors = fitted.cluster_centers_.astype(np.float32)
    return centres


def _centres_of_detail(vectors: Vectors, codes: int, seed: int) -> Vectors:
    # These are many small problems with plenty of data: mini-batches lose nothing measurable.
    fitted = MiniBatchKMeans(codes, n_init=1, batch_size=4096, random_state=seed)
    centres: Vectors = fitted.fit(vectors).cluster_centers_.astype(np.float32)
    return centres
