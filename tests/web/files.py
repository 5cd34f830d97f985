"""Files that mean harm, and such that are merely wrong."""

import gzip
import io
import struct
import zipfile
import zlib

import openpyxl

MIB = 2**20


def zipped(members: dict[str, bytes], level: int = 9) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members.items():
            # without today's time: two processes have to make the same test of it
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, level)
    return held.getvalue()


def workbook(rows: int = 3, sheets: int = 1, header: str | None = None) -> bytes:
    from tests.web.conftest import HEADER

    book = openpyxl.Workbook()
    book.remove(book.active)
    for number in range(sheets):
        sheet = book.create_sheet(f"Sheet {number}")
        sheet.append((header or HEADER).strip().split(","))
        for row in range(rows):
            sheet.append(
                ["2025-05-01", "2025-05-30", "P", "USD", "All", "Group", "close-match", "-",
                 f"term {row}", 100, 5, 1.5, 0, 0]
            )  # fmt: skip
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def xlsx_bomb(size: int) -> bytes:
    """A workbook whose sheet unpacks to so many bytes."""
    return _with_sheet(b"<worksheet><sheetData>" + b" " * size)


def lying_bomb(size: int) -> bytes:
    """The same, but the zip directory says that the sheet is small."""
    honest = xlsx_bomb(size)
    return honest.replace(struct.pack("<I", size + 22), struct.pack("<I", 100))


def _with_sheet(sheet: bytes) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(workbook()))
    members = {name: source.read(name) for name in source.namelist()}
    members["xl/worksheets/sheet1.xml"] = sheet
    return zipped(members)


def gzip_bomb(size: int) -> bytes:
    return gzip.compress(b"a,b\n" + b"," * size, mtime=0)


def many_members(count: int) -> bytes:
    return zipped({f"{number}.csv": b"a" for number in range(count)}, 1)


def nested_zip(size: int) -> bytes:
    return zipped({"inner.zip": zipped({"a.csv": b" " * size})})


def overlapping(size: int) -> bytes:
    """A zip whose members all point at the same packed bytes (David Fifield's kind)."""
    kernel = zlib.compress(b" " * size, 9)[2:-4]
    local = _local(b"0.csv", kernel, size) + kernel
    entries = [_central(b"%d.csv" % number, kernel, size) for number in range(15)]
    central = b"".join(entries)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 15, 15, len(central), len(local), 0)
    return local + central + end


def _local(name: bytes, packed: bytes, size: int) -> bytes:
    crc = zlib.crc32(b" " * size)
    return (
        struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), size, len(name), 0)
        + name
    )


def _central(name: bytes, packed: bytes, size: int) -> bytes:
    crc = zlib.crc32(b" " * size)
    return (
        struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(packed), size, len(name),
            0, 0, 0, 0, 0, 0,
        )
        + name
    )  # fmt: skip


def picture(side: int = 24, color: str = "red", kind: str = "JPEG") -> bytes:
    from PIL import Image

    held = io.BytesIO()
    Image.new("RGB", (side, side), color).save(held, kind)
    return held.getvalue()
