"""Real reports, where they are at hand: read whole, with the totals that a plain reader finds."""

import csv
import re
from pathlib import Path

import openpyxl
import pytest

from admatch.errors import InputError
from admatch.reports.reader import read_report

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "reports"
pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real reports are not at hand"),
    pytest.mark.filterwarnings("ignore:Workbook contains no default style"),
]

# file → (sheet, line of the header, its columns of clicks, spend, sales and orders)
REPORTS = {
    "us_2021_bamboo/Sponsored Products Search term report (4).csv": (
        None, 0, ("Clicks", "Spend", "7 Day Total Sales ", "7 Day Total Orders (#)"),
    ),
    "us_2021_bamboo/Sponsored Products Search term report (4).xlsx": (
        None, 0, ("Clicks", "Spend", "7 Day Total Sales ", "7 Day Total Orders (#)"),
    ),
    "hoses_de_2025_03_german/Sponsored_Products_Suchbegriff_Bericht.xlsx": (
        None, 0,
        ("Klicks", "Ausgaben", "7 Tage, Umsatz gesamt (€)", "7 Tage, Aufträge gesamt (#)"),
    ),
    "skin_care_jp_2025_04_japanese/your_data.csv": (
        None, 0,
        ("クリック", "費用", "広告がクリックされてから7日間の総売上高",
         "広告がクリックされてから7日間の合計注文数"),
    ),
    "ayurveda_in_2020_daily_6_reports/Sponsored Products Search term report.xlsx": (
        None, 0, ("Clicks", "Spend", "14 Day Total Sales (₹)", "14 Day Total Orders (#)"),
    ),
    "hair_care_us_unified_2025/custom_ads.csv": (
        None, 0, ("Clicks", "Total cost", "Sales", "Purchases"),
    ),
    "golf_putter_bulk_str/SPSTR - Bulk.xlsx": (
        "SP Search Term Report", 0, ("Clicks", "Spend", "Sales", "Orders"),
    ),
    "amazon_bulk_v2/bulk-a3snsjclchkfi8-20251118-20260117-1768683859196.xlsx": (
        "SP Search Term Report", 0, ("Clicks", "Spend", "Sales", "Orders"),
    ),
    "amazon_bulk_v2/bulk-a3snsjclchkfi8-20251126-20260125-1769384391526.xlsx": (
        "SP Search Term Report", 0, ("Clicks", "Spend", "Sales", "Orders"),
    ),
    "google_ads_solar_us_2024/Search terms report.csv": (
        None, 2, ("Clicks", "Cost", None, "Conversions"),
    ),
}  # fmt: skip


def _lines(path, sheet):
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    book = openpyxl.load_workbook(path)
    return [list(row) for row in (book[sheet] if sheet else book.worksheets[0]).values]


def _number(cell):
    return float(re.sub(r"[^\d.-]", "", str(cell))) if cell not in (None, "") else 0.0


@pytest.mark.parametrize("name", REPORTS)
def test_totals_are_those_of_a_plain_sum(name):
    sheet, line, columns = REPORTS[name]
    lines = _lines(FOLDER / name, sheet)
    header, body = [str(cell) for cell in lines[line]], lines[line + 1 :]
    body = [row for row in body if not str(row[0]).startswith("Total")]
    report = read_report(FOLDER / name)
    assert len(report) == len(body)
    sums = report.frame.select("clicks", "spend", "sales", "orders").sum().row(0)
    for found, column in zip(sums, columns, strict=True):
        if column is not None:
            expected = sum(_number(row[header.index(column)]) for row in body)
            # Google's parts of conversions are rounded
            assert found == pytest.approx(expected, abs=0.5 if column == "Conversions" else 1e-6)


def test_nothing_in_the_folder_ends_in_anything_but_rows_or_one_sentence():
    for path in sorted(FOLDER.rglob("*")):
        name = path.relative_to(FOLDER).as_posix()
        if path.suffix in (".csv", ".xlsx") and name not in REPORTS:
            with pytest.raises(InputError, match=r"^[^\n]+$"):
                read_report(path)


@pytest.mark.parametrize("name", REPORTS)
def test_the_files_own_ratios_agree(name):
    report = read_report(FOLDER / name)
    assert not any("cells differ" in str(problem) for problem in report.problems)


def test_overlapping_bulk_downloads_are_refused_and_equal_reports_counted_once():
    with pytest.raises(InputError, match="overlap in part"):
        read_report(sorted(FOLDER.glob("amazon_bulk_v2/bulk-*.xlsx")))
    both = read_report(sorted(FOLDER.glob("us_2021_bamboo/*.*[vx]")))
    assert len(both) == both.repeated.height == 566
