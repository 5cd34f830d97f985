"""A text encoder and an open_clip model side by side as one ``Encoder``."""

from collections.abc import Sequence

import numpy as np

from admatch.arrays import Vectors
from admatch.encode.picture import Picture
from admatch.encode.protocol import Encoder

EQUAL = np.float32(0.5**0.5)  # scales unit vectors so that two halves make one unit vector


class ConcatEncoder:
    """Encodes texts with both encoders, half each, and pictures with the second one alone.

    A text's vector is both encoders' end to end; a picture's fills only the second half.
    """

    def __init__(self, text_encoder: Encoder, clip: Encoder) -> None:
        self.text_encoder, self._clip = text_encoder, clip
        self.name = f"{text_encoder.name}+{clip.name}"
        self.image_model = clip.image_model

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.text_encoder.dim + self._clip.dim

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        halves = [one.encode_text(texts) * EQUAL for one in (self.text_encoder, self._clip)]
        return np.concatenate(halves, axis=1)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim), one a picture."""
        pictures = self._clip.encode_images(images)
        return np.pad(pictures, ((0, 0), (self.text_encoder.dim, 0)))
