"""Vectors ↔ codes: residual levels that form the tree, and detail codes that separate leaves."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from admatch.arrays import Array, Floats32, Mask, Rows, Vectors
from admatch.operations import on
from admatch.threads import steady_numpy

CHUNK = 8192  # vectors encoded at a time: bounds the distance matrix to CHUNK x 512 floats


@dataclass(frozen=True)
class Codes:
    """The codes of n vectors: ``tree`` (n, levels) int16, ``detail`` (n, subspaces) uint8."""

    tree: npt.NDArray[np.int16]
    detail: npt.NDArray[np.uint8]

    def rows(self, chosen: Rows | Mask) -> "Codes":
        """Return the codes of some of the vectors, by mask or row number."""
        return Codes(self.tree[chosen], self.detail[chosen])


@dataclass(frozen=True)
class Codebooks:
    """Residual codebooks (RK-means) and a product quantizer of the remainder.

    ``levels[t]`` is (codes of level t, dim); ``detail`` is (subspaces, 256, dim / subspaces).
    A vector is approximated by the sum of one row of each level plus its detail. This quantization
    is additive, so the inner product of a query with it is a sum of table look-ups.
    """

    levels: tuple[Array, ...]
    detail: Array

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.levels[0].shape[1])

    @cached_property
    def hash(self) -> str:
        """SHA-256 over all code vectors: IDs of different codebooks never mix."""
        digest = hashlib.sha256()
        for book in (*self.levels, self.detail):
            digest.update(book.tobytes())
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write all code vectors to ``path``."""
        books = {f"level_{depth}": book for depth, book in enumerate(self.levels)}
        save_file(books | {"detail": self.detail}, path)

    @classmethod
    def load(cls, path: Path) -> "Codebooks":
        """Return the codebooks saved at ``path``."""
        books = load_file(path)
        levels = tuple(books[f"level_{depth}"] for depth in range(len(books) - 1))
        return cls(levels, books["detail"])

    def to(self, device: str) -> "Codebooks":
        """Return the codebooks on a device, where a decoder compares queries with them."""
        return Codebooks(tuple(on(device, book) for book in self.levels), on(device, self.detail))

    @steady_numpy()
    def encode(self, vectors: Vectors) -> Codes:
        """Return the codes of unit vectors (n, dim): greedily, the nearest one at each level."""
        tree = np.empty((len(vectors), len(self.levels)), np.int16)
        detail = np.empty((len(vectors), len(self.detail)), np.uint8)
        for start in range(0, len(vectors), CHUNK):
            remainder, part = vectors[start : start + CHUNK], slice(start, start + CHUNK)
            for depth, level in enumerate(self.levels):
                nearest = nearest_code(remainder, level)
                tree[part, depth] = nearest
                remainder = remainder - level[nearest]
            spaces = np.split(remainder, len(self.detail), axis=1)
            for space, (own, book) in enumerate(zip(spaces, self.detail, strict=True)):
                detail[part, space] = nearest_code(own, book)
        return Codes(tree, detail)

    def decode_tree(self, tree: npt.NDArray[np.int16]) -> Vectors:
        """Return the approximation of each vector by its residual codes alone, (n, dim)."""
        decoded = np.zeros((len(tree), self.dim), np.float32)
        for book, codes in zip(self.levels, tree.T, strict=True):
            decoded += np.take(book, codes, axis=0)
        return decoded

    def decode_detail(self, detail: npt.NDArray[np.uint8]) -> Vectors:
        """Return the part of each vector that its detail codes add, (n, dim)."""
        books = zip(self.detail, detail.T, strict=True)
        return np.concat([np.take(book, codes, axis=0) for book, codes in books], axis=1)

    def lengths(self, codes: Codes) -> Floats32:
        """Return the length of each vector that the codes stand for, (n,): near 0.85, not 1."""
        lengths = np.empty(len(codes.tree), np.float32)
        for start in range(0, len(lengths), CHUNK):
            part = slice(start, start + CHUNK)
            decoded = self.decode_tree(codes.tree[part]) + self.decode_detail(codes.detail[part])
            lengths[part] = np.linalg.vector_norm(decoded, axis=1)
        return lengths


def nearest_code(vectors: Vectors, book: Vectors) -> Rows:
    """Return the number of the code vector nearest to each vector, by squared distance."""
    nearness = vectors @ book.T
    nearness -= (book**2).sum(1) / 2
    nearest: Rows = nearness.argmax(1)
    return nearest
