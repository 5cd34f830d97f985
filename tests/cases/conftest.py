import pytest
import xlsxwriter

from tests.cases.files import as_csv


@pytest.fixture
def write(tmp_path):
    """Write lines as a CSV file, or sheets of lines as a workbook, and return its path."""

    def write(name, *lines, separator=",", **sheets):
        path = tmp_path / name
        if name.endswith(".xlsx"):
            with xlsxwriter.Workbook(path) as book:
                for title, rows in sheets.items() or [("Sheet1", lines)]:
                    sheet = book.add_worksheet(title)
                    for at, cells in enumerate(rows):
                        sheet.write_row(at, 0, cells)
            return path
        path.write_text(as_csv(*lines, separator=separator), encoding="utf-8")
        return path

    return write
