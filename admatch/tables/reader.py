"""Any file that holds tables → its ``RawTable`` records."""

from pathlib import Path

from admatch.errors import InputError
from admatch.tables.content import read_content
from admatch.tables.delimited import read_delimited
from admatch.tables.raw import RawTable
from admatch.tables.records_file import read_json, read_parquet, read_parquet_parts
from admatch.tables.workbook import read_workbook

_EXCEL = {".xlsx", ".xlsm", ".xls", ".xlsb"}
_JSON = {".json", ".jsonl", ".ndjson"}
_OTHER = {".pdf": "a PDF", ".png": "an image", ".jpg": "an image", ".zip": "a zip archive"}


def read_tables(path: Path) -> tuple[RawTable, ...]:
    """Return the tables in ``path``: one for a text file, one a filled sheet for a workbook.

    Reads .csv .tsv .txt .xlsx .xlsm .json .jsonl .ndjson .parquet, each also inside .gz or .zst;
    the content decides where it contradicts the name. The header is taken to be the first line
    until ``RawTable.with_header_at`` says otherwise. A folder of Parquet files is one table.
    Raises ``InputError``.
    """
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
        kind = _OTHER.get(suffix, "no text")
        raise InputError(
            f"{path.name}: the file is {kind}, not a table; "
            "expected CSV, TSV, XLSX, JSON or Parquet"
        )
    return (read_delimited(path, content),)


def is_delimited(content: bytes, suffix: str) -> bool:
    """Tell whether a file with this suffix that begins with ``content`` is read as text cells."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
        return False
    if suffix in {*_EXCEL, *_JSON, *_OTHER, ".parquet"}:
        return False
    return not (_looks_like_json(content) or b"\x00" * 4 in content[:4096])


def _looks_like_json(content: bytes) -> bool:
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    first, rest = start[:1], start[1:].lstrip()
    return (first == b"{" and rest[:1] == b'"') or (first == b"[" and rest[:1] == b"{")
