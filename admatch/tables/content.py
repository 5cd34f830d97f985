"""A file's bytes, unpacked; what no table can be is told apart here."""

import gzip
import io
import re
import zlib
from pathlib import Path

import pyarrow as pa

from admatch.errors import InputError

_PACKED = {".gz", ".zst"}
_FILLED = re.compile(rb"[^\xef\xbb\xbf\xff\xfe\x00 \t\r\n]")


def read_content(path: Path) -> tuple[bytes, str]:
    """Return the bytes inside ``path`` and their suffix (".csv"), with .gz and .zst taken off.

    Raises ``InputError`` for a missing, empty, truncated or web-page file.
    """
    content = _read(path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while content[:2] == b"\x1f\x8b" or content[:4] == b"\x28\xb5\x2f\xfd":
        content = _unpack(path, content)
    while suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    if _FILLED.search(content) is None:
        raise InputError(f"{path.name}: the file is empty; download it again")
    if _is_web_page(content):
        raise InputError(
            f"{path.name}: this is a web page, not a table (perhaps the sign-in page that came "
            "in place of the download); sign in and download the report again"
        )
    return content, suffixes[-1] if suffixes else ""


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: this is a folder; name a file in it")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check it") from None


def _unpack(path: Path, content: bytes) -> bytes:
    try:
        if content[:2] == b"\x1f\x8b":
            return gzip.decompress(content)
        with pa.input_stream(io.BytesIO(content), compression="zstd") as stream:
            return bytes(stream.read())
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{path.name}: the compressed file is damaged or cut off ({error}); download it again"
        ) from None


def _is_web_page(content: bytes) -> bool:
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<!doctype  html")) or (
        start.startswith((b"<?xml", b"<!--")) and b"<html" in start
    )
