"""Vectors that are kept on disk by the content they were made of, so that none is made twice."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from admatch.encode.protocol import Vectors
from admatch.tables.atomic import replacing

_Keys = npt.NDArray[np.uint8]


class CachedVectors:
    """Vectors by key, all keys of one length, at least 8 bytes, in a folder of files.

    A file is written whole or not at all and never changed, so that any number of processes can
    use one folder and a crash costs what was not yet written; one that cannot be read counts as
    not there. Vectors are kept as float16: half the room, and a cosine less than 0.001 off. They
    stay on disk until they are asked for; the keys take 24 bytes each in memory. Without a folder
    everything is held as long as the object is.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: list[tuple[_Keys, npt.NDArray[np.float16]]] = []
        # Of all keys, by their first 8 bytes, ascending: these, the file, the row in it.
        self._heads = np.empty(0, np.uint64)
        self._places = np.empty((0, 2), np.int64)
        for path in sorted(folder.glob("*.vectors")) if folder else ():
            if found := _opened(path):
                self._files.append(found)
        self._sort_in(0)

    def __contains__(self, key: bytes) -> bool:
        return bool(self.known([key])[0])

    def known(self, keys: Sequence[bytes]) -> npt.NDArray[np.bool_]:
        """Return which keys have a vector."""
        return self._find(keys) >= 0

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep the vector of each key, on disk at once."""
        if not keys:
            return
        halves, joined = vectors.astype(np.float16), b"".join(keys)
        rows = np.frombuffer(joined, np.uint8).reshape(len(keys), -1)
        self._files.append((rows, halves))
        self._sort_in(len(self._files) - 1)
        if self._folder:
            named = hashlib.sha256(joined).hexdigest()[:32]
            with replacing(self._folder / f"{named}.vectors") as draft:
                save_file({"keys": rows, "vectors": halves}, draft)

    def take(self, keys: Sequence[bytes], dim: int) -> Vectors:
        """Return the unit vectors of known keys, (len(keys), dim)."""
        vectors = np.empty((len(keys), dim), np.float32)
        files, rows = self._places[self._find(keys)].T
        for file in np.unique(files):
            here = files == file
            vectors[here] = self._files[file][1][rows[here]]
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors

    def _find(self, keys: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """Return the number of each key in ``_places``, -1 where it is not known."""
        if not keys or not len(self._heads):
            return np.full(len(keys), -1)
        asked = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), -1)
        heads = _heads(asked)
        found = np.searchsorted(self._heads, heads)
        found[found == len(self._heads)] = 0
        place = np.where(self._heads[found] == heads, found, -1)
        # Two keys of one head are as good as never met; the second is then not known.
        files, rows = self._places[place].T
        for file in np.unique(files):
            here = files == file
            own = (self._files[file][0][rows[here]] == asked[here]).all(axis=1)
            place[here] = np.where(own, place[here], -1)
        return place

    def _sort_in(self, first: int) -> None:
        """Take the keys of the files from ``first`` on into the order of all."""
        new = [_heads(keys) for keys, _ in self._files[first:]]
        if not new:
            return
        heads = np.concatenate(new)
        rows = np.concatenate([np.arange(len(part)) for part in new])
        files = np.repeat(np.arange(first, len(self._files)), [len(part) for part in new])
        order = np.argsort(heads, kind="stable")
        at = np.searchsorted(self._heads, heads[order])
        self._heads = np.insert(self._heads, at, heads[order])
        self._places = np.insert(self._places, at, np.stack([files, rows], 1)[order], axis=0)


def _heads(keys: _Keys) -> npt.NDArray[np.uint64]:
    return np.ascontiguousarray(keys[:, :8]).view(np.uint64)[:, 0]


def _opened(path: Path) -> tuple[_Keys, npt.NDArray[np.float16]] | None:
    """Return keys and vectors of a file; None where another process took it away, or damaged."""
    try:
        with safe_open(path, framework="pt") as held:
            return held.get_tensor("keys").numpy(), held.get_tensor("vectors").numpy()
    except (OSError, SafetensorError):
        return None
