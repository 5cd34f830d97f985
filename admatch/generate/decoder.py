"""Query vectors → a score for every code of every level: the decoder network."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from array_api_compat import array_namespace
from safetensors.numpy import load_file, save_file

from admatch.arrays import Array
from admatch.ids.codebooks import Codebooks
from admatch.operations import CPU, gelu, on
from admatch.threads import steady_numpy

RANK = 64  # of a level's correction: 50k weights a level


@dataclass(frozen=True)
class CodeScores:
    """The decoder's score of every code, for each of n queries.

    ``tree[t]`` (n, codes of level t) are the scores of residual codes, ``detail`` (n, subspaces,
    256) those of detail codes. ``query`` (n, dim) is the query as corrected for the detail codes.
    The sum along a product's ID, divided by the length of the vector it stands for, estimates the
    cosine.
    """

    tree: tuple[Array, ...]
    detail: Array
    query: Array


@dataclass(frozen=True)
class Correction:
    """What a level adds to a query: ``down`` (RANK, dim) and ``up`` (dim, RANK)."""

    down: Array
    up: Array


@dataclass(frozen=True)
class Decoder:
    """Scores tied to the codebooks, plus a learned correction of the query at each level.

    The last correction is that for the detail codes. ``admatch.generate.fit`` trains decoders.
    """

    codebooks: Codebooks
    corrections: tuple[Correction, ...]

    @classmethod
    def untrained(cls, codebooks: Codebooks) -> "Decoder":
        """Return the decoder that corrects nothing: additive-quantization search."""
        none = np.zeros((RANK, codebooks.dim), np.float32)
        return cls(codebooks, (Correction(none, none.T),) * (len(codebooks.levels) + 1))

    def save(self, path: Path) -> None:
        """Write the corrections to ``path``; the codebooks are saved elsewhere."""
        weights = {
            f"corrections.{depth}.{name}.weight": np.ascontiguousarray(getattr(one, name))
            for depth, one in enumerate(self.corrections)
            for name in ("down", "up")
        }
        save_file(weights, path)

    @classmethod
    def load(cls, path: Path, codebooks: Codebooks) -> "Decoder":
        """Return the decoder saved at ``path``."""
        weights = load_file(path)
        corrections = (
            Correction(*(weights[f"corrections.{depth}.{name}.weight"] for name in ("down", "up")))
            for depth in range(len(codebooks.levels) + 1)
        )
        return cls(codebooks, tuple(corrections))

    def to(self, device: str) -> "Decoder":
        """Return the decoder on a device: itself where that is the CPU."""
        if device == CPU:
            return self
        corrections = (
            Correction(on(device, one.down), on(device, one.up)) for one in self.corrections
        )
        return Decoder(self.codebooks.to(device), tuple(corrections))

    @steady_numpy()
    def __call__(self, queries: Array) -> CodeScores:
        """Return code scores for unit vectors (n, dim)."""
        xp = array_namespace(queries)
        *corrected, last = (
            queries + gelu(queries @ one.down.T) @ one.up.T for one in self.corrections
        )
        levels = zip(corrected, self.codebooks.levels, strict=True)
        tree = tuple(query @ book.T for query, book in levels)
        books = self.codebooks.detail
        parts = xp.reshape(last, (len(queries), len(books), -1))
        detail = xp.permute_dims(parts, (1, 0, 2)) @ xp.permute_dims(books, (0, 2, 1))
        return CodeScores(tree, xp.permute_dims(detail, (1, 0, 2)), last)
