"""What was done, kept through any crash: ``Journal``."""

import json
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from admatch.errors import InputError
from admatch.tables.lock import take

Record: TypeAlias = dict[str, Any]


class Journal:
    """An append-only file of records, one a line; what ``write`` has taken is on the disk.

    Every line begins with the checksum of the rest, so that one that a crash cut short is known.
    """

    def __init__(self, path: Path, file: BinaryIO, records: list[Record]) -> None:
        self.path = path
        self.records = records
        self._file = file

    def write(self, kind: str, **facts: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Append a record, and return when it is on the disk."""
        record = {"kind": kind, **facts}
        self._file.write(_line(record))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.records.append(record)


@contextmanager
def open_journal(path: Path) -> Iterator[Journal]:
    """Yield the journal at ``path``, made if need be; nobody else has it open meanwhile.

    A last line that was cut short is taken away: nobody was told of it. Raises ``InputError``
    where another process has it open, or a line before the last is damaged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)  # Windows would alter line ends
    with os.fdopen(os.open(path, flags, 0o600), "r+b") as file:
        _lock(file, path)
        if new:
            _keep_name(path.parent)
        records, length = _records(file.read(), path)
        file.truncate(length)
        file.seek(length)
        os.fsync(file.fileno())
        yield Journal(path, file, records)


def read_journal(path: Path) -> list[Record]:
    """Return the records of a journal that may be open elsewhere; none where there is none."""
    return _records(path.read_bytes(), path)[0] if path.exists() else []


def _line(record: Record) -> bytes:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    return b"%08x %b\n" % (zlib.crc32(text), text)


def _records(content: bytes, path: Path) -> tuple[list[Record], int]:
    """Return the whole records, and how many bytes they take."""
    records, length = [], 0
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        record = _record(line)
        if record is None and number < len(lines):
            raise InputError(
                f"{path.name}, line {number}: the line is damaged, so what was done is not known; "
                "compare with Amazon's console, and put the file aside"
            )
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


def _keep_name(folder: Path) -> None:
    """Make the disk keep a new file's name; Windows keeps it by itself."""
    if sys.platform != "win32":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _lock(file: BinaryIO, path: Path) -> None:
    if not take(file):
        raise InputError(
            f"{path.name}: another admatch works on this at this moment; wait until it is done"
        )
