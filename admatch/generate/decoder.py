"""Query vectors → a score for every code of every level: the decoder network."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from admatch.ids.codebooks import Codebooks

RANK = 64  # of a level's correction: 50k weights a level


@dataclass(frozen=True)
class CodeScores:
    """The decoder's score of every code, for each of n queries.

    ``tree[t]`` (n, codes of level t) are the scores of residual codes, ``detail`` (n, subspaces,
    256) those of detail codes. ``query`` (n, dim) is the query as corrected for the detail codes.
    The sum along a product's ID, divided by the length of the vector it stands for, estimates the
    cosine.
    """

    tree: tuple[Tensor, ...]
    detail: Tensor
    query: Tensor


class Decoder(nn.Module):
    """Scores tied to the codebooks, plus a learned correction of the query at each level.

    The corrections start at zero, so an untrained decoder is exactly additive-quantization search
    and training can only add to it.
    """

    def __init__(self, codebooks: Codebooks) -> None:
        super().__init__()
        for depth, book in enumerate(codebooks.levels):
            self.register_buffer(f"level_{depth}", book, persistent=False)
        self.register_buffer("detail", codebooks.detail, persistent=False)
        self.depth = len(codebooks.levels)
        self.corrections = nn.ModuleList(_Correction(codebooks.dim) for _ in range(self.depth + 1))

    def save(self, path: Path) -> None:
        """Write the corrections to ``path``; the codebooks are saved elsewhere."""
        save_file(self.state_dict(), path)

    @classmethod
    def load(cls, path: Path, codebooks: Codebooks) -> "Decoder":
        """Return the decoder saved at ``path``, ready for use."""
        decoder = cls(codebooks)
        decoder.load_state_dict(load_file(path))
        return decoder.eval()

    def copy_to(self, device: torch.device) -> "Decoder":
        """Return the decoder on a device: itself where that is the CPU, else a copy.

        ``to``, which torch defines, moves the decoder itself.
        """
        return self if device.type == "cpu" else deepcopy(self).to(device)

    def forward(self, queries: Tensor) -> CodeScores:
        """Return code scores for unit vectors (n, dim)."""
        corrected = self.corrected(queries)
        tree = tuple(corrected[t] @ self.get_buffer(f"level_{t}").T for t in range(self.depth))
        books = self.get_buffer("detail")
        parts = corrected[-1].view(len(queries), len(books), -1)
        return CodeScores(tree, torch.einsum("qsd,scd->qsc", parts, books), corrected[-1])

    def corrected(self, queries: Tensor) -> list[Tensor]:
        """Return the queries (n, dim) as corrected for each level, and last for the detail."""
        return [queries + correction(queries) for correction in self.corrections]


class _Correction(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.down = nn.Linear(dim, RANK, bias=False)
        self.up = nn.Linear(RANK, dim, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, queries: Tensor) -> Tensor:
        corrected: Tensor = self.up(torch.nn.functional.gelu(self.down(queries)))
        return corrected
