"""Excel workbooks → one ``RawTable`` a sheet."""

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import fastexcel

from admatch.errors import InputError, shorten
from admatch.tables.raw import RawTable

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_workbook(path: Path, content: bytes) -> tuple[RawTable, ...]:
    """Return the sheets that hold anything, in the workbook's order; hidden ones are marked.

    Raises ``InputError`` where ``content`` is no workbook that can be read.
    """
    try:
        book = fastexcel.read_excel(content)
        tables = [_read_sheet(path, book, name) for name in book.sheet_names]
    except fastexcel.FastExcelError as error:
        raise InputError(f"{path.name}: {_reason(content, str(error))}") from None
    filled = tuple(table for table in tables if table.lines.height)
    if not filled:
        raise InputError(f"{path.name}: no sheet of the workbook holds a cell; download it again")
    return filled


def _read_sheet(path: Path, book: fastexcel.ExcelReader, name: str) -> RawTable:
    # skip_rows=0 keeps the blank rows at the top, and with them the true row numbers
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    hidden = sheet.visible != "visible"
    return RawTable.from_lines(path, sheet.to_polars(), sheet=name, typed=True, hidden=hidden)


def _reason(content: bytes, error: str) -> str:
    """Return why ``content`` is no workbook that can be read, and what to do."""
    if "assword" in error or "EncryptedPackage".encode("utf-16-le") in content:
        return "the workbook is protected by a password; save it without one"
    if content.startswith(b"PK"):
        held = _archived(content)
        if held and not any(name.startswith(("xl/", "/xl/")) for name in held):
            some = ", ".join(map(shorten, held[:3]))
            return f"this is a zip archive ({some}), not an Excel workbook; unpack it first"
        return "the workbook is damaged or cut off; download it again"
    if content.startswith(_OLD_EXCEL):
        return "this old Excel workbook cannot be read; save it as .xlsx"
    return "this is not an Excel workbook, whatever its name says; download it again"


def _archived(content: bytes) -> list[str]:
    """Return the names in a zip archive; none where its directory is damaged."""
    try:
        return zipfile.ZipFile(BytesIO(content)).namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return []
