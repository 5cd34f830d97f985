"""all-MiniLM-L6-v2, or fewer of its layers, in plain torch: tokens → unit vectors."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

from admatch.arrays import Floats32, Vectors
from admatch.encode.device import device
from admatch.encode.wordpieces import of_one_length
from admatch.threads import steady

DIM, HEADS = 384, 12
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
    """The network with these ``weights``, by upstream's names, and a text's tokens → its vector.

    With upstream's weights it gives the vectors of sentence-transformers, whose import alone takes
    longer than encoding a thousand terms.
    """

    def __init__(self, weights: Mapping[str, Floats32]) -> None:
        self._device = device()
        tensors = {name: torch.from_numpy(one).to(self._device) for name, one in weights.items()}
        self._network = Network.of(tensors)

    @torch.inference_mode()
    def encode(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Return unit vectors (len(tokens), 384) of texts as tokens."""
        vectors = np.empty((len(tokens), DIM), np.float32)
        for rows in of_one_length(tokens, TOGETHER):
            ids = torch.tensor([tokens[row] for row in rows]).to(self._device)
            with steady(ids.numel()):
                vectors[rows] = self._network.read(ids).cpu().numpy()
        return vectors


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
