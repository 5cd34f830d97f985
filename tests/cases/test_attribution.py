"""Sponsored Brands: purchases after clicks alone and after views too."""

import pytest

from admatch.errors import InputError
from admatch.pipeline.inspect_file import check_file
from admatch.reports.aggregate import aggregate_report
from admatch.reports.reader import read_report
from tests.cases.files import sentences

CONSOLE = {
    "Date": "2025-05-01", "Currency": "USD", "Campaign Name": "Lamps", "Ad Group Name": "Desk",
    "Targeting": "lamp", "Match Type": "BROAD", "Customer Search Term": "desk lamp",
    "Impressions": "100", "Clicks": "10", "Spend": "5.00", "14 Day Total Sales": "60.00",
    "14 Day Total Orders (#)": "3", "14 Day Total Units (#)": "4",
    "14 Day Total Sales - (Click)": "20.00", "14 Day Total Orders (#) - (Click)": "1",
    "14 Day Total Units (#) - (Click)": "2",
}  # fmt: skip
API = {
    "date": "2025-05-01", "campaignName": "Lamps", "adGroupName": "Desk", "searchTerm": "desk lamp",
    "keywordText": "lamp", "impressions": "100", "clicks": "10", "cost": "5.00", "sales": "60.00",
    "purchases": "3", "unitsSold": "4", "salesClicks": "20.00", "purchasesClicks": "1",
    "unitsSoldClicks": "2",
}  # fmt: skip
BULK = {
    "Campaign Name": "Lamps", "Customer Search Term": "desk lamp", "Clicks": "10",
    "Impressions": "9", "Spend": "5.00", "Sales": "20.00", "Orders": "1", "Units": "2",
    "Sales (Views & Clicks)": "60.00", "Orders (Views & Clicks)": "3",
    "Units (Views & Clicks)": "4",
}  # fmt: skip
AFTER_CLICKS, AFTER_VIEWS = (20.0, 1, 2), (60.0, 3, 4)


@pytest.mark.parametrize("read", [read_report, aggregate_report])
@pytest.mark.parametrize(
    ("cells", "by_default"), [(CONSOLE, AFTER_VIEWS), (API, AFTER_VIEWS), (BULK, AFTER_CLICKS)]
)
def test_either_is_read(write, read, cells, by_default):
    path = write("a.csv", cells.keys(), cells.values())
    wanted = {None: by_default, "clicks": AFTER_CLICKS, "views": AFTER_VIEWS}
    for attribution, right in wanted.items():
        report = read(path, attribution=attribution)
        assert report.totals.select("sales", "orders", "units").rows() == [right]
        assert "purchases are counted twice" in sentences(report)
        taken = {name: header for name, header in zip(("sales",), [_named(cells, right[0])],
                                                      strict=True)}  # fmt: skip
        assert f"'{taken['sales']}', " in sentences(report).partition(" are read")[0]


def _named(cells, sales):
    return next(header for header, cell in cells.items() if cell == f"{sales:.2f}")


def test_a_file_that_has_only_sales_after_clicks(write):
    cells = {name: cell for name, cell in CONSOLE.items() if not name.endswith(("Sales", "(#)"))}
    report = read_report(write("a.csv", cells.keys(), cells.values()))
    assert report.totals.select("sales", "orders", "units").rows() == [AFTER_CLICKS]
    assert report.window_days == 14


def test_a_check_takes_the_choice_and_another_word_is_refused(write):
    path = write("a.csv", CONSOLE.keys(), CONSOLE.values())
    checked = check_file(path, attribution="clicks")
    assert checked.report.totals["sales"].to_list() == [20.0]
    with pytest.raises(InputError, match="choose clicks or views"):
        read_report(path, attribution="impressions")
