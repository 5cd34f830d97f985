"""An encoder that reads no text twice: ``KeptEncoder``."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from admatch.encode.kept import KeptVectors
from admatch.encode.picture import Picture
from admatch.encode.protocol import Encoder, Vectors


class KeptEncoder:
    """Stands before an encoder and keeps its vectors by the hash of what was read.

    ``encoded`` counts the texts that had to be read. What comes back is always what is kept, so
    that the first time gives the same vectors as every later one.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._kept = KeptVectors(folder)
        self.name = encoder.name
        self.encoded = 0

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
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._kept}
        if new:
            self._kept.add(list(new), self._encoder.encode_text(list(new.values())))
            self.encoded += len(new)
        return self._kept.take(keys, self.dim)

    def encode_images(self, images: Sequence[Picture]) -> Vectors:
        """Return unit vectors (len(images), dim), one a picture."""
        return self._encoder.encode_images(images)
