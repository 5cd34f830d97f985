"""Folders, globs and addresses → the files there, what tells their content, and files written."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.tables.address import file_system, unreached
from admatch.tables.atomic import replacing

_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file: where it is, and its path below the folder that was named."""

    address: str
    below: str


def address_of(place: str | Path) -> str:
    """Return the whole path of a file, or an address with the slashes that ``Path`` took from it.

    Workers have a working folder of their own, where a relative path would lead elsewhere.
    """
    scheme, mark, rest = str(place).partition(":/")
    if mark and len(scheme) > 1 and "/" not in scheme:
        return ("/" if scheme == "file" else f"{scheme}://") + rest.lstrip("/")
    return str(Path(place).absolute())


def parquet_files(place: str | Path) -> list[Found]:
    """Return the Parquet files of a file, a folder with what is in it, or a glob, by name.

    Names that begin with a dot or an underscore are passed over, as other readers do. Raises
    InputError where there are none.
    """
    address = address_of(place)
    fs, root = file_system(address)
    try:
        if fs.isdir(root):
            base, paths = root, [one for one in fs.find(root) if one.endswith(".parquet")]
        else:
            base = _WILD.split(root, maxsplit=1)[0].rpartition("/")[0]
            paths = [one for one in fs.glob(root) if fs.isfile(one)]
    except Exception as error:
        raise unreached(address, error) from error
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
        return str(fs.checksum(path))
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def names_in(folder: str) -> list[str]:
    """Return the paths of all files below a folder, none where there is no such folder."""
    fs, root = file_system(folder)
    return [one.removeprefix(root).lstrip("/") for one in fs.find(root)] if fs.exists(root) else []


def write_file(folder: str, name: str, content: bytes) -> None:
    """Write a file that appears whole or not at all; one of that name is replaced."""
    fs, root = file_system(folder)
    if not _is_local(fs):
        fs.pipe_file(f"{root}/{name}", content)  # stores show an object when all of it is there
        return
    with replacing(Path(root) / name) as draft:
        draft.write_bytes(content)


def remove_files(folder: str, names: Sequence[str]) -> None:
    """Remove files that may be gone already."""
    fs, root = file_system(folder)
    for name in names:
        if fs.exists(f"{root}/{name}"):
            fs.rm_file(f"{root}/{name}")


def _is_local(fs: Any) -> bool:  # noqa: ANN401 - fsspec's own
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)
