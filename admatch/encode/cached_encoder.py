"""An encoder that reads no text twice: ``CachedEncoder``."""

from collections.abc import Sequence
from pathlib import Path

from admatch.encode.cached_texts import CachedTexts
from admatch.encode.picture import Picture
from admatch.encode.protocol import Encoder, Vectors
from admatch.progress import silent


class CachedEncoder:
    """Stands before an encoder and keeps its vectors by the hash of what was read.

    What comes back is always what is kept, so
    that the first time gives the same vectors as every later one.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self.kept = CachedTexts(encoder, folder, silent)
        self.name = encoder.name

    @property
    def encoded(self) -> int:
        """How many texts had to be read."""
        return self.kept.encoded

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._encoder.dim

    @property
    def eyes(self) -> str | None:
        """What identifies the model that sees pictures."""
        return self._encoder.eyes

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        return self.kept.queries(texts)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim), one a picture."""
        return self._encoder.encode_images(images)
