"""A job's files: paths, folders, globs and addresses → local files with their hashes."""

import glob
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.messages import say
from admatch.tables.address import file_system, unreached

_READ = 2**20
_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".json", ".jsonl", ".gz", ".zst", ".parquet")


@dataclass(frozen=True, slots=True)
class Source:
    """A file: its name for people, the local path, a hash of its content, its last change."""

    name: str
    path: Path
    digest: str
    changed: float


def find_sources(
    named: Sequence[str], folder: Path, fetched: Path, *, may_lack: bool = False
) -> list[Source]:
    """Return the files that a job names, each content once, oldest first.

    Relative paths start from ``folder``. Files at addresses are copied into ``fetched``. Files are
    ordered by the time of their last change, then by name. Raises ``InputError`` for a name without
    a file, unless it ``may_lack`` one.
    """
    found: list[Source] = []
    for name in named:
        files = list(_remote(name, fetched) if "://" in name else _local(name, folder))
        if not files and not may_lack:
            raise InputError(say("jobs.source.no_file", name=name))
        found += files
    ordered = sorted(found, key=lambda one: (one.changed, one.name))
    unique: dict[str, Source] = {}
    for one in ordered:
        unique.setdefault(one.digest, one)
    return list(unique.values())


def find_source(name: str, folder: Path, fetched: Path) -> Source:
    """Return the file that is named; the newest one of a glob or a folder."""
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
            yield Source(_name(one, folder), one, _hash(one), one.stat().st_mtime)


def _name(path: Path, folder: Path) -> str:
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
            raise InputError(say("jobs.source.not_fetched", name=name, why=str(error))) from None
        try:
            changed = fs.modified(path).timestamp()
        except NotImplementedError:  # not every store knows
            changed = 0.0
        yield Source(f"{name.partition('://')[0]}://{path}", local, _hash(local), changed)


def _opened(name: str) -> tuple[Any, list[str]]:
    """Return the file system of an address, and the files that the address stands for."""
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
