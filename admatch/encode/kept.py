"""Vectors that are kept on disk by the content they were made of, so that none is made twice."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from admatch.encode.protocol import Vectors
from admatch.tables.atomic import replacing


class KeptVectors:
    """Vectors by key, all keys of one length, in a folder that only ever gains files.

    They are kept as float16: half the room, and a cosine less than 0.001 off. Without a folder
    they are held as long as the object is.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._shards: list[npt.NDArray[np.float16]] = []
        self._places: dict[bytes, tuple[int, int]] = {}
        for path in sorted(folder.glob("*.vectors")) if folder else ():
            arrays = load_file(path)
            self._remember([key.tobytes() for key in arrays["keys"]], arrays["vectors"])

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep the vector of each key, on disk at once."""
        if not keys:
            return
        halves, joined = vectors.astype(np.float16), b"".join(keys)
        self._remember(keys, halves)
        if self._folder:
            rows = np.frombuffer(joined, np.uint8).reshape(len(keys), -1)
            named = hashlib.sha256(joined).hexdigest()[:32]
            with replacing(self._folder / f"{named}.vectors") as draft:
                save_file({"keys": rows, "vectors": halves}, draft)

    def take(self, keys: Sequence[bytes], dim: int) -> Vectors:
        """Return the unit vectors of known keys, (len(keys), dim)."""
        vectors = np.empty((len(keys), dim), np.float32)
        for row, key in enumerate(keys):
            shard, place = self._places[key]
            vectors[row] = self._shards[shard][place]
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors

    def _remember(self, keys: Sequence[bytes], vectors: npt.NDArray[np.float16]) -> None:
        shard = len(self._shards)
        self._shards.append(vectors)
        self._places.update((key, (shard, place)) for place, key in enumerate(keys))
