"""Texts → vectors that are kept on disk, so that a training run can be taken up again."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from admatch.encode.protocol import Encoder, Vectors
from admatch.tables.atomic import replacing

Progress: TypeAlias = Callable[[str, int, int], None]
CHUNK = 4096  # texts of one file: what is lost at most when a run is stopped


class KeptVectors:
    """An encoder whose vectors are kept in ``folder``, by a hash of encoder and texts.

    A chunk that any earlier run encoded is read; float16 halves the room and costs a cosine less
    than 0.001.
    """

    def __init__(self, encoder: Encoder, folder: Path, progress: Progress) -> None:
        self.encoder = encoder
        self.folder = folder
        self.progress = progress

    def encode(self, texts: Sequence[str], stage: str) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        self.folder.mkdir(parents=True, exist_ok=True)
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        vectors = np.empty((len(distinct), self.encoder.dim), np.float32)
        for start in range(0, len(distinct), CHUNK):
            chunk = distinct[start : start + CHUNK]
            vectors[start : start + CHUNK] = self._chunk(chunk)
            self.progress(stage, start + len(chunk), len(distinct))
        place = {text: number for number, text in enumerate(distinct)}
        chosen: Vectors = vectors[[place[text] for text in texts]]
        return chosen

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of queries."""
        return self.encode(texts, "encoding queries")

    def _chunk(self, texts: list[str]) -> Vectors:
        named = "\0".join([self.encoder.name, *texts])
        kept = self.folder / f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.npy"
        if not kept.exists():
            with replacing(kept) as draft, draft.open("wb") as file:
                np.save(file, self.encoder.encode_text(texts).astype(np.float16))
        vectors: Vectors = np.load(kept).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
