"""A term's vector, turned towards the products that such terms mean: ``Alignment``.

A shopper's words and a title are texts of different kinds, and one thing's names in two languages
are a little apart. One matrix for all terms of an encoder makes up for part of both; products stay
where they are, so indexes do not change. It is fitted by ``python -m tests.benchmarks.align``.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from admatch.arrays import Array
from admatch.operations import normalized, on

FILE = "alignment.safetensors"


@dataclass(frozen=True)
class Alignment:
    """``weights`` (dim, dim), by which the vectors of terms are multiplied."""

    weights: Array

    def __call__(self, terms: Array) -> Array:
        """Return unit vectors (n, dim) of terms, given those of their encoder."""
        return normalized(terms @ self.weights)

    def to(self, device: str) -> "Alignment":
        """Return the alignment on a device."""
        return Alignment(on(device, self.weights))

    def save(self, folder: Path) -> None:
        """Write the weights into ``folder``, in 16 bits."""
        save_file({"weights": self.weights.astype(np.float16)}, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> "Alignment | None":
        """Return the alignment saved in ``folder``, None where there is none."""
        path = folder / FILE
        return cls(load_file(path)["weights"].astype(np.float32)) if path.is_file() else None
