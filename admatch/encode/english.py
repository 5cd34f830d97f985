"""The encoder that admatch ships, for English: ``EnglishEncoder``."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load_file

from admatch.arrays import Floats32, Vectors
from admatch.encode.device import device
from admatch.encode.misfit import ENGLISH_NAME
from admatch.encode.onnx import opened
from admatch.encode.picture import Picture
from admatch.encode.wordpieces import WordPieces, of_one_length
from admatch.errors import InputError
from admatch.messages import say
from admatch.operations import CPU

if TYPE_CHECKING:
    from admatch.encode.minilm import MiniLM

FOLDER = Path(str(files("admatch.models"))) / "english-1"
WEIGHTS, GRAPH, TOKENIZER = "network.safetensors", "network.onnx", "tokenizer.json"
DIM = 384
SCALE = ".scale"  # of the rows of a matrix in 8 bits
TOGETHER = 1024  # tokens: 6 MB between two layers


class EnglishEncoder:
    """Gives English texts nearly the vectors of all-MiniLM-L6-v2, twice as fast and without torch.

    It has three of that network's six layers, trained to give its vectors (``admatch
    train-encoder``; figures in the model card). On the CPU, the bits of a text's vector depend
    neither on what is encoded beside it nor on the number of threads.
    """

    name = ENGLISH_NAME
    dim = DIM
    image_model = None

    def __init__(self) -> None:
        self._pieces = WordPieces(FOLDER / TOKENIZER)

    @cached_property
    def _network(self) -> "OnCpu | MiniLM":
        weights = read_weights(FOLDER / WEIGHTS)
        if device() == CPU:
            return OnCpu(weights)
        from admatch.encode.minilm import MiniLM

        return MiniLM(weights)

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), 384), one a text."""
        return self._network.encode(self._pieces.tokens(texts))

    def knows(self, word: str) -> bool:
        """Return whether a lower-case word is in the vocabulary as a whole."""
        return self._pieces.knows(word)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Raise InputError: it reads words only."""
        raise InputError(say("encode.text_only", name=self.name))


class OnCpu:
    """The network with ``weights`` by upstream's names, in onnxruntime."""

    def __init__(self, weights: Mapping[str, Floats32]) -> None:
        self._weights = weights  # which the session reads as long as it lives
        self._session = opened(FOLDER / GRAPH, weights)

    def encode(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Return unit vectors (len(tokens), 384) of texts as tokens."""
        vectors = np.empty((len(tokens), DIM), np.float32)
        for rows in of_one_length(tokens, TOGETHER):
            ids = np.array([tokens[row] for row in rows], np.int64)
            # Averaged here: onnxruntime adds in another order where there is one text alone.
            vectors[rows] = self._session.run(None, {"ids": ids})[0].mean(axis=1)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def read_weights(path: Path) -> dict[str, Floats32]:
    """Return the float32 weights of a file whose matrices are in 8 bits, with a scale a row."""
    held = load_file(path)
    return {
        name: one * held[name + SCALE] if name + SCALE in held else one
        for name, one in held.items()
        if not name.endswith(SCALE)
    }
