"""Small reports made for the tests: one line of headers, a few rows of invented figures."""

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import settings

# machines that build several things at once are slow at times: no test fails for that
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

SP_HEADERS = [
    "Start Date",
    "End Date",
    "Portfolio name",
    "Currency",
    "Campaign Name",
    "Ad Group Name",
    "Targeting",
    "Match Type",
    "Customer Search Term",
    "Impressions",
    "Clicks",
    "Click-Thru Rate (CTR)",
    "Cost Per Click (CPC)",
    "Spend",
    "7 Day Total Sales ",
    "Total Advertising Cost of Sales (ACOS) ",
    "Total Return on Advertising Spend (ROAS)",
    "7 Day Total Orders (#)",
    "7 Day Total Units (#)",
    "7 Day Conversion Rate",
    "7 Day Advertised SKU Units (#)",
    "7 Day Other SKU Units (#)",
    "7 Day Advertised SKU Sales ",
    "7 Day Other SKU Sales ",
]


def sp_row(term="desk lamp", **changed):
    """Return the cells of one console row; ``changed`` names headers by their first word(s)."""
    row = dict(
        zip(
            SP_HEADERS,
            [
                "Mar 01, 2025", "Mar 05, 2025", "Not grouped", "USD", "Lamps", "Desk", "lamp",
                "BROAD", term, "100", "10", "10.0000%", "$0.50", "$5.00", "$20.00", "25.0000%",
                "4.00", "1", "2", "10.0000%", "1", "1", "$12.00", "$8.00",
            ],
            strict=True,
        )
    )  # fmt: skip
    row.update(changed)
    return list(row.values())


@pytest.fixture
def write(tmp_path):
    """Write lines of cells, or text, or bytes, to a file of the test's folder."""

    def _write(name: str, content: object, *, separator: str = ",", encoding: str = "utf-8"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_bytes(content.encode(encoding))
        elif path.suffix == ".xlsx":
            _write_workbook(path, {"Sheet1": content})
        else:
            text = io.StringIO(newline="")
            csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(content)
            path.write_bytes(text.getvalue().encode(encoding))
        return path

    return _write


@pytest.fixture
def write_workbook(tmp_path):
    """Write a workbook of several sheets: name → lines of cells."""

    def _write(name: str, sheets: dict[str, list[list[object]]]) -> Path:
        path = tmp_path / name
        _write_workbook(path, sheets)
        return path

    return _write


def _write_workbook(path, sheets):
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for title, lines in sheets.items():
            sheet = book.add_worksheet(title)
            for at, line in enumerate(lines):
                sheet.write_row(at, 0, line)
