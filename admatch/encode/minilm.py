"""all-MiniLM-L6-v2 in plain torch: texts → unit vectors, without padding."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

from admatch.arrays import Rows, Vectors
from admatch.encode.device import device
from admatch.threads import steady

DIM, HEADS, LAYERS = 384, 12, 6
MOST_TOKENS = 256  # of a text; later ones are ignored, as in sentence-transformers
EPSILON = 1e-12  # of its layer normalisation
TOGETHER = 4096  # tokens: at most 25 MB between two layers


Pair = tuple[Tensor, Tensor]  # weight and bias


class _Layer(NamedTuple):
    """One transformer layer, with query, key and value as one matrix."""

    query_key_value: Pair
    attention_output: Pair
    attention_norm: Pair
    expand: Pair
    contract: Pair
    output_norm: Pair


class MiniLM:
    """The network whose model.safetensors and tokenizer.json are in ``folder``.

    It gives the vectors of sentence-transformers, whose import alone takes longer than encoding a
    thousand terms. Texts with the same number of tokens are encoded together, so none is padded
    (``python -m tests.benchmarks.encoders``).
    """

    def __init__(self, folder: Path) -> None:
        self._device = device()
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)
        weights = load_file(folder / "model.safetensors")
        pieces = [
            weights[f"embeddings.{name}_embeddings.weight"]
            for name in ("word", "position", "token_type")
        ]
        self._words = pieces[0].to(self._device)
        self._positions = (pieces[1] + pieces[2][0]).to(self._device)
        self._embedding_norm = self._pair(weights, "embeddings.LayerNorm")
        self._layers = [self._layer(weights, f"encoder.layer.{i}") for i in range(LAYERS)]

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), 384)."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = np.empty((len(tokens), DIM), np.float32)
        for rows in _by_length([len(one) for one in tokens]):
            ids = torch.tensor([tokens[row] for row in rows]).to(self._device)
            with steady(ids.numel()):
                vectors[rows] = self._read(ids).cpu().numpy()
        return vectors

    def knows(self, word: str) -> bool:
        """Return whether a lower-case word is in the vocabulary as a whole."""
        return self._tokenizer.token_to_id(word) is not None

    def _read(self, ids: Tensor) -> Tensor:
        """Return the unit vectors of texts of one length; ``ids`` (n, length) are their tokens."""
        state = self._words[ids] + self._positions[: ids.shape[1]]
        state = layer_norm(state, (DIM,), *self._embedding_norm, EPSILON)
        for layer in self._layers:
            state = _through(layer, state)
        return normalize(state.mean(1), dim=1)

    def _layer(self, weights: dict[str, Tensor], name: str) -> _Layer:
        attention = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        return _Layer(
            query_key_value=self._pair(weights, *attention),
            attention_output=self._pair(weights, f"{name}.attention.output.dense"),
            attention_norm=self._pair(weights, f"{name}.attention.output.LayerNorm"),
            expand=self._pair(weights, f"{name}.intermediate.dense"),
            contract=self._pair(weights, f"{name}.output.dense"),
            output_norm=self._pair(weights, f"{name}.output.LayerNorm"),
        )

    def _pair(self, weights: dict[str, Tensor], *names: str) -> Pair:
        """Return the weight and bias of some parts as one."""
        weight, bias = (
            torch.cat([weights[f"{name}.{which}"] for name in names]).to(self._device)
            for which in ("weight", "bias")
        )
        return weight, bias


def _through(layer: _Layer, state: Tensor) -> Tensor:
    texts, length, _ = state.shape
    projected = linear(state, *layer.query_key_value).view(texts, length, 3, HEADS, -1)
    query, key, value = projected.permute(2, 0, 3, 1, 4).unbind(0)
    heads = scaled_dot_product_attention(query, key, value)
    attended = linear(heads.transpose(1, 2).reshape(state.shape), *layer.attention_output)
    state = layer_norm(state + attended, (DIM,), *layer.attention_norm, EPSILON)
    fed_forward = linear(gelu(linear(state, *layer.expand)), *layer.contract)
    return layer_norm(state + fed_forward, (DIM,), *layer.output_norm, EPSILON)


def _by_length(lengths: Sequence[int]) -> Iterator[Rows]:
    """Yield the rows of texts of one length, at most ``TOGETHER`` tokens at a time."""
    each = np.asarray(lengths)
    order = np.argsort(each, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(each[order])) + 1):
        step = max(1, TOGETHER // int(each[group].max(initial=1)))
        for first in range(0, len(group), step):
            yield group[first : first + step]
