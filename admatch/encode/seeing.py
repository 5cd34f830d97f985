"""A text encoder and an image encoder of the same space as one ``Encoder``."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from admatch.encode.picture import Picture
from admatch.encode.protocol import Encoder, Vectors


class Eyes(Protocol):
    """Turns pictures into unit vectors of a text encoder's space."""

    @property
    def name(self) -> str:
        """What identifies the model and its weights."""
        ...

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim); raises PictureError for one that is broken."""
        ...


class SeeingEncoder:
    """Reads with one encoder and sees with another.

    Its name is the reader's: texts have the same vectors with and without eyes, so codebooks and
    indexes made for the reader fit.
    """

    def __init__(self, reader: Encoder, eyes: Eyes) -> None:
        self.reader = reader
        self._eyes = eyes
        self.name = reader.name
        self.eyes: str | None = eyes.name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.reader.dim

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        return self.reader.encode_text(texts)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim), one a picture."""
        return self._eyes.encode_images(images)


def fused(one: Vectors, other: Vectors, weight: float | Vectors) -> Vectors:
    """Return the unit vectors (n, dim) of pairs of vectors, ``weight`` of them from ``other``.

    ``weight`` is one for all, or (n, 1).
    """
    vectors = (1 - weight) * one + weight * other
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return np.asarray(vectors / lengths, dtype=np.float32)
