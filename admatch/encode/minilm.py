"""all-MiniLM-L6-v2, or fewer of its layers, in plain torch: texts → unit vectors."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

from admatch.arrays import Rows, Vectors
from admatch.encode.device import device
from admatch.threads import steady

DIM, HEADS = 384, 12
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


class Network(NamedTuple):
    """The network's weights, as they are multiplied with."""

    words: Tensor
    positions: Tensor
    embedding_norm: Pair
    layers: list[_Layer]

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> "Network":
        """Return the network of weights by upstream's names, of as many layers as there are."""
        words, positions, kinds = (
            weights[f"embeddings.{name}_embeddings.weight"]
            for name in ("word", "position", "token_type")
        )
        depth = sum(name.endswith(".intermediate.dense.bias") for name in weights)
        layers = [_layer(weights, f"encoder.layer.{i}") for i in range(depth)]
        return cls(words, positions + kinds[0], _pair(weights, "embeddings.LayerNorm"), layers)

    def read(self, ids: Tensor) -> Tensor:
        """Return the unit vectors of texts of one length; ``ids`` (n, length) are their tokens."""
        state = self.words[ids] + self.positions[: ids.shape[1]]
        state = layer_norm(state, (DIM,), *self.embedding_norm, EPSILON)
        for layer in self.layers:
            state = _through(layer, state)
        return normalize(state.mean(1), dim=1)


class MiniLM:
    """The network with these ``weights``, by upstream's names, and the file of its ``tokenizer``.

    With upstream's weights it gives the vectors of sentence-transformers, whose import alone takes
    longer than encoding a thousand terms. Texts with the same number of tokens are encoded
    together, so none is padded (``python -m tests.benchmarks.encoders``).
    """

    def __init__(self, tokenizer: Path, weights: Mapping[str, Tensor]) -> None:
        self._device = device()
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._network = Network.of({name: one.to(self._device) for name, one in weights.items()})

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), 384)."""
        tokens = self.tokens(texts)
        vectors = np.empty((len(tokens), DIM), np.float32)
        for rows in _by_length([len(one) for one in tokens]):
            ids = torch.tensor([tokens[row] for row in rows]).to(self._device)
            with steady(ids.numel()):
                vectors[rows] = self._network.read(ids).cpu().numpy()
        return vectors

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def knows(self, word: str) -> bool:
        """Return whether a lower-case word is in the vocabulary as a whole."""
        return self._tokenizer.token_to_id(word) is not None


def _layer(weights: Mapping[str, Tensor], name: str) -> _Layer:
    attention = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    return _Layer(
        query_key_value=_pair(weights, *attention),
        attention_output=_pair(weights, f"{name}.attention.output.dense"),
        attention_norm=_pair(weights, f"{name}.attention.output.LayerNorm"),
        expand=_pair(weights, f"{name}.intermediate.dense"),
        contract=_pair(weights, f"{name}.output.dense"),
        output_norm=_pair(weights, f"{name}.output.LayerNorm"),
    )


def _pair(weights: Mapping[str, Tensor], *names: str) -> Pair:
    """Return the weight and bias of some parts as one."""
    weight, bias = (
        torch.cat([weights[f"{name}.{which}"] for name in names]) for which in ("weight", "bias")
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
