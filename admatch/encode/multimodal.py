"""A text encoder and an image model of the same space as one ``Encoder``."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from admatch.arrays import Vectors
from admatch.encode.picture import Picture
from admatch.encode.protocol import Encoder
from admatch.errors import InputError
from admatch.messages import say

# The picture's weight in a query of picture and words. "This one, in red" finds such a thing among
# the first ten for 61 of 100 pictures (tests/benchmarks/images.py), with equal shares for 52.
PICTURE_WEIGHT = 0.3


class ImageModel(Protocol):
    """Turns pictures into unit vectors of a text encoder's space."""

    @property
    def name(self) -> str:
        """What identifies the model and its weights."""
        ...

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim); raises PictureError for one that is broken."""
        ...


class MultimodalEncoder:
    """Encodes texts with one model and pictures with another.

    Its name is the text encoder's: texts have the same vectors with and without an image model, so
    codebooks and indexes made for the text encoder fit.
    """

    def __init__(self, text_encoder: Encoder, image_model: ImageModel) -> None:
        self.text_encoder, self._image_model = text_encoder, image_model
        self.name = text_encoder.name
        self.image_model: str | None = image_model.name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.text_encoder.dim

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        return self.text_encoder.encode_text(texts)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim), one a picture."""
        return self._image_model.encode_images(images)


def fused(one: Vectors, other: Vectors, weight: float | Vectors) -> Vectors:
    """Return unit vectors (n, dim) between ``one`` and ``other``, which counts by ``weight``.

    ``weight`` is a number for all rows, or (n, 1).
    """
    vectors = (1 - weight) * one + weight * other
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return np.asarray(vectors / lengths, dtype=np.float32)


def query_vectors(
    encoder: Encoder, queries: Sequence[str], images: Sequence[Picture] = ()
) -> Vectors:
    """Return the unit vectors (len(queries), dim) of queries, or of their pictures and words.

    A query with a picture combines both, or is the picture alone where the words are blank. Raises
    ``InputError`` where there are pictures, but not one for each query.
    """
    plain = [" ".join(query.casefold().split()) for query in queries]
    if not images:
        return encoder.encode_text(plain)
    if len(images) != len(queries):
        raise InputError(say("encode.images_per_query", queries=len(queries), images=len(images)))
    vectors = encoder.encode_images(images)
    worded = [row for row, query in enumerate(plain) if query]
    words = encoder.encode_text([plain[row] for row in worded])
    vectors[worded] = fused(words, vectors[worded], PICTURE_WEIGHT)
    return vectors
