"""Any file that holds tables → its ``RawTable`` records."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TypeAlias

from admatch.errors import InputError
from admatch.messages import Message, say
from admatch.tables.content import read_content
from admatch.tables.delimited import read_delimited
from admatch.tables.raw import RawTable
from admatch.tables.records_file import read_json, read_parquet, read_parquet_parts
from admatch.tables.workbook import read_workbook

_EXCEL = {".xlsx", ".xlsm", ".xls", ".xlsb"}
_JSON = {".json", ".jsonl", ".ndjson"}
_OTHER = {".pdf", ".png", ".jpg", ".zip"}


_Parsed: TypeAlias = dict[Path, tuple[RawTable, ...] | InputError]
_parsed: ContextVar[_Parsed | None] = ContextVar("parsed", default=None)


@contextmanager
def parsing_once() -> Iterator[None]:
    """Within it, a file is parsed once, however many readers look whether it is theirs."""
    token = _parsed.set({})
    try:
        yield
    finally:
        _parsed.reset(token)


def read_tables(path: Path) -> tuple[RawTable, ...]:
    """Return the tables in ``path``: one of a text file, one per filled sheet of a workbook.

    Reads .csv .tsv .txt .xlsx .xlsm .json .jsonl .ndjson .parquet, each also inside .gz or .zst;
    the content decides where it contradicts the name. The first line is the header until
    ``RawTable.with_header_at`` sets another. A folder of Parquet files is one table. Raises
    ``InputError``.
    """
    parsed = _parsed.get()
    if parsed is None:
        return _tables(path)
    if path not in parsed:
        try:
            parsed[path] = _tables(path)
        except InputError as error:
            parsed[path] = error
    found = parsed[path]
    if isinstance(found, InputError):
        raise found
    return found


def _tables(path: Path) -> tuple[RawTable, ...]:
    if path.is_dir() and (parts := sorted(path.rglob("*.parquet"))):
        return (read_parquet_parts(path, parts),)
    content, suffix = read_content(path)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or suffix in _EXCEL:
        return read_workbook(path, content)
    if content.startswith(b"PAR1") or suffix == ".parquet":
        return (read_parquet(path, content),)
    if suffix in _JSON or _looks_like_json(content):
        return (read_json(path, content),)
    if suffix in _OTHER or b"\x00" * 4 in content[:4096]:
        raise InputError(say("tables.reader.not_a_table", file=path.name, kind=_kind(suffix)))
    return (read_delimited(path, content),)


def is_delimited(content: bytes, suffix: str) -> bool:
    """Return whether a file with this suffix that begins with ``content`` is delimited text."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
        return False
    if suffix in {*_EXCEL, *_JSON, *_OTHER, ".parquet"}:
        return False
    return not (_looks_like_json(content) or b"\x00" * 4 in content[:4096])


def _kind(suffix: str) -> Message:
    match suffix:
        case ".pdf":
            return say("tables.reader.pdf")
        case ".png" | ".jpg":
            return say("tables.reader.image")
        case ".zip":
            return say("tables.reader.zip")
    return say("tables.reader.binary")


def _looks_like_json(content: bytes) -> bool:
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    first, rest = start[:1], start[1:].lstrip()
    return (first == b"{" and rest[:1] == b'"') or (first == b"[" and rest[:1] == b"{")
