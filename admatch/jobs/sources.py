"""Where a job's files lie: files, folders, globs and addresses → local files with their hashes."""

import glob
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.tables.address import file_system, unreached

_READ = 2**20
_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".json", ".jsonl", ".gz", ".zst", ".parquet")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was named or found, where it can be read, and the hash of its content."""

    place: str
    path: Path
    digest: str
    changed: float


def find_sources(
    named: Sequence[str], folder: Path, fetched: Path, *, may_lack: bool = False
) -> list[Source]:
    """Return the files that a job names, relative ones in ``folder``, each content once.

    Those at addresses are brought into ``fetched``. Oldest first: by the time of their last change,
    then by name. Raises ``InputError`` where a name leads to nothing, unless it may.
    """
    found: list[Source] = []
    for name in named:
        places = list(_remote(name, fetched) if "://" in name else _local(name, folder))
        if not places and not may_lack:
            raise InputError(f"'{name}' leads to no file; correct the path, or put one there")
        found += places
    ordered = sorted(found, key=lambda one: (one.changed, one.place))
    unique: dict[str, Source] = {}
    for one in ordered:
        unique.setdefault(one.digest, one)
    return list(unique.values())


def find_source(name: str, folder: Path, fetched: Path) -> Source:
    """Return the one file that is named, of a glob or a folder the newest."""
    return find_sources([name], folder, fetched)[-1]


def _local(name: str, folder: Path) -> Iterator[Source]:
    path = folder / name
    if path.is_dir():
        paths = [one for one in path.iterdir() if one.suffix.lower() in _SUFFIXES]
    elif path.is_file():
        paths = [path]
    else:
        paths = [Path(one) for one in glob.glob(str(path), recursive=True)]
    for one in sorted(paths):
        if one.is_file() and not one.name.startswith((".", "~$")):
            yield Source(_told(one, folder), one, _hash(one), one.stat().st_mtime)


def _told(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _remote(name: str, fetched: Path) -> Iterator[Source]:
    fs, paths = _opened(name)
    for path in sorted(paths):
        local = fetched / hashlib.sha256(path.encode()).hexdigest()[:16] / Path(path).name
        local.parent.mkdir(parents=True, exist_ok=True)
        try:
            with fs.open(path, "rb") as there, local.open("wb") as here:
                shutil.copyfileobj(there, here, _READ)
        except OSError as error:
            raise InputError(f"'{name}' cannot be fetched ({error}); try again") from None
        try:
            changed = fs.modified(path).timestamp()
        except NotImplementedError:  # not every store tells
            changed = 0.0
        yield Source(f"{name.partition('://')[0]}://{path}", local, _hash(local), changed)


def _opened(name: str) -> tuple[Any, list[str]]:
    """Return the file system of an address, and the files there that it means."""
    fs, path = file_system(name)
    try:
        if fs.isdir(path):
            return fs, [one for one in fs.ls(path, detail=False) if one.endswith(_SUFFIXES)]
        return fs, [one for one in fs.glob(path) if fs.isfile(one)]
    except Exception as error:
        raise unreached(name, error) from error


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
