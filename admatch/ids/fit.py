"""Vectors → codebooks."""

import numpy as np
import numpy.typing as npt
import torch
from sklearn.cluster import KMeans, MiniBatchKMeans
from torch import Tensor

from admatch.ids.codebooks import Codebooks, nearest_code

DETAIL_CODES = 256  # one byte each


def fit_codebooks(
    vectors: npt.NDArray[np.float32], sizes: tuple[int, ...], subspaces: int, seed: int
) -> Codebooks:
    """Return codebooks fitted to unit vectors (n, dim): ``sizes`` codes at each residual level.

    RK-means: each level is a k-means of what the levels before leave over (GRID finds it no worse
    than RQ-VAE). ``subspaces`` divides dim; each takes one detail byte a vector. A level has at
    most one code for every two vectors.
    """
    rest, levels, most = torch.from_numpy(vectors), [], max(1, len(vectors) // 2)
    for depth, size in enumerate(sizes):
        book = _centres(rest.numpy(), min(size, most), seed + depth)
        rest = rest - book[nearest_code(rest, book)]
        levels.append(book)
    parts = rest.view(len(rest), subspaces, -1).unbind(1)
    codes = min(DETAIL_CODES, most)
    detail = [_centres_of_detail(part.numpy(), codes, seed + i) for i, part in enumerate(parts)]
    return Codebooks(tuple(levels), torch.stack(detail))


def _centres(vectors: npt.NDArray[np.float32], size: int, seed: int) -> Tensor:
    fitted = KMeans(size, n_init=1, max_iter=50, random_state=seed).fit(vectors)
    return torch.from_numpy(fitted.cluster_centers_.astype(np.float32))


def _centres_of_detail(vectors: npt.NDArray[np.float32], codes: int, seed: int) -> Tensor:
    # Many small problems with plenty of data: mini-batches lose nothing that could be measured.
    fitted = MiniBatchKMeans(codes, n_init=1, batch_size=4096, random_state=seed)
    return torch.from_numpy(fitted.fit(vectors).cluster_centers_.astype(np.float32))
