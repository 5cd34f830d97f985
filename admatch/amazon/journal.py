"""A record of what was done that survives any crash: ``Journal``."""

import json
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from admatch.errors import InputError
from admatch.messages import say
from admatch.tables.lock import take

Record: TypeAlias = dict[str, Any]


class Journal:
    """An append-only file of records, one a line; a record is on disk when ``write`` returns.

    Every line begins with the checksum of the rest, so a line that a crash cut short is recognised.
    """

    def __init__(self, path: Path, file: BinaryIO, records: list[Record]) -> None:
        self.path = path
        self.records = records
        self._file = file

    def write(self, kind: str, **facts: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Append a record; return when it is on disk."""
        record = {"kind": kind, **facts}
        self._file.write(_line(record))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.records.append(record)


@contextmanager
def open_journal(path: Path) -> Iterator[Journal]:
    """Yield the journal at ``path``, created if need be; no other process can open it meanwhile.

    A last line that was cut short is removed: ``write`` never returned for it. Raises
    ``InputError`` where another process has it open, or a line before the last is damaged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)  # Windows would alter line ends
    with os.fdopen(os.open(path, flags, 0o600), "r+b") as file:
        _lock(file, path)
        if new:
            _sync_folder(path.parent)
        records, length = _records(file.read(), path)
        file.truncate(length)
        file.seek(length)
        os.fsync(file.fileno())
        yield Journal(path, file, records)


def read_journal(path: Path) -> list[Record]:
    """Return the records of a journal, which may be open elsewhere; none where there is no file."""
    return _records(path.read_bytes(), path)[0] if path.exists() else []


def _line(record: Record) -> bytes:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    return b"%08x %b\n" % (zlib.crc32(text), text)


def _records(content: bytes, path: Path) -> tuple[list[Record], int]:
    """Return the complete records, and the bytes that they take."""
    records, length = [], 0
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        record = _record(line)
        if record is None and number < len(lines):
            raise InputError(say("amazon.journal.damaged", file=path.name, line=str(number)))
        if record is not None:
            records.append(record)
            length += len(line)
    return records, length


def _record(line: bytes) -> Record | None:
    check, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or check != b"%08x" % zlib.crc32(text):
        return None
    record: Record = json.loads(text)
    return record


def _sync_folder(folder: Path) -> None:
    """Put the name of a new file on disk; Windows does that by itself."""
    if sys.platform != "win32":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _lock(file: BinaryIO, path: Path) -> None:
    if not take(file):
        raise InputError(say("amazon.journal.in_use", file=path.name))
