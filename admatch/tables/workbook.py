"""Excel workbooks → one ``RawTable`` a sheet."""

import logging
import re
import struct
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import fastexcel

from admatch.errors import InputError, shorten
from admatch.messages import Message, say
from admatch.tables.damaged_cells import with_damage_as_text
from admatch.tables.raw import RawTable

# It warns of columns whose kind it guesses. All cells are read as texts, and without a handler
# Python prints warnings on stderr.
logging.getLogger("fastexcel").setLevel(logging.ERROR)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_workbook(path: Path, content: bytes) -> tuple[RawTable, ...]:
    """Return the sheets that hold anything, in the workbook's order; hidden ones are marked.

    Raises ``InputError`` where ``content`` is not a workbook that can be read.
    """
    try:
        book = fastexcel.read_excel(with_damage_as_text(path.name, content))
        from_1904 = _counts_from_1904(content)
        tables = [_read_sheet(path, book, name, from_1904) for name in book.sheet_names]
    except fastexcel.FastExcelError as error:
        raise InputError(_refusal(path.name, content, str(error))) from None
    filled = tuple(table for table in tables if table.lines.height)
    if not filled:
        raise InputError(say("tables.workbook.empty", file=path.name))
    return filled


def _counts_from_1904(content: bytes) -> bool:
    """Return whether an Excel workbook numbers days from 1904."""
    try:
        book = zipfile.ZipFile(BytesIO(content)).read("xl/workbook.xml")
    except (KeyError, zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError):
        return False
    return re.search(rb'date1904="(?:1|true)"', book) is not None


def _read_sheet(path: Path, book: fastexcel.ExcelReader, name: str, from_1904: bool) -> RawTable:
    # skip_rows=0 keeps the blank rows at the top, and with them the true row numbers
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    hidden = sheet.visible != "visible"
    table = RawTable.from_lines(path, sheet.to_polars(), sheet=name, typed=True, hidden=hidden)
    return replace(table, from_1904=from_1904)


def _refusal(file: str, content: bytes, error: str) -> Message:
    """Return why ``content`` cannot be read as a workbook, and what to do."""
    if "assword" in error or "EncryptedPackage".encode("utf-16-le") in content:
        return say("tables.workbook.password", file=file)
    if content.startswith(b"PK"):
        names = _archived(content)
        if names and not any(name.startswith(("xl/", "/xl/")) for name in names):
            some = ", ".join(map(shorten, names[:3]))
            return say("tables.workbook.archive", file=file, names=some)
        return say("tables.workbook.damaged", file=file)
    if content.startswith(_OLD_EXCEL):
        return say("tables.workbook.old", file=file)
    return say("tables.workbook.no_workbook", file=file)


def _archived(content: bytes) -> list[str]:
    """Return the names in a zip archive; none where its directory is damaged."""
    try:
        return zipfile.ZipFile(BytesIO(content)).namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return []
