"""A decoder as it is trained, in torch: ``TrainableDecoder``."""

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from admatch.generate.decoder import RANK, Correction, Decoder
from admatch.ids.codebooks import Codebooks


class TrainableDecoder(nn.Module):
    """The corrections of a decoder; its codebooks stay as they are.

    The corrections start at zero, or where those of ``start`` are.
    """

    def __init__(self, codebooks: Codebooks, start: Decoder | None = None) -> None:
        super().__init__()
        self._codebooks = codebooks
        count = len(codebooks.levels) + 1
        self.corrections = nn.ModuleList(_Correction(codebooks.dim) for _ in range(count))
        if start is not None:
            for module, one in zip(self.corrections, start.corrections, strict=True):
                weights = {"down.weight": one.down, "up.weight": one.up}
                module.load_state_dict({name: torch.tensor(w) for name, w in weights.items()})

    def forward(self, queries: Tensor) -> list[Tensor]:
        """Return the queries (n, dim) as corrected for each level, and last for the detail."""
        return [queries + correction(queries) for correction in self.corrections]

    def decoder(self) -> Decoder:
        """Return what is trained so far, as a decoder of arrays."""
        states = [module.state_dict() for module in self.corrections]
        corrections = (
            Correction(*(state[f"{name}.weight"].cpu().numpy().copy() for name in ("down", "up")))
            for state in states
        )
        return Decoder(self._codebooks, tuple(corrections))


class _Correction(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.down = nn.Linear(dim, RANK, bias=False)
        self.up = nn.Linear(RANK, dim, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, queries: Tensor) -> Tensor:
        corrected: Tensor = self.up(gelu(self.down(queries)))
        return corrected
