"""Tables that mean harm, by name: what is small on the disk and endless in memory or time."""

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.web.conftest import HEADER, report_csv
from tests.web.files import (
    gzip_bomb,
    many_members,
    nested_zip,
    overlapping,
    picture,
    workbook,
    xlsx_bomb,
    zipped,
)

MIB = 2**20
Bomb = Callable[[], tuple[str, bytes]]
_SHEET = "xl/worksheets/sheet1.xml"
_OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def _sheet(rows: bytes, **members: bytes) -> bytes:
    """A workbook whose first sheet has these rows, as XML."""
    source = zipfile.ZipFile(io.BytesIO(workbook()))
    held = {name: source.read(name) for name in source.namelist()}
    held |= {_SHEET: _OPEN + rows + b"</sheetData></worksheet>"}
    return zipped(held | {name.replace("__", "/"): value for name, value in members.items()})


def _shared(texts: bytes, uses: int) -> bytes:
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, uses + 1)
    )
    source = zipfile.ZipFile(io.BytesIO(workbook()))
    held = {name: source.read(name) for name in source.namelist()}
    held[_SHEET] = _OPEN + cells + b"</sheetData></worksheet>"
    held["xl/sharedStrings.xml"] = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + texts + b"</t></si></sst>"
    )  # fmt: skip
    return zipped(held)


def _parquet(table: pa.Table) -> bytes:
    held = io.BytesIO()
    pq.write_table(table, held, compression="zstd")
    return held.getvalue()


def _dictionary(rows: int, size: int) -> bytes:
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * size]))
    return _parquet(pa.table({"title": texts, "product_id": texts}))


def _endless_list(count: int) -> pa.ListArray:
    return pa.ListArray.from_arrays([0, count], pa.array(np.zeros(count, np.int8)))


def _quine() -> bytes:
    """Gzip within gzip within gzip, deeper than anybody packs."""
    content = report_csv("oat")
    for _ in range(12):
        content = gzip.compress(content, mtime=0)
    return content


def _linked() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        link = zipfile.ZipInfo("report.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return held.getvalue()


def _many_tables(count: int) -> bytes:
    return zipped({f"{number}.csv": report_csv("oat") for number in range(count)}, 1)


def _deflated(content: bytes, end: int) -> bytes:
    engine = zlib.compressobj(9, wbits=-15)
    return engine.compress(content) + engine.flush(end)


_ZEROS = _deflated(bytes(MIB), zlib.Z_FULL_FLUSH)  # may stand as often as one likes


def _png(width: int, height: int, rows: int | None = None) -> bytes:
    """A black PNG of a size, with only some of its rows where they are given."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    size = (1 + 3 * width) * (height if rows is None else rows)
    blocks, rest = divmod(size, MIB)
    check = struct.pack(">I", size % 65_521 << 16 | 1)  # Adler-32 of zeros
    pixels = b"\x78\xda" + _ZEROS * blocks + _deflated(bytes(rest), zlib.Z_FINISH) + check
    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
        + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )  # fmt: skip


def _shop(cells: str, **pictures: bytes) -> bytes:
    """A catalog whose one product has pictures, and these pictures beside it."""
    table = f"product_id,title,images\nB1,Oat drink,{cells}\n".encode()
    return zipped({"catalog.csv": table, **{f"{name}.png": one for name, one in pictures.items()}})


def _nested(kind: str, depth: int) -> bytes:
    left, right = {"list": ("[", "]"), "object": ('{"a":', "}")}[kind]
    return (left * depth + "1" + right * depth).encode()


_TERM = (
    '"May 01, 2025","May 30, 2025",P,USD,All,Group,close-match,-,'
    '"{term}",{clicks},5,1.50,{sales},0\n'
)


def _rows(term: str = "oat", clicks: str = "100", sales: str = "0.00", count: int = 3) -> bytes:
    return (HEADER + _TERM.format(term=term, clicks=clicks, sales=sales) * count).encode()


def _entities(levels: int) -> bytes:
    named = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol" * 10}">' for n in range(levels)
    )
    return (
        f"<!DOCTYPE rss [{named}]><rss><item><title>&e{levels - 1};</title></item></rss>".encode()
    )


BOMBS: dict[str, Bomb] = {
    # text
    "a line of two million cells": lambda: ("a.csv", HEADER.encode() + b"," * 2_000_000 + b"\n"),
    "one wide line above many short ones": lambda: (
        "a.csv", b"," * 4_000 + b"\n" + b"a\n" * 300_000
    ),
    "a wide line far below the header": lambda: (
        "a.csv", report_csv(rows=3_000) + b"," * 100_000 + b"\n" + report_csv(rows=3_000)
    ),
    "a header of 200,000 columns": lambda: ("a.csv", b",".join([b"c"] * 200_000) + b"\n1\n"),
    "a quote that is never closed": lambda: ("a.csv", HEADER.encode() + b'"' + b"x,\n" * 3_000_000),
    "quotes alone": lambda: ("a.csv", HEADER.encode() + b'"' * 3_000_001),
    "backslashes and quotes": lambda: ("a.csv", HEADER.encode() + b'\\"a' * 1_000_000),
    "a cell of 30 MB": lambda: ("a.csv", _rows(term="x" * 30_000_000, count=1)),
    "ten million blank lines": lambda: ("a.csv", HEADER.encode() + b"\n" * 2_900_000),
    "line feeds missing": lambda: ("a.csv", report_csv(rows=5_000).replace(b"\n", b"\r")),
    "zero bytes among the cells": lambda: ("a.csv", _rows().replace(b"oat", b"o\0at")),
    "half of a letter": lambda: ("a.csv", _rows().replace(b"oat", b"\xed\xa0\x80\xff")),
    "another encoding's mark": lambda: ("a.csv", b"\xff\xfe" + _rows()),
    "numbers of 5,000 digits": lambda: ("a.csv", _rows(clicks="9" * 5_000)),
    "numbers beyond floats": lambda: ("a.csv", _rows(sales="1e400")),
    "days of 9999": lambda: ("a.csv", _rows().replace(b"2025", b"9999")),
    "formulas": lambda: ("a.csv", _rows(term="=cmd|' /C calc'!A0")),
    "terminal escapes": lambda: ("a.csv", _rows(term="\x1b]0;evil\x07\u202e")),
    "a header 5,000 times": lambda: ("a.csv", HEADER.encode() * 5_000),
    "a separator of one's own": lambda: ("a.csv", b"sep=\0\n" + _rows()),
    "a name of many suffixes": lambda: ("a" + ".gz" * 50, _rows()),
    # packed
    "a gzip bomb": lambda: ("a.csv.gz", gzip_bomb(60 * MIB)),
    "a zstd bomb": lambda: (
        "a.csv.zst", pa.compress(b"a,b\n" + bytes(60 * MIB), "zstd", asbytes=True)
    ),
    "gzip twelve times over": lambda: ("a.csv.gz", _quine()),
    "gzip that is cut off": lambda: ("a.csv.gz", gzip.compress(report_csv(rows=5_000))[:-40]),
    "gzip with other bytes behind": lambda: ("a.csv.gz", gzip.compress(_rows()) + b"evil" * 99),
    "a zip of blanks": lambda: ("a.zip", zipped({"a.csv": b" " * (60 * MIB)})),
    "a zip in a zip": lambda: ("a.zip", nested_zip(10 * MIB)),
    "a zip whose members overlap": lambda: ("a.zip", overlapping(20 * MIB)),
    "25,000 files in a zip": lambda: ("a.zip", many_members(25_000)),
    "15,000 reports in a zip": lambda: ("a.zip", _many_tables(15_000)),
    "a zip with a link": lambda: ("a.zip", _linked()),
    "a zip that climbs": lambda: ("a.zip", zipped({"../../../../evil.csv": _rows()})),
    "a zip whose directory is damaged": lambda: ("a.zip", zipped({"a.csv": _rows()})[:-18]),
    "a zip with a password": lambda: (
        "a.zip", zipped({"a.csv": _rows()}).replace(b"\x14\0\0\0\x08\0", b"\x14\0\1\0\x08\0")
    ),
    # workbooks
    "a cell at XFD1048576": lambda: (
        "a.xlsx",
        _sheet(
            b'<row r="1"><c r="A1"><v>1</v></c></row>'
            b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        ),
    ),
    "a far cell in a near row": lambda: (
        "a.xlsx", _sheet(b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>')
    ),
    "a shared text in every cell": lambda: ("a.xlsx", _shared(b"x" * 200_000, 100_000)),
    "a sheet of blanks": lambda: ("a.xlsx", xlsx_bomb(60 * MIB)),
    "cells that are never closed": lambda: (
        "a.xlsx", _sheet(b'<row r="1">' + b'<c r="A1" t="e"><v>#N/A</v>' * 400_000)
    ),
    "formulas that are never closed": lambda: ("a.xlsx", _sheet(b"<c><f" * 800_000)),
    "blanks behind formulas": lambda: ("a.xlsx", _sheet(b"<c><f>1</f>" + b" " * 5_000_000)),
    "attributes that never end": lambda: ("a.xlsx", _sheet(b'<c t="e" a="' * 400_000)),
    "a workbook of endless entities": lambda: (
        "a.xlsx", zipped({"xl/workbook.xml": _entities(12), _SHEET: _entities(12)})
    ),
    "200 sheets": lambda: ("a.xlsx", workbook(rows=1, sheets=200)),
    "a workbook without sheets": lambda: ("a.xlsx", zipped({"xl/workbook.xml": b"<workbook/>"})),
    "an old workbook that is none": lambda: ("a.xls", b"\xd0\xcf\x11\xe0" + b"\xff" * 100_000),
    "a workbook in two": lambda: ("a.xlsx", workbook(rows=200)[:3_000]),
    # JSON
    "100,000 lists in one another": lambda: ("a.json", _nested("list", 100_000)),
    "900 objects in one another": lambda: ("a.json", b"[" + _nested("object", 900) + b"]"),
    "100,000 records of other names": lambda: (
        "a.json", json.dumps([{f"name {n}": n} for n in range(100_000)]).encode()
    ),
    "300,000 names in a record": lambda: (
        "a.json", json.dumps([{f"name {n}": n for n in range(300_000)}]).encode()
    ),
    "long names in one another": lambda: (
        "a.json", b"[" + b'{"%s":' % (b"n" * 3_000) * 900 + b"1" + b"}" * 900 + b"]"
    ),
    "JSON numbers of 5,000 digits": lambda: (
        "a.json", b'[{"title": "Oat", "price": %s}]' % (b"9" * 5_000)
    ),
    "halves of letters": lambda: ("a.json", b'[{"title": "Oat \\ud800", "\\udfff": ["\\ud800"]}]'),
    "infinite and no numbers": lambda: ("a.json", b'[{"title": "Oat", "price": 1e400, "b": NaN}]'),
    "lines nested too deeply": lambda: (
        "a.jsonl", b'{"title": "Oat"}\n' + b'{"a":' * 5_000 + b"\n"
    ),
    "a JSON list in a cell, nested": lambda: (
        "a.csv", b"product_id,title,bullets\n1,Oat," + b"[" * 50_000 + b"]" * 50_000 + b"\n"
    ),
    "letters with endless numbers": lambda: (
        "a.csv", b"product_id,title\n1,Oat &#" + b"9" * 5_000 + b";\n"
    ),
    # Parquet
    "a dictionary of one long text": lambda: ("a.parquet", _dictionary(300_000, 100_000)),
    "160 million cells of nothing": lambda: (
        "a.parquet",
        _parquet(pa.table({f"title {n}": pa.nulls(20_000_000, pa.int8()) for n in range(8)})),
    ),
    "a list of 160 million numbers in a cell": lambda: (
        "a.parquet", _parquet(pa.table({"title": _endless_list(160_000_000)}))
    ),
    "8,000 Parquet columns": lambda: (
        "a.parquet", _parquet(pa.table({f"c{n}": ["x"] for n in range(8_000)}))
    ),
    "bytes, durations and records": lambda: (
        "a.parquet",
        _parquet(pa.table({
            "title": pa.array([b"\xff\xfe Oat"]), "a": pa.array([10**9], pa.duration("us")),
            "b": pa.array([[{"x": [b"\xff", None]}]]), "c": pa.array([[("k", 1)]],
            pa.map_(pa.string(), pa.int64())),
        })),
    ),
    "Parquet that is cut off": lambda: ("a.parquet", _dictionary(10, 10)[:-9]),
    "Parquet with a damaged footer": lambda: (
        "a.parquet", _dictionary(10, 10)[:-60] + b"\xff" * 52 + b"\x40\0\0\0PAR1"
    ),
    # XML
    "a billion laughs": lambda: ("a.xml", _entities(12)),
    "a file in an entity": lambda: (
        "a.xml",
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<rss><item><title>&x;</title></item></rss>",
    ),
    "200,000 elements in one another": lambda: (
        "a.xml", b"<item>" * 200_000 + b"</item>" * 200_000
    ),
    "20,000 fields of other names": lambda: (
        "a.xml",
        b"<rss>%s</rss>" % b"".join(b"<item><f%d>1</f%d></item>" % (n, n) for n in range(20_000)),
    ),
    # pictures
    "a PNG of 13,300 by 13,300": lambda: ("a.zip", _shop("p.png", p=_png(13_300, 13_300))),
    "a PNG that says 60,000 by 60,000": lambda: (
        "a.zip", _shop("p.png", p=_png(60_000, 60_000, 1))
    ),
    "eight large PNGs at once": lambda: (
        "a.zip",
        _shop(
            "|".join(f"p{n}.png" for n in range(8)),
            **{f"p{n}": _png(7_000, 7_000) for n in range(8)},
        ),
    ),
    "a picture in an open file": lambda: ("a.zip", _shop("/proc/self/fd/3")),
    "a picture that never ends": lambda: ("a.zip", _shop("/dev/zero|/dev/stdin|/dev/random")),
    "a picture of a system file": lambda: (
        "a.zip", _shop("../../../../../../etc/passwd|/etc/shadow")
    ),
    "a program as a picture": lambda: (
        "a.zip", _shop("p.png", p=b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n")
    ),
    "a picture with a zero in its name": lambda: ("a.zip", _shop("p\0.png", p=picture())),
    "a picture with a name of 5,000 letters": lambda: ("a.zip", _shop("p" * 5_000 + ".png")),
    # other files
    "a program": lambda: ("a.exe", b"MZ" + bytes(range(256)) * 400),
    "a PDF": lambda: ("a.pdf", b"%PDF-1.7\n" + bytes(2_000)),
    "a web page": lambda: ("a.csv", b"<html><script>alert(1)</script></html>"),
}  # fmt: skip
