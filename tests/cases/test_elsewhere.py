"""Reports from elsewhere: other platforms, programs that fetch them, costs in other units."""

import json

import pytest

from admatch.errors import InputError
from admatch.pipeline.inspect_file import check_file
from admatch.reports.reader import read_report
from tests.cases.files import HEADER, row, sentences

GOOGLE = {
    "segments.date": "2025-05-01", "campaign.name": "Search", "ad_group.name": "Core",
    "search_term_view.search_term": "lamp", "metrics.impressions": "100", "metrics.clicks": "10",
    "metrics.cost_micros": "5230000", "metrics.conversions": "1",
    "metrics.conversions_value": "20.0",
}  # fmt: skip
DBT = {
    "source_relation": "x", "date_day": "2025-05-01", "account_name": "A", "account_id": "1",
    "country_code": "US", "profile_id": "2", "portfolio_name": "P", "campaign_name": "Lamps",
    "campaign_id": "17", "ad_group_name": "Desk", "ad_group_id": "28", "keyword_text": "lamp",
    "match_type": "BROAD", "search_term": "desk lamp", "cost": "5.23", "clicks": "10",
    "impressions": "100", "purchases_30_days": "1", "sales_30_days": "20.0",
}  # fmt: skip
WALMART = {
    "Date": "05/13/2025", "Campaign Name": "Lamps", "Ad Group Name": "Desk",
    "Searched Keyword": "lamp", "Bidded Keyword": "lamp", "Match Type": "auto",
    "Impressions": "100", "Clicks": "10", "CTR": "10.00%", "Ad Spend": "$5.23",
    "Conversion Rate (Orders Based)": "10.00%", "Orders": "1", "Units Sold": "1",
    "Advertised SKU Sales": "$15.00", "Other SKU Sales": "$5.00",
    "Total Attributed Sales": "$20.00", "RoAS": "3.82",
}  # fmt: skip
AMAZON_V1 = {
    "date.value": "2025-05-01", "campaign.id": "1", "campaign.name": "Lamps", "adGroup.id": "2",
    "adGroup.name": "Desk", "matchedTarget.value": "lamp", "searchTerm.value": "desk lamp",
    "advertisedProduct.id": "B0LAMP0001", "placementClassification.value": "TOP",
    "metric.clicks": "10", "metric.impressions": "100", "metric.purchases": "1",
    "metric.sales": "20.0", "metric.totalCost": "5.23", "metric.salesPromoted": "15.0",
    "metric.salesHalo": "5.0", "metric.unitsSoldPromoted": "1", "metric.unitsSoldHalo": "0",
    "metric.searchTermImpressionShare": "0.4",
}  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "called"),
    [
        (GOOGLE, "Google Ads API search terms"),
        (DBT, "Fivetran or dbt table of search terms"),
        (WALMART, "Walmart Connect keyword report"),
        (AMAZON_V1, "Amazon Ads API v1"),
    ],
)
def test_a_table_of_another_origin(write, cells, called):
    report = read_report(write("a.csv", cells.keys(), cells.values()))
    assert report.formats == (called,)
    assert report.totals.select("spend", "clicks", "sales", "orders").rows() == [(5.23, 10, 20, 1)]
    assert "unknown columns" not in sentences(report)
    assert report.frame["start_date"].null_count() == 0


def test_what_the_advertised_product_sold_is_read(write):
    report = read_report(write("a.csv", AMAZON_V1.keys(), AMAZON_V1.values()))
    sold = ("sales_promoted", "sales_halo", "units_promoted", "units_halo", "targeting")
    assert report.frame.select(sold).rows() == [(15.0, 5.0, 1, 0, "lamp")]


def test_answers_of_googles_interface(tmp_path):
    path = tmp_path / "a.json"
    answer = {
        "campaign": {"name": "Search", "id": "123"}, "adGroup": {"name": "Core"},
        "searchTermView": {"searchTerm": "lamp"}, "segments": {"date": "2025-05-01"},
        "metrics": {"impressions": "100", "clicks": "10", "costMicros": "5230000"},
    }  # fmt: skip
    path.write_text(json.dumps([answer]), encoding="utf-8")
    checked = check_file(path)
    assert checked.catalog is None
    assert checked.report is not None
    assert checked.report.totals["spend"].to_list() == [5.23]


def test_costs_in_millionths_are_refused(write):
    lines = [row("lamp", Currency="EUR", Spend="5230000"), row("desk lamp", Spend="2310000")]
    with pytest.raises(InputError, match=r"a\.csv: a click costs [0-9,.]+ (EUR|USD) on average"):
        read_report(write("a.csv", HEADER, *lines))


def test_a_single_cost_that_no_click_has_raises_doubt(write):
    lines = [row(f"lamp {at}") for at in range(40)]
    report = read_report(write("a.csv", HEADER, *lines, row("desk lamp", Spend="12000")))
    assert "row 42: 1 row has a higher cost per click than any bid may be" in sentences(report)


def test_yen_are_worth_less(write):
    report = read_report(write("a.csv", HEADER, row("lamp", Currency="JPY", Spend="14000")))
    assert "higher cost per click" not in sentences(report)


def test_clicks_without_cost_raise_doubt(write):
    report = read_report(write("a.csv", HEADER, row("lamp"), row("desk lamp", Spend="0")))
    assert "row 3: 1 row has clicks without cost" in sentences(report)


@pytest.mark.parametrize(
    "header", ["Search Term Impression Share", "Top-of-search Impression Share"]
)
def test_columns_of_another_report_are_not_called_unknown(write, header):
    report = read_report(write("a.csv", [*HEADER, header], [*row("lamp"), "12.5%"]))
    assert sentences(report) == ""
