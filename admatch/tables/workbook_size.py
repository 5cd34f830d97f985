"""What the sheets of a workbook would take in memory, found from their XML before they are read.

A sheet is decoded as the rectangle around all its cells, each with a text of its own: one cell in
the last corner of a sheet is 17 billion cells, and one shared text may stand in a million of them.
"""

import re
import zipfile

import numpy as np
import numpy.typing as npt

from admatch.tables.limits import CELLS, COLUMNS, TEXT, check_shape, check_text, check_unpacked

_ROWS = re.compile(rb'<(?:\w+:)?row\b[^<>]*?\sr="([0-9]{1,7})"')
_SHARED = "sharedStrings.xml"
_TEXTS = re.compile(rb"<(?:\w+:)?si\b")
_USES = re.compile(rb't="s"[^<>]*>\s*+<(?:\w+:)?v>([0-9]{1,9})<')
_LAST_ROW = 2**20


def check_book(file: str, book: zipfile.ZipFile) -> npt.NDArray[np.int64]:
    """Return the bytes of each shared text; raises InputError where the workbook is too large."""
    check_unpacked(file, sum(member.file_size for member in book.infolist()))
    shared = b"".join(book.read(name) for name in book.namelist() if name.endswith(_SHARED))
    starts = [found.start() for found in _TEXTS.finditer(shared)]
    return np.diff([*starts, len(shared)]) if starts else np.zeros(0, dtype=np.int64)


def check_sheet(file: str, sheet: bytes, shared: npt.NDArray[np.int64]) -> None:
    """Raise InputError where a sheet has too many cells, or its shared texts are too long."""
    rows = _rows(sheet)
    beyond = re.search(_columns_beyond(min(COLUMNS, CELLS // max(rows, 1))), sheet)
    if beyond is not None:
        check_shape(file, rows, _number(beyond[1]))
    if len(shared) and sheet.count(b't="s"') * int(shared.max()) > TEXT:
        uses = np.array([int(found[1]) for found in _USES.finditer(sheet)], dtype=np.int64)
        check_text(file, int(shared[uses[uses < len(shared)]].sum()))


def _rows(sheet: bytes) -> int:
    """Return the last row; the last possible one where cells have other numbers than their rows."""
    last = max(map(int, _ROWS.findall(sheet)), default=1)
    further = rb'\sr="[A-Z]{1,3}[0-9]{%d,}' % (len(str(last)) + 1)
    return _LAST_ROW if re.search(further, sheet) else last


def _columns_beyond(limit: int) -> bytes:
    """Return the pattern of references to cells in columns beyond the ``limit``-th."""
    letters = _letters(limit)
    longer = b"[A-Z]{%d,}" % (len(letters) + 1)
    later = [
        letters[:at] + b"[%c-Z]" % (letter + 1) + b"[A-Z]{%d}" % (len(letters) - at - 1)
        for at, letter in enumerate(letters)
        if letter < ord("Z")
    ]
    return rb'\sr="(' + b"|".join([longer, *later]) + rb")[0-9]"


def _letters(number: int) -> bytes:
    """Return the name of the column with this number: 28 is AB."""
    name = b""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        name = bytes([ord("A") + rest]) + name
    return name


def _number(letters: bytes) -> int:
    """Return the number of the column with this name: AB is 28."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
