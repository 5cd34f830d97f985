"""Checksums of an index's files, which are looked at each time that it is opened."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

_BLOCK = 2**20
_MOST = 256  # blocks of a file that are looked at, so that an index of any size opens at once


def checksums(folder: Path) -> dict[str, str]:
    """Return the checksum of each file of arrays and of the catalog in a folder, by its name."""
    return {
        path.name: _checksum(path)
        for path in sorted(folder.iterdir())
        if path.suffix in (".safetensors", ".arrow")
    }


def fit(folder: Path, known: Mapping[str, str]) -> bool:
    """Return whether the files in a folder are those that ``known`` was made of."""
    return all(
        (folder / name).is_file() and _checksum(folder / name) == checksum
        for name, checksum in known.items()
    )


def _checksum(path: Path) -> str:
    """Return the SHA-256 of a file; of a large one, of its size and of blocks all over it."""
    size = path.stat().st_size
    blocks = max(1, -(-size // _BLOCK))
    some = min(blocks, _MOST)
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as content:
        for number in range(some):
            content.seek(number * blocks // some * _BLOCK)
            digest.update(content.read(_BLOCK))
        content.seek(max(0, size - _BLOCK))
        digest.update(content.read(_BLOCK))
    return digest.hexdigest()
