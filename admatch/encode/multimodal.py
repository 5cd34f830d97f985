"""A text encoder and an image encoder of the same space as one ``Encoder``."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from admatch.encode.picture import Picture
from admatch.encode.protocol import Encoder, Vectors
from admatch.errors import InputError

# What the picture counts in a query of picture and words. "This one, in red" finds such a thing
# among the first ten for 61 of 100 pictures (tests/benchmarks/images.py), with equal shares for 52.
ASKED_PICTURE = 0.3


class Eyes(Protocol):
    """Turns pictures into unit vectors of a text encoder's space."""

    @property
    def name(self) -> str:
        """What identifies the model and its weights."""
        ...

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim); raises PictureError for one that is broken."""
        ...


class MultimodalEncoder:
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


def asked_vectors(
    encoder: Encoder, queries: Sequence[str], images: Sequence[Picture] = ()
) -> Vectors:
    """Return the unit vectors (len(queries), dim) of queries, or of their pictures and words.

    A query with a picture is both as one, or the picture alone where the words are blank. Raises
    ``InputError`` where there are pictures, but not one for each query.
    """
    plain = [" ".join(query.casefold().split()) for query in queries]
    if not images:
        return encoder.encode_text(plain)
    if len(images) != len(queries):
        raise InputError(
            f"{len(queries)} queries and {len(images)} images; give one image a query, with "
            "'' as the query for an image alone"
        )
    seen = encoder.encode_images(images)
    worded = [place for place, query in enumerate(plain) if query]
    read = encoder.encode_text([plain[place] for place in worded])
    seen[worded] = fused(read, seen[worded], ASKED_PICTURE)
    return seen
