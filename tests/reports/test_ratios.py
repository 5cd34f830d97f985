import pytest

from admatch.reports.reader import read_report
from tests.reports.conftest import SP_HEADERS, sp_row

RATIOS = {
    "Click-Thru Rate (CTR)": "11.0000%",
    "Cost Per Click (CPC)": "$0.55",
    "Total Advertising Cost of Sales (ACOS) ": "26.0000%",
    "Total Return on Advertising Spend (ROAS)": "4.10",
    "7 Day Conversion Rate": "20.0000%",
}


def _sentences(report):
    return [str(problem) for problem in report.problems if "differ" in str(problem)]


def test_agreeing_ratios_are_not_mentioned(write):
    assert _sentences(read_report(write("a.csv", [SP_HEADERS, sp_row()]))) == []


@pytest.mark.parametrize("column", RATIOS)
def test_each_ratio_column_that_disagrees_is_reported_once(write, column):
    lines = [SP_HEADERS, sp_row(), *(sp_row(**{column: RATIOS[column]}) for _ in range(3))]
    (sentences,) = _sentences(read_report(write("a.csv", lines)))
    assert f"row 3, column '{column.strip()}': 3 of 4 cells differ" in sentences


def test_rounded_cents_are_no_disagreement(write):
    # 0.14999 a click was charged 7 times and shown as 1.05: 1.05 / 7 = 0.15
    figures = {"Clicks": "7", "Spend": "$1.05", "Cost Per Click (CPC)": "$0.149993"}
    ratios = {"Click-Thru Rate (CTR)": "7.0000%", "7 Day Conversion Rate": "14.2857%"}
    sales = {
        "Total Advertising Cost of Sales (ACOS) ": "5.25%",
        "Total Return on Advertising Spend (ROAS)": "19.05",
    }
    path = write("a.csv", [SP_HEADERS, sp_row(**figures, **ratios, **sales)])
    assert _sentences(read_report(path)) == []


def test_percentages_without_signs_are_reported(write):
    lines = [SP_HEADERS, sp_row(**{"Click-Thru Rate (CTR)": "10.0000"})]
    report = read_report(write("a.csv", lines))
    assert _sentences(report) == []
    assert any("percentages without % signs" in str(problem) for problem in report.problems)


def test_ratios_that_cannot_be_formed_or_read_do_no_harm(write):
    none = {"Impressions": "0", "Clicks": "0", "Spend": "$0.00", "7 Day Total Sales ": "$0.00"}
    odd = sp_row(**{"Total Return on Advertising Spend (ROAS)": "∞"})
    report = read_report(write("a.csv", [SP_HEADERS, sp_row(**none), odd]))
    assert len(report) == 2
    assert _sentences(report) == []


def test_purchase_rate_of_the_unified_console_is_of_impressions(write):
    headers = ["Search term", "Impressions", "Clicks", "Total cost", "Purchases", "Purchase rate"]
    report = read_report(write("a.csv", [headers, ["lamp", "58", "1", "0.50", "1", "1.7241%"]]))
    assert _sentences(report) == []
    report = read_report(write("b.csv", [headers, ["lamp", "58", "1", "0.50", "1", "100%"]]))
    assert len(_sentences(report)) == 1
