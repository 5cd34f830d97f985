"""Texts → vectors that are kept on disk, so that a training run can be taken up again."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from admatch.encode.kept import KeptVectors
from admatch.encode.protocol import Encoder, Vectors

Progress: TypeAlias = Callable[[str, int, int], None]
CHUNK = 4096  # texts encoded together: what is lost at most when a run is stopped
DIGEST = 16  # bytes: two of 10^9 texts share one with a chance below 10^-20


class KeptTexts:
    """An encoder whose vectors are kept in ``folder``, by a hash of encoder and text.

    A text that any earlier run encoded is read: 100,000 texts of 384 dimensions take 78 MB.
    ``encoded`` counts those that were not.
    """

    def __init__(self, encoder: Encoder, folder: Path, progress: Progress) -> None:
        self.encoder = encoder
        self.progress = progress
        self.encoded = 0
        self._kept = KeptVectors(folder)

    def encode(self, texts: Sequence[str], stage: str) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        key_of = {text: self._key(text) for text in texts}
        new = [text for text, key in key_of.items() if key not in self._kept]
        new.sort(key=lambda text: (len(text), text))  # texts of one length go together: faster
        for start in range(0, len(new), CHUNK):
            chunk = new[start : start + CHUNK]
            self._kept.add([key_of[text] for text in chunk], self.encoder.encode_text(chunk))
            self.encoded += len(chunk)
            self.progress(stage, start + len(chunk), len(new))
        return self._kept.take([key_of[text] for text in texts], self.encoder.dim)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of queries."""
        return self.encode(texts, "encoding queries")

    def _key(self, text: str) -> bytes:
        named = f"{self.encoder.name}\0{text}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(named, digest_size=DIGEST).digest()
