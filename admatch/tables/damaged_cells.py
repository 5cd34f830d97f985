"""Workbooks whose cells lost their content → the same with that content as text.

calamine, which reads workbooks, returns an empty cell for an error (#N/A) and for a formula whose
value was never computed, and a rounded number for a long ID that Excel holds as a float. Each would
pass for an honest cell, so they are made texts before it reads them.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from admatch.tables.damaged_ods import with_ods_damage_as_text
from admatch.tables.workbook_size import check_book, check_sheet

# A cell with content: <c r="A1" t="e">…</c>, but not <c r="A1"/>. No pattern may look at the rest
# of the sheet from every place in it: a few kB would take hours.
_CELL = rb'<%(p)sc\b((?:[^<>"]|"[^<"]*")*+)(?<!/)>(.*?)</%(p)sc>'
_NO_VALUE = rb"(?:</%(p)sf>|<%(p)sf[^<>]*/>)\s*+(?:<%(p)sv\s*+/>|<%(p)sv></%(p)sv>)?+\s*+</%(p)sc>"
_ROOT = re.compile(rb"<(?!\?)(?:(\w+):)?worksheet\b")
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError),
    *(NotImplementedError, RuntimeError, EOFError),
)
_LONGEST = 2**53  # beyond it not every whole number is a float


def with_damage_as_text(file: str, content: bytes) -> bytes:
    """Return a workbook whose errors, uncomputed formulas and rounded long numbers are texts.

    ``content`` itself comes back where it has none, or is neither an .xlsx nor an .ods file. Raises
    ``InputError`` with the ``file``'s name where a sheet is too large to be read.
    """
    try:
        book = zipfile.ZipFile(io.BytesIO(content))
        changed = dict(_changed_sheets(file, book))
        return _with(book, changed) if changed else content
    except _BROKEN:
        return content  # the reader says what is wrong with it


def _changed_sheets(file: str, book: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    shared = check_book(file, book)
    for name in book.namelist():
        is_excel = "worksheets/" in name and name.endswith(".xml")
        if not is_excel and name != "content.xml":
            continue
        sheet = book.read(name)
        if is_excel:
            check_sheet(file, sheet, shared)
        changed = _changed(sheet) if is_excel else with_ods_damage_as_text(sheet)
        if changed is not sheet:
            yield name, changed


def _with(book: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for item in book.infolist():
            copy.writestr(item.filename, changed.get(item.filename) or book.read(item))
    return stream.getvalue()


def _changed(sheet: bytes) -> bytes:
    """Return a sheet's XML with damaged cells as texts; the same object where it has none."""
    root = _ROOT.search(sheet[:4096])
    prefix = root[1] + b":" if root is not None and root[1] else b""
    if not _may_be_damaged(sheet, prefix):
        return sheet
    cells = re.compile(_CELL % {b"p": prefix}, re.DOTALL)
    end = sheet.rfind(b"</%sc>" % prefix) + len(b"</%sc>" % prefix)
    new = cells.sub(lambda found: _mended(found, prefix), sheet[:end]) + sheet[end:]
    return sheet if new == sheet else new


def _may_be_damaged(sheet: bytes, prefix: bytes) -> bool:
    """Return whether the sheet may hold an error, a formula without a value or a long number.

    Nearly all sheets hold none, and searching takes far less time than reading.
    """
    if b't="e"' in sheet or b"E+1" in sheet or b"e+1" in sheet:
        return True
    if re.search(rb"<%sv>[0-9]{16}" % prefix, sheet):
        return True
    if b"<%sf" % prefix not in sheet:
        return False
    return re.search(_NO_VALUE % {b"p": prefix}, sheet) is not None


def _mended(found: "re.Match[bytes]", prefix: bytes) -> bytes:
    """Return a cell as it was, or with its error, its formula or its long number as text."""
    attributes, inside = found[1], found[2]
    kind = re.search(rb'\st="(\w+)"', attributes)
    value = re.search(rb"<%sv>([^<]*)</%sv>" % (prefix, prefix), inside)
    text = value[1] if value is not None else b""
    if kind is not None and kind[1] == b"e":
        return _as_text(attributes, text or b"#N/A", prefix)
    if not text and (formula := re.search(rb"<%sf\b[^<>]*?(?:/>|>([^<]*)</)" % prefix, inside)):
        return _as_text(attributes, b"=" + (formula[1] or b""), prefix)
    if (kind is None or kind[1] == b"n") and _is_rounded(text):
        return _as_text(attributes, b"%.14E" % float(text), prefix)
    return found[0]


def _is_rounded(text: bytes) -> bool:
    if len(text) < 16 and b"e" not in text.lower():
        return False
    try:
        return _LONGEST <= abs(float(text)) < 1e30
    except ValueError:
        return False


def _as_text(attributes: bytes, text: bytes, prefix: bytes) -> bytes:
    kept = re.sub(rb'\s(?:t|s)="\w*"', b"", attributes)
    return b'<%sc%s t="str"><%sv>%s</%sv></%sc>' % (prefix, kept, prefix, text, prefix, prefix)
