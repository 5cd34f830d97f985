"""Folders, globs and addresses → the files there, digests of their content, and files written."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.messages import say
from admatch.tables.address import address_of, file_system, reaching
from admatch.tables.atomic import replacing

_PROBE = ".admatch"  # written and removed to see whether a folder can be written to
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its address, and its path below the folder that was named."""

    address: str
    below: str


def parquet_files(source: str | Path) -> list[Found]:
    """Return the Parquet files of a file, of a folder with its subfolders, or of a glob, by name.

    Names that begin with a dot or an underscore are skipped, as other readers do. Raises
    ``InputError`` where there are none.
    """
    address = address_of(source)
    fs, root = file_system(address)
    with reaching(address):
        fs.invalidate_cache()  # others write there too
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
        raise InputError(say("distributed.files.none", address=address))
    return found


def digest_of(address: str) -> str:
    """Return a text that changes with a file's content: its hash, or the store's version of it."""
    fs, path = file_system(address)
    if not _is_local(fs):
        with reaching(address):
            return str(fs.checksum(path))
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def names_in(folder: str) -> list[str]:
    """Return the paths of all files below a folder; none where there is no such folder."""
    fs, root = file_system(folder)
    with reaching(folder):
        fs.invalidate_cache()  # others write there too
        paths = fs.find(root) if fs.exists(root) else []
    names = (one.removeprefix(root).lstrip("/") for one in paths)
    return [name for name in names if name]  # some tools leave an object for the folder itself


def write_file(folder: str, name: str, content: bytes) -> None:
    """Write a file that appears whole or not at all; it replaces a file of that name.

    Raises ``InputError`` where that cannot be done.
    """
    fs, root = file_system(folder)
    try:
        if _is_local(fs):
            with replacing(Path(root) / name) as draft:
                draft.write_bytes(content)
        else:  # stores show an object once all of it is there
            fs.pipe_file(f"{root}/{name}", content)
    except Exception as error:
        message = say("distributed.files.not_written", file=f"{folder}/{name}", why=str(error))
        raise InputError(message) from error


def try_writing(folder: str) -> None:
    """Raise ``InputError`` where nothing can be written: before the work, not after it."""
    write_file(folder, _PROBE, b"")
    with suppress(InputError):  # some stores allow writing and not removing
        remove_files(folder, [_PROBE])


def remove_files(folder: str, names: Sequence[str]) -> None:
    """Remove files, which may be gone already."""
    fs, root = file_system(folder)
    for name in names:
        with reaching(f"{folder}/{name}"), suppress(FileNotFoundError):
            fs.rm_file(f"{root}/{name}")


def _is_local(fs: Any) -> bool:  # noqa: ANN401 - fsspec's own
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)
