"""The seam between meaning and everything else: the ``Encoder`` protocol."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from admatch.encode.picture import Picture

Vectors: TypeAlias = npt.NDArray[np.float32]


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
    def eyes(self) -> str | None:
        """What identifies the model that sees pictures and its weights; None for text only."""
        ...

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        ...

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim); raises InputError where it has no eyes."""
        ...
