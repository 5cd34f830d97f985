"""Real account files, where they are at hand: counts and sums of an independent plain reader."""

import csv
import re
from collections import Counter

import openpyxl
import pytest

import admatch as am
from admatch.errors import InputError
from admatch.reports.account.records import Entity
from admatch.reports.reader import identify
from tests.reports.test_real import FOLDER

pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real reports are not at hand"),
    pytest.mark.filterwarnings("ignore:Workbook contains no default style"),
    pytest.mark.filterwarnings("ignore:Data Validation extension"),
]

DOWNLOADS = [
    "amazon_bulk_v2/bulk-a3snsjclchkfi8-20251118-20260117-1768683859196.xlsx",
    "amazon_bulk_v2/bulk-a3snsjclchkfi8-20251126-20260125-1769384391526.xlsx",
]
TEMPLATE = "amazon_bulk_v2/AmazonAdvertisingBulksheetSellerTemplate.xlsx"
UPLOAD = "amazon_bulk_v2/CONSERVATIVE-BULKSHEET-AMAZON-FORMAT-20260117.xlsx"
NEGATIVES = "golf_putter_bulk_str/negation bulk - search terms.xlsx"
AYURVEDA = "ayurveda_in_2020_daily_6_reports/Sponsored Products "
# file → what it is, its rows, its columns of clicks, spend, sales and orders
REPORTS = {
    AYURVEDA + "Targeting report (1).xlsx": (
        "Amazon targeting report", 1683,
        ("Clicks", "Spend", "14 Day Total Sales (₹)", "14 Day Total Orders (#)"),
    ),
    AYURVEDA + "Advertised product report.xlsx": (
        "Amazon advertised product report", 265,
        ("Clicks", "Spend", "14 Day Total Sales (₹)", "14 Day Total Orders (#)"),
    ),
    AYURVEDA + "Campaign report.csv": (
        "Amazon campaign report", 182,
        ("Clicks", "Spend", "14 Day Total Sales (₹)", "14 Day Total Orders (#)"),
    ),
    "hoses_de_2025_03_german/Sponsored_Products_Kampagne_Bericht.csv": (
        "Amazon campaign report", 36,
        ("Klicks", "Ausgaben", "7 Tage, Umsatz gesamt (€)", "7 Tage, Aufträge gesamt (#)"),
    ),
}  # fmt: skip


def _lines(path, sheet=None):
    """Return the filled lines of a sheet, each as header → cell."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    book = openpyxl.load_workbook(path)
    header, *rows = (book[sheet] if sheet else book.worksheets[0]).values
    filled = [row for row in rows if any(cell not in (None, "") for cell in row)]
    return [dict(zip(header, row, strict=True)) for row in filled]


def _number(cell):
    text = re.sub(r"[^\d.-]", "", str(cell)) if cell not in (None, "") else ""
    return float(text.lstrip(".")) if text else 0.0


def _sums(lines, columns):
    return [pytest.approx(sum(_number(line[column]) for line in lines)) for column in columns]


@pytest.mark.parametrize("name", REPORTS)
def test_reports_have_the_rows_and_sums_of_a_plain_reader(name):
    kind, count, columns = REPORTS[name]
    lines = _lines(FOLDER / name)
    account = am.read_account(FOLDER / name)
    assert identify(FOLDER / name) == kind
    assert len(account) == len(lines) == count
    assert account.skipped == 0
    assert [*account.frame.select("clicks", "spend", "sales", "orders").sum().row(0)] == _sums(
        lines, columns
    )


@pytest.mark.parametrize("name", DOWNLOADS)
def test_downloads_have_the_rows_and_sums_of_a_plain_reader(name):
    lines = _lines(FOLDER / name, "Sponsored Products Campaigns")
    account = am.read_account(FOLDER / name)
    assert len(account) == len(lines) + 1  # and the portfolio
    assert account.skipped == 0
    for entity, count in Counter(line["Entity"] for line in lines).items():
        here = account.only(Entity(entity))
        matching = [line for line in lines if line["Entity"] == entity]
        assert here.height == count
        columns = ("Clicks", "Spend", "Sales", "Orders", "Impressions", "Units")
        names = ("clicks", "spend", "sales", "orders", "impressions", "units")
        assert [*here.select(names).sum().row(0)] == _sums(matching, columns)
    assert account.frame["bid"].sum() == pytest.approx(sum(_number(line["Bid"]) for line in lines))
    ids = [line["Keyword ID"] or line["Product Targeting ID"] for line in lines]
    assert Counter(account.frame["target_id"].drop_nulls()) == Counter(one for one in ids if one)
    assert set(account.frame["currency"]) == {"USD"}
    assert set(account.only(Entity.CAMPAIGN)["bidding_strategy"]) == {
        line["Bidding Strategy"] for line in lines if line["Entity"] == "Campaign"
    }
    assert not any("not known" in str(one) or "differ" in str(one) for one in account.problems)


def test_two_downloads_count_no_entity_twice():
    accounts = [am.read_account(FOLDER / name) for name in DOWNLOADS]
    both = am.read_account([FOLDER / name for name in DOWNLOADS])
    first, second = (set(one.frame["target_id"].drop_nulls()) for one in accounts)
    assert set(both.frame["target_id"].drop_nulls()) == first | second
    assert both.frame["target_id"].drop_nulls().is_unique().all()
    assert both.frame["clicks"].sum() >= accounts[0].frame["clicks"].sum()


def test_the_template_is_empty_and_the_upload_is_kept_as_it_asks():
    empty = am.read_account(FOLDER / TEMPLATE)
    assert len(empty) == 0
    assert empty.problems
    upload = am.read_account(FOLDER / UPLOAD)
    lines = _lines(FOLDER / UPLOAD, "Sponsored Products Campaigns")
    assert len(upload) == len(lines) + 1
    asked = Counter((line["Entity"], line["Operation"].title()) for line in lines)
    asked["Portfolio", None] = 1
    assert Counter(upload.frame.select("entity", "operation").rows()) == asked
    names = {line["Campaign ID"] for line in lines}
    assert set(upload.frame["campaign_id"].drop_nulls()) == names


def test_a_sheet_of_negatives_among_empty_lines():
    account = am.read_account(FOLDER / NEGATIVES, currency="USD")
    assert len(account.negatives) == len(account) == len(_lines(FOLDER / NEGATIVES)) == 18
    assert account.skipped == 0
    assert set(account.frame["match_type"]) == {"negativeExact"}


def test_other_files_of_the_folder_are_refused_in_one_sentence():
    known = {*REPORTS, *DOWNLOADS, TEMPLATE, UPLOAD, NEGATIVES}
    for path in sorted(FOLDER.rglob("*")):
        name = path.relative_to(FOLDER).as_posix()
        if path.suffix in (".csv", ".xlsx") and name not in known:
            with pytest.raises(InputError, match=r"^[^\n]+$"):
                am.read_account(path)
