"""The seam between meaning and everything else: the ``Encoder`` protocol."""

from collections.abc import Callable, Sequence
from typing import Protocol

from admatch.arrays import Vectors as Vectors
from admatch.encode.picture import Picture


class Encoder(Protocol):
    """Turns texts and images into unit vectors of one space.

    ``name`` identifies model and weights: an index built with one encoder refuses another.
    """

    @property
    def name(self) -> str:
        """What identifies the model and its weights."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def image_model(self) -> str | None:
        """What identifies the model that encodes pictures; None where only text is encoded."""
        ...

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        ...

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim); raises InputError without an image model."""
        ...


def vocabulary_of(encoder: Encoder) -> Callable[[str], bool] | None:
    """Return what says whether a lower-case word is one; None where an encoder cannot tell."""
    reader: object = encoder
    while (inner := getattr(reader, "text_encoder", None)) is not None:  # one that wraps another
        reader = inner
    knows: Callable[[str], bool] | None = getattr(reader, "knows", None)
    return knows
