"""Vectors cached on disk by the content they were made of, so that none is computed twice."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from admatch.arrays import Ints, Mask, Vectors
from admatch.tables.atomic import replacing

_Keys = npt.NDArray[np.uint8]


class CachedVectors:
    """Vectors by key in a folder of files; all keys have one length of at least 8 bytes.

    A file is written whole or not at all and never changed, so that any number of processes can
    share a folder and a crash costs only what was not yet written. A file that cannot be read
    counts as absent. Vectors are stored as they were made, in float32: what is read again decides
    exactly as what was just encoded. They stay on disk until they are needed; a key takes 24 bytes
    of memory. Without a folder everything lives as long as the object does.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: list[tuple[_Keys, Vectors]] = []
        # All keys by their first 8 bytes, ascending, and for each the file and the row in it.
        self._heads = np.empty(0, np.uint64)
        self._locations = np.empty((0, 2), np.int64)
        for path in sorted(folder.glob("*.vectors")) if folder else ():
            if opened := _opened(path):
                self._files.append(opened)
        self._sort_in(0)

    def __contains__(self, key: bytes) -> bool:
        return bool(self.known([key])[0])

    def known(self, keys: Sequence[bytes]) -> Mask:
        """Return which keys have a vector."""
        return self._find(keys) >= 0

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Write the vector of each key to disk at once."""
        if not keys:
            return
        stored, joined = vectors.astype(np.float32), b"".join(keys)
        rows = np.frombuffer(joined, np.uint8).reshape(len(keys), -1)
        self._files.append((rows, stored))
        self._sort_in(len(self._files) - 1)
        if self._folder:
            name = hashlib.sha256(joined).hexdigest()[:32]
            with replacing(self._folder / f"{name}.vectors") as draft:
                save_file({"keys": rows, "vectors": stored}, draft)

    def take(self, keys: Sequence[bytes], dim: int) -> Vectors:
        """Return the unit vectors of known keys, (len(keys), dim)."""
        vectors = np.empty((len(keys), dim), np.float32)
        files, rows = self._locations[self._find(keys)].T
        for file in np.unique(files):
            here = files == file
            vectors[here] = self._files[file][1][rows[here]]
        return vectors

    def _find(self, keys: Sequence[bytes]) -> Ints:
        """Return the row of each key in ``_locations``, -1 where it is not known."""
        if not keys or not len(self._heads):
            return np.full(len(keys), -1)
        given = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), -1)
        heads = _heads(given)
        nearest = np.searchsorted(self._heads, heads)
        nearest[nearest == len(self._heads)] = 0
        index = np.where(self._heads[nearest] == heads, nearest, -1)
        # Two keys with the same head hardly ever occur; the second one then counts as not known.
        files, rows = self._locations[index].T
        for file in np.unique(files):
            here = files == file
            own = (self._files[file][0][rows[here]] == given[here]).all(axis=1)
            index[here] = np.where(own, index[here], -1)
        return index

    def _sort_in(self, first: int) -> None:
        """Insert the keys of the files from ``first`` on into the order of all keys."""
        new = [_heads(keys) for keys, _ in self._files[first:]]
        if not new:
            return
        heads = np.concatenate(new)
        rows = np.concatenate([np.arange(len(part)) for part in new])
        files = np.repeat(np.arange(first, len(self._files)), [len(part) for part in new])
        order = np.argsort(heads, kind="stable")
        at = np.searchsorted(self._heads, heads[order])
        self._heads = np.insert(self._heads, at, heads[order])
        self._locations = np.insert(self._locations, at, np.stack([files, rows], 1)[order], axis=0)


def _heads(keys: _Keys) -> npt.NDArray[np.uint64]:
    return np.ascontiguousarray(keys[:, :8]).view(np.uint64)[:, 0]


def _opened(path: Path) -> tuple[_Keys, Vectors] | None:
    """Return a file's keys and vectors; None where another process removed or damaged it."""
    try:
        with safe_open(path, framework="pt") as file:
            return file.get_tensor("keys").numpy(), file.get_tensor("vectors").numpy()
    except (OSError, SafetensorError):
        return None
