"""Workbooks as other programs than Excel write them: the same rows, however they are written."""

import re
import zipfile

import pytest

from admatch.reports.reader import read_report
from tests.cases.files import HEADER, row

_SHEET, _TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def strict(parts):
    """Excel's "Strict Open XML Spreadsheet": other names for the same things."""
    return {
        name: content.replace(_MAIN, _STRICT).replace(_LINKS, _STRICT_LINKS)
        for name, content in parts.items()
    }


def prefixed(parts):
    """Every element of the sheet and its texts has a prefix."""

    def with_prefix(xml):
        tagged = re.sub(r"<(/?)(?![?!/])(\w+)", r"<\1x:\2", xml)
        return tagged.replace("xmlns=", "xmlns:x=")

    return parts | {name: with_prefix(parts[name]) for name in (_SHEET, _TEXTS)}


def without_addresses(parts):
    """Rows and cells do not say where they are: each stands behind the one before."""
    return parts | {_SHEET: re.sub(r'(<(?:c|row)\b[^>]*?) r="[A-Z0-9]+"', r"\1", parts[_SHEET])}


def without_styles(parts):
    bare = {name: content for name, content in parts.items() if name != "xl/styles.xml"}
    types, links = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    bare[types] = re.sub(r'<Override PartName="/xl/styles.xml"[^>]*/>', "", bare[types])
    bare[links] = re.sub(r'<Relationship [^>]*styles.xml"/>', "", bare[links])
    return bare | {_SHEET: re.sub(r' s="\d+"', "", bare[_SHEET])}


def wrong_dimension(parts):
    """The sheet claims to have one cell."""
    return parts | {
        _SHEET: re.sub(r'<dimension ref="[^"]*"/>', '<dimension ref="A1"/>', parts[_SHEET])
    }


def phonetic(parts):
    """Each text is followed by how it is read, as Japanese input methods add it."""
    runs = r'\1<rPh sb="0" eb="1"><t>よみ</t></rPh><phoneticPr fontId="1"/></si>'
    return parts | {_TEXTS: re.sub(r"(<si><t[^>]*>[^<]*</t>)</si>", runs, parts[_TEXTS])}


def in_runs(parts):
    """Each text is in two formats."""
    split = r"<si><r><t>\1</t></r><r><rPr><b/></rPr><t>\2</t></r></si>"
    return parts | {_TEXTS: re.sub(r"<si><t>(\w)([^<]+)</t></si>", split, parts[_TEXTS])}


@pytest.mark.parametrize(
    "change",
    [strict, prefixed, without_addresses, without_styles, wrong_dimension, phonetic, in_runs],
)
def test_the_same_rows(write, change):
    lines = [row("東京 コーヒー", Currency="JPY"), row("oat milk", Currency="JPY", Spend="7.00")]
    typed = [
        [float(cell) if cell.replace(".", "").isdigit() else cell for cell in one] for one in lines
    ]
    path = write("a.xlsx", HEADER, *typed)
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    changed = change(parts)
    assert changed != parts
    with zipfile.ZipFile(path, "w") as book:
        for name, content in changed.items():
            book.writestr(name, content)
    frame = read_report(path).frame
    assert frame["search_term"].to_list() == ["東京 コーヒー", "oat milk"]
    assert frame["spend"].to_list() == [5.0, 7.0]
    assert frame["row"].to_list() == [2, 3]
