"""A file's bytes, unpacked; what cannot be a table is refused here."""

import gzip
import io
import re
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from admatch.errors import InputError
from admatch.messages import say
from admatch.tables.limits import PACKED_TWICE, check_unpacked

_PACKED = {".gz", ".zst"}
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PARQUET = b"PAR1"
_BLOCK = 1 << 24
_UNPACKED = 10  # times the size; reports pack by 6 to 10
_FILLED = re.compile(rb"[^\xef\xbb\xbf\xff\xfe\x00 \t\r\n]")


def read_content(path: Path) -> tuple[bytes, str]:
    """Return the bytes inside ``path`` and their suffix (".csv"), with .gz and .zst taken off.

    Raises ``InputError`` for a missing, empty, truncated or web-page file.
    """
    content = _read(path)
    for _ in range(PACKED_TWICE):
        content = _unpack(path, content) if is_packed(content) else content
    if is_packed(content):  # a file can be made that unpacks to itself
        raise InputError(say("tables.limits.packed_often", file=path.name))
    if not is_filled(content):
        raise InputError(say("tables.content.empty", file=path.name))
    if is_web_page(content):
        raise InputError(say("tables.content.web_page", file=path.name))
    return content, suffix_of(path)


def open_content(path: Path) -> BinaryIO:
    """Return the file's bytes as a stream, with one packing (gzip, zstd) taken off."""
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == _GZIP:
        return cast("BinaryIO", gzip.open(path))
    if start == _ZSTD:
        return cast("BinaryIO", pa.input_stream(str(path), compression="zstd"))
    return path.open("rb")


def text_size(path: Path) -> int:
    """Return about how many bytes of text ``path`` holds; for packed files, an upper bound.

    A folder counts as all Parquet files in it; a file that cannot be opened counts as 0.
    """
    if path.is_dir():
        return sum(map(text_size, path.rglob("*.parquet")))
    try:
        with path.open("rb") as file:
            start = file.read(4)
        size = path.stat().st_size
    except OSError:
        return 0
    return size * _UNPACKED if is_packed(start) or start == _PARQUET else size


def suffix_of(path: Path) -> str:
    """Return the suffix (".csv") of the file inside ``path``, without .gz and .zst."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in _PACKED]
    return suffixes[-1] if suffixes else ""


def is_packed(start: bytes) -> bool:
    """Return whether a file that begins with ``start`` is packed by gzip or zstd."""
    return start.startswith((_GZIP, _ZSTD))


def is_filled(content: bytes) -> bool:
    """Return whether there is more than blanks and byte-order marks."""
    return _FILLED.search(content) is not None


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(say("tables.content.folder", path=str(path)))
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(say("tables.content.missing", path=str(path))) from None
    except OSError as error:
        why = str(error.strerror)
        raise InputError(say("tables.content.unreadable", path=str(path), why=why)) from None


def _unpack(path: Path, content: bytes) -> bytes:
    packed, unpacked = io.BytesIO(content), io.BytesIO()
    try:
        with (
            gzip.open(packed)
            if content.startswith(_GZIP)
            else pa.input_stream(packed, compression="zstd")
        ) as stream:
            while block := stream.read(_BLOCK):
                unpacked.write(block)
                check_unpacked(path.name, unpacked.tell())
        return unpacked.getvalue()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(say("tables.content.damaged", file=path.name, why=str(error))) from None


def is_web_page(content: bytes) -> bool:
    """Return whether ``content`` begins like HTML."""
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<!doctype  html")) or (
        start.startswith((b"<?xml", b"<!--")) and b"<html" in start
    )
