"""A causal transformer that reads a query as prefix vectors and writes codes, one a level.

All levels share one softmax, as in TIGER and GENIUS: code c of level t is token ``starts[t] + c``.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    layers: int = 2
    width: int = 256
    heads: int = 4
    prefixes: int = 8


@dataclass(frozen=True)
class Memory:
    """Keys and values of a layer: of the prefix, which beams share, and of each beam's own codes.

    ``prefix`` are two of (n, heads, prefixes, dim), ``own`` two of (n, beams, heads, codes, dim).
    """

    prefix: tuple[Tensor, Tensor]
    own: tuple[Tensor, Tensor]


class PrefixDecoder(nn.Module):
    """``sizes`` are the codes of each level, ``dim`` is the length of a query vector."""

    def __init__(self, sizes: tuple[int, ...], dim: int, shape: Shape) -> None:
        super().__init__()
        self.register_buffer("starts", torch.tensor([0, *sizes[:-1]]).cumsum(0))
        self.shape = shape
        self.prefix = nn.Linear(dim, shape.prefixes * shape.width)
        self.codes = nn.Embedding(sum(sizes), shape.width)
        nn.init.normal_(self.codes.weight, std=shape.width**-0.5)
        places = shape.prefixes + len(sizes)
        self.places = nn.Parameter(0.02 * torch.randn(places, shape.width))
        self.layers = nn.ModuleList(_Layer(shape.width, shape.heads) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)

    def loss(self, queries: Tensor, ids: Tensor) -> Tensor:
        """Return the mean cross-entropy of IDs (n, depth) given queries (n, dim)."""
        tokens = ids + self.starts
        seen = torch.cat([self._read(queries), self.codes(tokens[:, :-1])], dim=1)
        seen = seen + self.places[: seen.shape[1]]
        for layer in self.layers:
            seen = layer(seen)
        logits = self._logits(seen[:, self.shape.prefixes - 1 :])
        return functional.cross_entropy(logits.flatten(0, 1).float(), tokens.flatten())

    def start(self, queries: Tensor) -> tuple[Tensor, list[Memory]]:
        """Return the log-probabilities of the first token, (n, 1, tokens), and what to remember."""
        seen, memories = self._read(queries) + self.places[: self.shape.prefixes], []
        for layer in self.layers:
            memories.append(layer.remember(seen))
            seen = layer(seen)
        return self._logits(seen[:, -1:]).log_softmax(-1), memories

    def step(
        self, tokens: Tensor, owners: Tensor, depth: int, memories: list[Memory]
    ) -> tuple[Tensor, list[Memory]]:
        """Return the log-probabilities after beams took ``tokens`` (n, beams): (…, tokens).

        ``owners`` (n, beams) are the beams of the step before that each one continues.
        """
        seen, grown = self.codes(tokens) + self.places[self.shape.prefixes + depth], []
        for layer, memory in zip(self.layers, memories, strict=True):
            seen, memory = layer.step(seen, owners, memory)
            grown.append(memory)
        return self._logits(seen).log_softmax(-1), grown

    def _read(self, queries: Tensor) -> Tensor:
        return self.prefix(queries).view(len(queries), self.shape.prefixes, self.shape.width)

    def _logits(self, seen: Tensor) -> Tensor:
        return self.norm(seen) @ self.codes.weight.T


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, seen: Tensor) -> Tensor:
        heard = functional.scaled_dot_product_attention(*self._heads(seen), is_causal=True)
        return self._feed(seen + self.out(heard.transpose(1, 2).flatten(2)))

    def remember(self, seen: Tensor) -> Memory:
        _, keys, values = self._heads(seen)
        none = keys.new_empty(len(keys), 1, self.heads, 0, keys.shape[-1])
        return Memory((keys, values), (none, none))

    def step(self, seen: Tensor, owners: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Continue beams by one code each: ``seen`` (n, beams, width)."""
        query, key, value = (part.transpose(1, 2) for part in self._heads(seen))
        rows = torch.arange(len(seen))[:, None]
        # (n, beams, heads, codes, dim): what the beam continued knew, then the new code.
        keys, values = (
            torch.cat([past[rows, owners], new[:, :, :, None]], dim=3)
            for past, new in zip(memory.own, (key, value), strict=True)
        )
        shared = torch.einsum("nbhd,nhpd->nbhp", query, memory.prefix[0])
        own = torch.einsum("nbhd,nbhcd->nbhc", query, keys)
        weights = (torch.cat([shared, own], -1) * query.shape[-1] ** -0.5).softmax(-1)
        shared, own = weights.split([shared.shape[-1], own.shape[-1]], -1)
        heard = torch.einsum("nbhp,nhpd->nbhd", shared, memory.prefix[1])
        heard = heard + torch.einsum("nbhc,nbhcd->nbhd", own, values)
        return self._feed(seen + self.out(heard.flatten(2))), Memory(memory.prefix, (keys, values))

    def _heads(self, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values, each (n, heads, places, dim)."""
        n, places, _ = seen.shape
        parts = self.qkv(self.before(seen)).view(n, places, 3, self.heads, -1)
        return parts.permute(2, 0, 3, 1, 4).unbind(0)

    def _feed(self, seen: Tensor) -> Tensor:
        return seen + self.narrow(functional.gelu(self.wide(self.between(seen))))
