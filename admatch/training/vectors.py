"""Texts → vectors that are kept on disk, so that a training run can be taken up again."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from admatch.encode.protocol import Encoder, Vectors
from admatch.tables.atomic import replacing

Progress: TypeAlias = Callable[[str, int, int], None]
CHUNK = 4096  # texts of one file: what is lost at most when a run is stopped
DIGEST = 16  # bytes: two of 10^9 texts share one with a chance below 10^-20


class KeptVectors:
    """An encoder whose vectors are kept in ``folder``, by a hash of encoder and text.

    A text that any earlier run encoded is read. They are kept as float16, which costs a cosine
    less than 0.001 and halves the room: 100,000 texts of 384 dimensions take 78 MB.
    """

    def __init__(self, encoder: Encoder, folder: Path, progress: Progress) -> None:
        self.encoder = encoder
        self.folder = folder
        self.progress = progress
        self._kept: list[npt.NDArray[np.float16]] = []
        self._places: dict[bytes, tuple[int, int]] = {}
        for path in sorted(folder.glob("*.vectors")):
            arrays = load_file(path)
            self._remember([key.tobytes() for key in arrays["keys"]], arrays["vectors"])

    def encode(self, texts: Sequence[str], stage: str) -> Vectors:
        """Return unit vectors (len(texts), dim), one a text."""
        key_of = {text: self._key(text) for text in texts}
        new = [text for text, key in key_of.items() if key not in self._places]
        new.sort(key=lambda text: (len(text), text))  # texts of one length go together: faster
        for start in range(0, len(new), CHUNK):
            chunk = new[start : start + CHUNK]
            self._encode([key_of[text] for text in chunk], chunk)
            self.progress(stage, start + len(chunk), len(new))
        vectors = np.empty((len(texts), self.encoder.dim), np.float32)
        for row, text in enumerate(texts):
            shard, place = self._places[key_of[text]]
            vectors[row] = self._kept[shard][place]
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of queries."""
        return self.encode(texts, "encoding queries")

    def _encode(self, keys: list[bytes], texts: list[str]) -> None:
        vectors = self.encoder.encode_text(texts).astype(np.float16)
        named = hashlib.sha256(b"".join(keys)).hexdigest()[:32]
        arrays = {"keys": np.frombuffer(b"".join(keys), np.uint8).reshape(-1, DIGEST)}
        with replacing(self.folder / f"{named}.vectors") as draft:
            save_file(arrays | {"vectors": vectors}, draft)
        self._remember(keys, vectors)

    def _remember(self, keys: list[bytes], vectors: npt.NDArray[np.float16]) -> None:
        shard = len(self._kept)
        self._kept.append(vectors)
        self._places.update((key, (shard, place)) for place, key in enumerate(keys))

    def _key(self, text: str) -> bytes:
        named = f"{self.encoder.name}\0{text}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(named, digest_size=DIGEST).digest()
