"""An encoder that encodes no text twice: ``CachedEncoder``."""

from collections.abc import Sequence
from pathlib import Path

from admatch.arrays import Vectors
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.picture import Picture
from admatch.encode.protocol import Encoder
from admatch.progress import silent


class CachedEncoder:
    """Wraps an encoder and caches its text vectors by the hash of the text.

    Every call returns the cached vectors, the first one too, so that the first run and all later
    ones see the same numbers.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self.text_encoder = encoder
        self.cache = CachedTexts(encoder, folder, silent)
        self.name = encoder.name

    @property
    def encoded(self) -> int:
        """How many texts were not in the cache."""
        return self.cache.encoded

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.text_encoder.dim

    @property
    def image_model(self) -> str | None:
        """What identifies the model that encodes pictures."""
        return self.text_encoder.image_model

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        return self.cache.encode(texts, "encoding products")

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim), one a picture."""
        return self.text_encoder.encode_images(images)
