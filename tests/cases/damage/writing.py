"""Damaged reports → files: text with separators, workbooks of Excel and of LibreOffice."""

import csv
import gzip
import io
import re
import tomllib
import zipfile
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

from tests.cases.damage.tables import AMOUNTS, Line, Placed

TEXTS = {
    "csv": (",", "utf-8"), "bom": (",", "utf-8-sig"), "semicolon": (";", "utf-8"),
    "semicolon_bom": (";", "utf-8-sig"), "tsv": ("\t", "utf-8"), "utf16": ("\t", "utf-16"),
    "utf16le": (",", "utf-16-le"), "pipe": ("|", "utf-8"), "gz": (",", "utf-8"),
}  # fmt: skip
WORKBOOKS = ("xlsx", "xlsx_text", "ods")
EXCEL_ERRORS = ("#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NAME?")
_SIGNS = {"nbsp": "\u00a0", "nnbsp": "\u202f", "lakh": ","}


@cache
def load(name):
    """Return a TOML file of this folder."""
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


class Spelling:
    """How a variant's cells are written as text."""

    def __init__(self, variant):
        self.variant = variant
        self.locale = load("locales.toml")[variant.locale]

    def number(self, value, places):
        """Return a number with its decimals, grouped as people of the locale do."""
        sign, text = ("-" if value < 0 else ""), f"{abs(Decimal(value)):.{places}f}"
        whole, _, decimals = text.partition(".")
        if self.variant.grouped and self.locale["group"]:
            whole = _grouped(whole, self.locale["group"])
        text = sign + whole + (self.locale["decimal"] + decimals if decimals else "")
        return self._digits(text)

    def amount(self, value):
        """Return an amount with its currency sign."""
        return self.variant.money.replace("#", self.number(value, 2))

    def day(self, value):
        """Return a day as the locale writes it."""
        year, month, day = value.year, value.month, value.day
        parts = {"y": f"{year}", "yy": f"{year % 100:02}", "m": f"{month}", "mm": f"{month:02}",
                 "d": f"{day}", "dd": f"{day:02}"}  # fmt: skip
        if "mmm" in self.variant.date:
            parts["mmm"] = self.locale["months"].split()[value.month - 1]
        form = self.variant.date.replace("de", "\0")
        found = re.sub("mmm|mm|m|dd|d|yy|y", lambda token: parts[token[0]], form)
        return self._digits(found.replace("\0", "de"))

    def _digits(self, text):
        digits = self.locale.get("digits")
        return text.translate({ord(str(n)): digits[n] for n in range(10)}) if digits else text

    def cell(self, name, value):
        """Return any value of the column ``name`` as text."""
        if isinstance(value, str):
            return value
        if isinstance(value, date):
            return self.day(value)
        return self.amount(value) if name in AMOUNTS else self.number(value, 0)


def _grouped(whole, group):
    size, parts, rest = (2 if group == "lakh" else 3), [whole[-3:]], whole[:-3]
    while rest:
        parts.insert(0, rest[-size:])
        rest = rest[:-size]
    return _SIGNS.get(group, group).join(parts)


def write(variant, path):
    """Write the variant as its kind of file and return the path."""
    if variant.kind in WORKBOOKS:
        path = path.with_suffix(".ods" if variant.kind == "ods" else ".xlsx")
        sheets = {"Report": _typed(variant), **variant.sheets}
        if "sheet_first" in variant.marks:
            sheets = dict(reversed(sheets.items()))
        if variant.kind == "xlsx_text":
            spelling = Spelling(variant)
            sheets["Report"] = lines(variant, spelling)
        (_write_ods if variant.kind == "ods" else _write_xlsx)(path, sheets)
        return path
    separator, encoding = TEXTS[variant.kind]
    stream = io.StringIO(newline="")
    if "sep_line" in variant.marks:
        stream.write(f"sep={separator}\r\n")
    csv.writer(stream, delimiter=separator).writerows(lines(variant, Spelling(variant)))
    content = stream.getvalue().encode(encoding)
    if "cut_off" in variant.marks:
        content = _cut(content, encoding)
    path = path.with_suffix(
        {"tsv": ".tsv", "gz": ".csv.gz", "pipe": ".txt"}.get(variant.kind, ".csv")
    )
    path.write_bytes(gzip.compress(content) if variant.kind == "gz" else content)
    return path


def _cut(content, encoding):
    """Return the file without the end of its last line."""
    text = content.decode(encoding).rstrip("\r\n")
    last = text.rindex("\n")
    return text[: last + 1 + (len(text) - last) // 3].encode(encoding)


def lines(variant, spelling):
    """Return all lines as cells of text."""
    return [[_as_text(cell, name, spelling) for cell, name in one] for one in _cells(variant)]


def _typed(variant):
    """Return all lines as cells with the types that a spreadsheet gives them."""
    return [[cell for cell, _ in one] for one in _cells(variant)]


def _as_text(cell, name, spelling):
    return "" if cell is None else spelling.cell(name, cell)


def _cells(variant):
    """Yield each line as pairs of a cell and the name of its column."""
    names = [name for name, _ in variant.columns]
    everything = [
        *(Line(cells=one) for one in variant.above),
        Line(cells=[header for _, header in variant.columns]),
        *variant.lines,
    ]
    width = len(names)
    for at, line in enumerate(everything):
        if line.row is None:
            cells = list(line.cells)
            named = [*names, *[None] * len(cells)][: len(cells)]
        else:
            cells = [line.changed[name] if name in line.changed else _value(line.row, name)
                     for name in names]  # fmt: skip
            named = names
        pairs = [
            (cell.value, cell.name) if isinstance(cell, Placed) else (cell, name)
            for cell, name in zip(cells, named, strict=True)
        ]
        if variant.beside:
            pairs += [("", None)] * (width - len(pairs) + 1)
            further = variant.beside[at] if at < len(variant.beside) else []
            pairs += [(cell, None) for cell in further]
        yield pairs


def _value(row, name):
    if name is None or name.startswith("own"):
        return ""
    return row.value(name)


def _write_xlsx(path, sheets):
    options = {"default_date_format": "yyyy-mm-dd", "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        amount, share = book.add_format({"num_format": "#,##0.00"}), book.add_format()
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for at, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, Decimal):
                        sheet.write_number(at, column, float(cell), amount)
                    elif isinstance(cell, date):
                        sheet.write_datetime(at, column, cell)
                    elif isinstance(cell, str) and cell.startswith("=SUM("):
                        sheet.write_formula(at, column, cell, share, "")
                    elif cell in EXCEL_ERRORS:
                        sheet.write_formula(at, column, "=A1/0", share, cell)
                    elif isinstance(cell, int):
                        sheet.write_number(at, column, cell)
                    elif cell not in ("", None):
                        sheet.write_string(at, column, cell)


def _write_ods(path, sheets):
    body = "".join(_ods_table(title, rows) for title, rows in sheets.items())
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    spaces += (
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces} '
        f'office:version="1.2"><office:body><office:spreadsheet>{body}</office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest='
            '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )


def _ods_table(title, rows):
    lines = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    return f"<table:table table:name={quoteattr(title)}>{lines}</table:table>"


def _ods_cell(cell):
    if cell in ("", None):
        return "<table:table-cell/>"
    if cell in EXCEL_ERRORS:
        kind = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
    elif isinstance(cell, date):
        kind = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
    elif isinstance(cell, int | Decimal):
        kind = f'office:value-type="float" office:value="{cell}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(cell))}</text:p></table:table-cell>"
