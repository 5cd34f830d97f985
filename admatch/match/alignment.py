"""A term's vector, turned towards the products that such terms mean: ``Alignment``.

A shopper's words and a title are texts of different kinds, and one thing's names in two languages
are a little apart. One matrix for all terms of an encoder makes up for part of both; products stay
where they are, so indexes do not change. It is fitted by ``python -m tests.benchmarks.align``.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

FILE = "alignment.safetensors"


@dataclass(frozen=True)
class Alignment:
    """``weights`` (dim, dim), by which the vectors of terms are multiplied."""

    weights: Tensor

    def __call__(self, terms: Tensor) -> Tensor:
        """Return unit vectors (n, dim) of terms, given those of their encoder."""
        return torch.nn.functional.normalize(terms @ self.weights, dim=-1)

    def to(self, device: torch.device) -> "Alignment":
        """Return the alignment on a device."""
        return Alignment(self.weights.to(device))

    def save(self, folder: Path) -> None:
        """Write the weights into ``folder``, in 16 bits."""
        save_file({"weights": self.weights.half()}, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> "Alignment | None":
        """Return the alignment saved in ``folder``, None where there is none."""
        path = folder / FILE
        return cls(load_file(path)["weights"].float()) if path.is_file() else None
