"""Folders, globs and addresses → the files there, what tells their content, and files written."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.tables.address import address_of, file_system, reaching
from admatch.tables.atomic import replacing

_TRIED = ".admatch"
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file: where it is, and its path below the folder that was named."""

    address: str
    below: str


def parquet_files(place: str | Path) -> list[Found]:
    """Return the Parquet files of a file, a folder with what is in it, or a glob, by name.

    Names that begin with a dot or an underscore are passed over, as other readers do. Raises
    InputError where there are none.
    """
    address = address_of(place)
    fs, root = file_system(address)
    with reaching(address):
        fs.invalidate_cache()  # others write there, too
        if fs.isdir(root):
            base, paths = root, [one for one in fs.find(root) if one.endswith(".parquet")]
        else:
            base = _WILD.split(root, maxsplit=1)[0].rpartition("/")[0]
            paths = [one for one in fs.glob(root) if fs.isfile(one)]
    below = {path: path.removeprefix(base).lstrip("/") for path in sorted(paths)}
    found = [
        Found(path if _is_local(fs) else fs.unstrip_protocol(path), name)
        for path, name in below.items()
        if not any(part.startswith((".", "_")) for part in name.split("/"))
    ]
    if not found:
        raise InputError(
            f"'{address}' leads to no Parquet file; give a file, a folder or a glob of .parquet "
            "files, here or at an address"
        )
    return found


def digest_of(address: str) -> str:
    """Return what changes when a file's content does: its hash, or the store's version of it."""
    fs, path = file_system(address)
    if not _is_local(fs):
        with reaching(address):
            return str(fs.checksum(path))
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def names_in(folder: str) -> list[str]:
    """Return the paths of all files below a folder, none where there is no such folder."""
    fs, root = file_system(folder)
    with reaching(folder):
        fs.invalidate_cache()  # others write there, too
        paths = fs.find(root) if fs.exists(root) else []
    names = (one.removeprefix(root).lstrip("/") for one in paths)
    return [name for name in names if name]  # some tools leave an object in place of the folder


def write_file(folder: str, name: str, content: bytes) -> None:
    """Write a file that appears whole or not at all; one of that name is replaced.

    Raises InputError where that cannot be done.
    """
    fs, root = file_system(folder)
    try:
        if _is_local(fs):
            with replacing(Path(root) / name) as draft:
                draft.write_bytes(content)
        else:  # stores show an object when all of it is there
            fs.pipe_file(f"{root}/{name}", content)
    except Exception as error:
        raise InputError(
            f"'{folder}/{name}' cannot be written ({error}); check that the place is there, has "
            "room, and may be written to"
        ) from error


def try_writing(folder: str) -> None:
    """Raise InputError where nothing can be written: better before the work than after it."""
    write_file(folder, _TRIED, b"")
    with suppress(InputError):  # there are stores that one may write to and not remove from
        remove_files(folder, [_TRIED])


def remove_files(folder: str, names: Sequence[str]) -> None:
    """Remove files that may be gone already."""
    fs, root = file_system(folder)
    for name in names:
        with reaching(f"{folder}/{name}"), suppress(FileNotFoundError):
            fs.rm_file(f"{root}/{name}")


def _is_local(fs: Any) -> bool:  # noqa: ANN401 - fsspec's own
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)
