"""Vectors ↔ codes: residual levels that form the tree, and detail codes that separate leaves."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from admatch.arrays import Mask, Rows, Vectors

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

    levels: tuple[Tensor, ...]
    detail: Tensor

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.levels[0].shape[1]

    @cached_property
    def hash(self) -> str:
        """SHA-256 over all code vectors: IDs of different codebooks never mix."""
        digest = hashlib.sha256()
        for book in (*self.levels, self.detail):
            digest.update(book.contiguous().numpy().tobytes())
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

    def encode(self, vectors: Vectors) -> Codes:
        """Return the codes of unit vectors (n, dim): greedily, the nearest one at each level."""
        chunks = range(0, len(vectors), CHUNK)
        parts = [self._encode_chunk(torch.from_numpy(vectors[i : i + CHUNK])) for i in chunks]
        if not parts:
            return Codes(
                np.empty((0, len(self.levels)), np.int16), np.empty((0, len(self.detail)), np.uint8)
            )
        tree, detail = (torch.cat(list(column)) for column in zip(*parts, strict=True))
        return Codes(tree.to(torch.int16).numpy(), detail.to(torch.uint8).numpy())

    def _encode_chunk(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        tree, remainder = [], vectors
        for level in self.levels:
            nearest = nearest_code(remainder, level)
            tree.append(nearest)
            remainder = remainder - level[nearest]
        parts = remainder.view(len(remainder), len(self.detail), -1).unbind(1)
        detail = [nearest_code(part, book) for part, book in zip(parts, self.detail, strict=True)]
        return torch.stack(tree, 1), torch.stack(detail, 1)

    def decode_tree(self, tree: npt.NDArray[np.int16]) -> Tensor:
        """Return the approximation of each vector by its residual codes alone, (n, dim)."""
        sizes = torch.tensor([0, *(len(book) for book in self.levels[:-1])])
        rows = torch.from_numpy(tree.astype(np.int64)) + sizes.cumsum(0)
        # In one pass: looking up each level and adding the results takes twice as long.
        return torch.nn.functional.embedding_bag(rows, torch.cat(self.levels), mode="sum")

    def decode_detail(self, detail: npt.NDArray[np.uint8]) -> Tensor:
        """Return the part of each vector that its detail codes add, (n, dim)."""
        codes = torch.from_numpy(detail.astype(np.int64))
        books = zip(self.detail, codes.unbind(1), strict=True)
        return torch.cat([book[code] for book, code in books], dim=1)

    def lengths(self, codes: Codes) -> Tensor:
        """Return the length of each vector that the codes stand for, (n,): near 0.85, not 1."""
        chunks = range(0, len(codes.tree), CHUNK)
        parts = [
            self.decode_tree(codes.tree[i : i + CHUNK])
            + self.decode_detail(codes.detail[i : i + CHUNK])
            for i in chunks
        ]
        return torch.cat([part.norm(dim=1) for part in parts]) if parts else torch.empty(0)


def nearest_code(vectors: Tensor, book: Tensor) -> Tensor:
    """Return the number of the code vector nearest to each vector, by squared distance."""
    return torch.addmm(book.square().sum(1), vectors, book.T, alpha=-2).argmin(1)
