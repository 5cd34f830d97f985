"""Errors of spreadsheets, formulas that were never computed, and numbers that lost digits."""

import io
import zipfile

import pytest
import xlsxwriter

from admatch.errors import InputError
from admatch.reports.reader import read_report
from admatch.tables.damaged_cells import with_damage_as_text
from admatch.tables.reader import read_tables
from tests.cases.files import HEADER, row, sentences

ERRORS = ["#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NAME?", "########", "#WERT!", "#NV", "#¡REF!"]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("column", ["Spend", "Clicks", "7_Day_Total_Sales_", "Start_Date"])
def test_a_row_with_an_error_is_left_out_and_named(write, error, column):
    bad = row("desk lamp", **{column: error})
    report = read_report(write("a.csv", HEADER, row("lamp"), bad, row("floor lamp")))
    assert report.frame["search_term"].to_list() == ["lamp", "floor lamp"]
    assert report.frame["spend"].sum() == 10.0
    assert "row 3" in sentences(report)
    assert error in sentences(report)


def test_an_error_in_place_of_a_ratio_matters_not(write):
    header = [*HEADER, "Total Advertising Cost of Sales (ACOS) "]
    report = read_report(write("a.csv", header, [*row("lamp"), "#DIV/0!"]))
    assert len(report) == 1


def _workbook(tmp_path, fill):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, line in enumerate([HEADER, row("lamp"), row("desk lamp")]):
            sheet.write_row(at, 0, line)
        fill(sheet)
    return path


@pytest.mark.parametrize(("formula", "value"), [("=1/0", "#DIV/0!"), ("=0.5*10", "")])
def test_formulas_without_a_number(tmp_path, formula, value):
    path = _workbook(tmp_path, lambda sheet: sheet.write_formula(2, 11, formula, None, value))
    report = read_report(path)
    assert report.frame["search_term"].to_list() == ["lamp"]
    assert "row 3, column 'Spend': the cell is not a number" in sentences(report)


def test_a_formula_with_its_number_is_read(tmp_path):
    path = _workbook(tmp_path, lambda sheet: sheet.write_formula(2, 11, "=0.5*10", None, 7.5))
    assert read_report(path).frame["spend"].to_list() == [5.0, 7.5]


def test_a_long_number_that_was_rounded_is_seen_as_such(tmp_path):
    def fill(sheet):
        sheet.write_number(1, 8, 796266012325737789)
        sheet.write_string(2, 8, "796266012325737789")
        sheet.write_number(2, 9, 4006381333931)

    cells = read_tables(_workbook(tmp_path, fill))[0].frame
    assert cells["8"].to_list() == ["7.96266012325738E+17", "796266012325737789"]
    assert cells["9"].to_list() == ["100", "4006381333931"]


def test_a_workbook_without_damage_stays_as_it_is(tmp_path):
    content = _workbook(tmp_path, lambda sheet: None).read_bytes()
    assert with_damage_as_text("a.xlsx", content) is content
    assert with_damage_as_text("a.xlsx", b"PK no zip") == b"PK no zip"


def test_cells_in_a_namespace_are_mended_too(tmp_path):
    path = _workbook(tmp_path, lambda sheet: sheet.write_formula(2, 11, "=1/0", None, "#DIV/0!"))
    source = zipfile.ZipFile(path)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as copy:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = content.replace(b"<", b"<x:").replace(b"<x:/", b"</x:")
                content = content.replace(b"<x:?", b"<?").replace(b'xmlns="', b'xmlns:x="', 1)
            copy.writestr(name, content)
    path.write_bytes(stream.getvalue())
    assert "#DIV/0!" in sentences(read_report(path))


def test_dates_counted_from_1904(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True, "default_date_format": "d/m/yy"}) as book:
        import datetime

        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, row("lamp"))
        sheet.write_datetime(1, 0, datetime.datetime(2025, 5, 1))
        sheet.write_datetime(1, 1, datetime.datetime(2025, 5, 30))
    assert list(map(str, read_report(path).period)) == ["2025-05-01", "2025-05-30"]


@pytest.mark.parametrize(("from_1904", "number"), [(True, 44316), (False, 45778)])
def test_days_that_are_shown_as_numbers(tmp_path, from_1904, number):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": from_1904}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, row("lamp"))
        sheet.write_number(1, 0, number)
        sheet.write_number(1, 1, number + 29)
    assert list(map(str, read_report(path).period)) == ["2025-05-01", "2025-05-30"]


@pytest.mark.parametrize(
    "cell",
    ["٥٫٠٠ ر.س", "\u200f5.00 د.إ.\u200f", "5.00\xa0₪", "\u200e$5.00", "৫.০০", "๕.๐๐", "5.00 ريال"],
)
def test_amounts_of_other_scripts(write, cell):
    report = read_report(write("a.csv", HEADER, row("lamp", Spend=cell), row("desk lamp")))
    assert report.frame["spend"].to_list() == [5.0, 5.0]


def test_a_file_of_which_no_row_can_be_read_is_refused(write):
    lines = [row("lamp", Start_Date="soon"), row("desk lamp", Start_Date="later")]
    with pytest.raises(InputError, match=r"a\.csv: .*2 rows.*row 2.*'Start Date'.*soon"):
        read_report(write("a.csv", HEADER, *lines))
    assert len(read_report(write("b.csv", HEADER))) == 0


_ODS = (
    '<?xml version="1.0"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
    'office:version="1.2"><office:body><office:spreadsheet><table:table table:name="A">{rows}'
    "</table:table></office:spreadsheet></office:body></office:document-content>"
)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('table:formula="of:=1/0" office:value-type="string" office:string-value="" '
         'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>', "#DIV/0!"),
        ('table:formula="of:=[.A9]" office:value-type="float" office:value="0" '
         'calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>', "#REF!"),
        ('table:formula="of:=0.5*10"/>', "=0.5*10"),
    ],
)  # fmt: skip
def test_damaged_cells_of_libreoffice(tmp_path, cell, shown):
    def cells(line):
        return "".join(
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p>'
            "</table:table-cell>"
            if text != "damaged"
            else f"<table:table-cell {cell}"
            for text in line
        )

    lines = [HEADER, row("lamp"), row("desk lamp", Spend="damaged")]
    rows = "".join(f"<table:table-row>{cells(line)}</table:table-row>" for line in lines)
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", _ODS.format(rows=rows))
        book.writestr("META-INF/manifest.xml", "<manifest/>")
    report = read_report(path)
    assert report.frame["spend"].to_list() == [5.0]
    assert f"(found '{shown}')" in sentences(report)
