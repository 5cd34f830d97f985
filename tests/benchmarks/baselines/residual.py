"""Residual k-means as TIGER and GENIUS use it: one code a level, all of the vector's dimensions."""

import faiss
import numpy as np

ROUNDS = 15  # of Lloyd's algorithm: later ones move no centre noticeably


def fit_residual(vectors: np.ndarray, sizes: tuple[int, ...], seed: int) -> list[np.ndarray]:
    """Return one codebook a level, (codes, dim), fitted to unit vectors (n, dim)."""
    rest, books = np.ascontiguousarray(vectors, dtype=np.float32), []
    for depth, size in enumerate(sizes):
        fitted = faiss.Kmeans(rest.shape[1], size, niter=ROUNDS, seed=seed + depth)
        fitted.train(rest)
        books.append(fitted.centroids.reshape(size, -1).copy())
        rest = rest - books[-1][nearest(rest, books[-1])]
    return books


def residual_codes(vectors: np.ndarray, books: list[np.ndarray]) -> np.ndarray:
    """Return the codes, (n, levels) int16, of vectors (n, dim)."""
    rest, codes = np.ascontiguousarray(vectors, dtype=np.float32), []
    for book in books:
        codes.append(nearest(rest, book))
        rest = rest - book[codes[-1]]
    return np.column_stack(codes).astype(np.int16)


def nearest(vectors: np.ndarray, book: np.ndarray) -> np.ndarray:
    return faiss.knn(vectors, book, 1)[1][:, 0]
