"""all-MiniLM-L6-v2 by torch alone: texts → unit vectors, no text padded to another's length."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, normalize, scaled_dot_product_attention

from admatch.encode.device import device
from admatch.encode.linear import Linear, fast_linear
from admatch.encode.precision import fast_format
from admatch.encode.protocol import Vectors

DIM, HEADS, LAYERS = 384, 12, 6
MOST_TOKENS = 256  # of a text; what comes after is not read, as in sentence-transformers
EPSILON = 1e-12  # of its normalisation
TOGETHER = 4096  # tokens: at most 25 MB between two layers


class _Layer(NamedTuple):
    """One transformer layer, query, key and value as one matrix."""

    asks: Linear
    gathers: Linear
    gathered: tuple[Tensor, Tensor]
    widens: Linear
    narrows: Linear
    narrowed: tuple[Tensor, Tensor]


class MiniLM:
    """The network in ``folder``, opened: model.safetensors and tokenizer.json.

    The same vectors as by sentence-transformers, whose import alone takes longer than reading a
    thousand terms. Texts of equally many tokens are read together, so none is padded
    (``python -m tests.benchmarks.encoders``).
    """

    def __init__(self, folder: Path) -> None:
        self._device = device()
        self._type = fast_format(self._device.type)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)
        weights = load_file(folder / "model.safetensors")
        pieces = [
            weights[f"embeddings.{name}_embeddings.weight"]
            for name in ("word", "position", "token_type")
        ]
        self._words = pieces[0].to(self._device, self._type)
        self._places = (pieces[1] + pieces[2][0]).to(self._device, self._type)
        self._embedded = self._pair(weights, "embeddings.LayerNorm")
        self._layers = [self._layer(weights, f"encoder.layer.{i}") for i in range(LAYERS)]

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), 384)."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = np.empty((len(tokens), DIM), np.float32)
        for rows in _alike([len(one) for one in tokens]):
            ids = torch.tensor([tokens[row] for row in rows]).to(self._device)
            vectors[rows] = self._read(ids).cpu().numpy()
        return vectors

    def _read(self, ids: Tensor) -> Tensor:
        """Return the unit vectors of texts of one length, (n, length) token numbers."""
        state = self._words[ids] + self._places[: ids.shape[1]]
        state = layer_norm(state, (DIM,), *self._embedded, EPSILON)
        for layer in self._layers:
            state = _through(layer, state)
        return normalize(state.float().mean(1), dim=1)

    def _layer(self, weights: dict[str, Tensor], name: str) -> _Layer:
        def through(*parts: str) -> Linear:
            weight, bias = (
                torch.cat([weights[f"{name}.{part}.{which}"] for part in parts])
                for which in ("weight", "bias")
            )
            return fast_linear(weight, bias, self._device)

        return _Layer(
            asks=through(*(f"attention.self.{part}" for part in ("query", "key", "value"))),
            gathers=through("attention.output.dense"),
            gathered=self._pair(weights, f"{name}.attention.output.LayerNorm"),
            widens=through("intermediate.dense"),
            narrows=through("output.dense"),
            narrowed=self._pair(weights, f"{name}.output.LayerNorm"),
        )

    def _pair(self, weights: dict[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
        weight, bias = (
            weights[f"{name}.{part}"].to(self._device, self._type) for part in ("weight", "bias")
        )
        return weight, bias


def _through(layer: _Layer, state: Tensor) -> Tensor:
    texts, length, _ = state.shape
    asked = layer.asks(state).view(texts, length, 3, HEADS, -1)
    query, key, value = asked.permute(2, 0, 3, 1, 4).unbind(0)
    found = scaled_dot_product_attention(query, key, value)
    gathered = layer.gathers(found.transpose(1, 2).reshape(state.shape))
    state = layer_norm(state + gathered, (DIM,), *layer.gathered, EPSILON)
    thought = layer.narrows(gelu(layer.widens(state)))
    return layer_norm(state + thought, (DIM,), *layer.narrowed, EPSILON)


def _alike(lengths: Sequence[int]) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the numbers of texts of one length, ``TOGETHER`` tokens at most."""
    each = np.asarray(lengths)
    order = np.argsort(each, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(each[order])) + 1):
        step = max(1, TOGETHER // int(each[group].max(initial=1)))
        for first in range(0, len(group), step):
            yield group[first : first + step]
