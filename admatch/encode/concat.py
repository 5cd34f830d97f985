"""Two encoders side by side as one: what texts say to a text encoder and to CLIP."""

from collections.abc import Sequence

import numpy as np

from admatch.encode.picture import Picture
from admatch.encode.protocol import Encoder, Vectors

EQUAL = np.float32(0.5**0.5)  # by which unit vectors are scaled to make one of two halves


class ConcatEncoder:
    """Reads with both encoders, half each, and sees with the second, such as an open_clip one.

    A text's vector is both encoders' end to end; a picture's stands in the second half only.
    """

    def __init__(self, reader: Encoder, seer: Encoder) -> None:
        self._reader, self._seer = reader, seer
        self.name = f"{reader.name}+{seer.name}"
        self.eyes = seer.eyes

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._reader.dim + self._seer.dim

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        halves = [encoder.encode_text(texts) * EQUAL for encoder in (self._reader, self._seer)]
        return np.concatenate(halves, axis=1)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim), one a picture."""
        seen = self._seer.encode_images(images)
        return np.pad(seen, ((0, 0), (self._reader.dim, 0)))
