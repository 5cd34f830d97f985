"""Amazon's other reports are recognised by what they hold, and read to the last figure."""

from datetime import date

import pytest

from admatch.errors import InputError
from admatch.reports.insights.reader import is_insight, read_insights, sort_files
from admatch.reports.insights.records import SCHEMAS, InsightKind
from tests.reports.conftest import SP_HEADERS, sp_row
from tests.reports.insights.insight_files import (
    BUDGET,
    CAMPAIGN_DAYS,
    CATALOG,
    CATALOG_ROW,
    PLACEMENT,
    PURCHASED,
    PURCHASED_CHINESE,
    SQP,
    SQP_ABOVE,
    SQP_ASIN,
    SQP_ITALIAN,
    TOP,
    budget_row,
    campaign_day,
    placement_row,
    purchased_row,
    sqp_row,
    top_row,
)

ONE_OF_EACH = {
    InsightKind.SEARCH_QUERIES: [SQP_ABOVE, SQP, sqp_row()],
    InsightKind.SEARCH_CATALOG: [['Reporting Range=["Weekly"]'], CATALOG, CATALOG_ROW],
    InsightKind.TOP_TERMS: [['Reporting Range=["Quarterly"]'], TOP, top_row()],
    InsightKind.PURCHASED_PRODUCTS: [PURCHASED, purchased_row()],
    InsightKind.PLACEMENTS: [PLACEMENT, placement_row()],
    InsightKind.BUDGETS: [BUDGET, budget_row()],
    InsightKind.CAMPAIGN_DAYS: [CAMPAIGN_DAYS, campaign_day()],
}


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", list(InsightKind))
def test_each_kind_is_recognised_by_its_content(write, kind, suffix):
    path = write(f"whatever.{suffix}", ONE_OF_EACH[kind])
    found = read_insights(path)
    assert is_insight(path)
    assert list(found.frames) == [kind]
    assert found.of(kind).schema == SCHEMAS[kind]
    assert (found.problems, found.skipped) == ((), 0)


def test_search_queries(write):
    row = read_insights(write("a.csv", ONE_OF_EACH[InsightKind.SEARCH_QUERIES])).queries.row(
        0, named=True
    )
    assert (row["start_date"], row["end_date"]) == (date(2025, 11, 1), date(2025, 11, 30))
    assert (row["query"], row["asin"], row["volume"]) == ("oat drink", None, 4000)
    assert [row[name] for name in ("impressions", "clicks", "cart_adds", "purchases")] == [
        9000, 800, 300, 100,
    ]  # fmt: skip
    assert [row[f"own_{name}"] for name in ("impressions", "clicks", "cart_adds", "purchases")] == [
        900, 80, 40, 20,
    ]  # fmt: skip
    assert row["price"] == 3.95


@pytest.mark.parametrize("header", [SQP_ASIN, SQP_ITALIAN])
def test_views_and_languages_say_the_same(write, header):
    english = read_insights(write("a.csv", [SQP_ABOVE, SQP, sqp_row()])).queries
    other = read_insights(write("b.csv", [SQP_ABOVE, header, sqp_row()])).queries
    assert other.drop("file").equals(english.drop("file"))


def test_weeks_and_quarters_begin_where_they_do(write):
    catalog = read_insights(write("a.csv", ONE_OF_EACH[InsightKind.SEARCH_CATALOG])).catalog
    terms = read_insights(write("b.csv", ONE_OF_EACH[InsightKind.TOP_TERMS])).top_terms
    named = read_insights(write("US_Top_Week_2025_11_30.csv", [TOP, top_row()])).top_terms
    silent = read_insights(write("c.csv", [TOP, top_row()])).top_terms
    assert catalog["start_date"][0] == date(2025, 11, 24)
    assert terms["start_date"][0] == date(2025, 9, 1)
    assert named["start_date"][0] == date(2025, 11, 24)
    assert silent.select("start_date", "end_date").row(0) == (None, date(2025, 11, 30))


def test_top_terms_have_a_row_a_product(write):
    rows = read_insights(write("a.csv", ONE_OF_EACH[InsightKind.TOP_TERMS])).top_terms
    assert rows["position"].to_list() == [1, 2]
    assert rows["asin"].to_list() == ["B0OATDRINK", "B0RIVAL001"]
    assert rows["click_share"].to_list() == pytest.approx([0.0844, 0.04])


def test_a_term_without_products_is_kept(write):
    bare = ["7", "soy drink", *[""] * 13, "2025-11-30"]
    rows = read_insights(write("a.csv", [TOP, top_row(), bare])).top_terms
    assert rows.filter(query="soy drink").select("frequency_rank", "asin").row(0) == (7, None)


def test_answers_of_the_api(write):
    queries = write(
        "sqp.json",
        '{"reportSpecification": {"reportType": "GET_X", "marketplaceIds": ["A"]}, "dataByAsin": '
        '[{"startDate": "2025-11-23", "endDate": "2025-11-29", "asin": "B0OATDRINK", '
        '"searchQueryData": {"searchQuery": "oat drink", "searchQueryScore": 1, '
        '"searchQueryVolume": 90}, "clickData": {"totalClickCount": 50, "asinClickCount": 5}, '
        '"purchaseData": {"totalPurchaseCount": 9, "asinPurchaseCount": 0, '
        '"totalMedianPurchasePrice": {"amount": 3.95, "currencyCode": "USD"}}}]}',
    )
    terms = write(
        "terms.json",
        '{"dataByDepartmentAndSearchTerm": [{"departmentName": "Amazon.com", "searchTerm": '
        '"oat drink", "searchFrequencyRank": 10, "clickedAsin": "B0OATDRINK", "clickedItemName": '
        '"Oat drink", "clickShareRank": 1, "clickShare": 0.08, "conversionShare": 0.07}]}',
    )
    bought = write(
        "bought.json",
        '[{"date": "2025-11-01", "campaignName": "Drinks", "campaignId": 12, "adGroupName": "Oat",'
        ' "adGroupId": 13, "keyword": "oat drink", "matchType": "EXACT", "advertisedAsin": '
        '"B0OATDRINK", "purchasedAsin": "B0BARISTA1", "purchasesOtherSku7d": 2, '
        '"unitsSoldOtherSku7d": 2, "salesOtherSku7d": 7.9, "campaignBudgetCurrencyCode": "USD"}]',
    )
    row = read_insights(queries).queries.row(0, named=True)
    assert (row["asin"], row["clicks"], row["own_purchases"], row["currency"]) == (
        "B0OATDRINK", 50, 0, "USD",
    )  # fmt: skip
    assert row["start_date"] == date(2025, 11, 23)
    first = read_insights(terms).top_terms.row(0, named=True)
    assert (first["position"], first["click_share"]) == (1, 0.08)
    sold = read_insights(bought).purchases.row(0, named=True)
    assert (sold["orders"], sold["sales"], sold["campaign_id"]) == (2, 7.9, "12")


def test_purchased_products_in_chinese(write):
    row = ["2025-11-01", "2025-11-30", "-", "CNY", "饮料", "燕麦", "OAT-1", "B0OATDRINK",
           "燕麦奶", "EXACT", "b0barista1", "2", "1", "¥7.90"]  # fmt: skip
    sold = read_insights(write("a.csv", [PURCHASED_CHINESE, row])).purchases.row(0, named=True)
    assert (sold["purchased_asin"], sold["units"], sold["orders"], sold["sales"]) == (
        "B0BARISTA1", 2, 1, 7.9,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("Top of Search on-Amazon", "top"),
        ("Other on-Amazon", "rest"),
        ("Detail Page on-Amazon", "product"),
        ("PLACEMENT_TOP", "top"),
        ("SITE_AMAZON_BUSINESS", "business"),
        ("Off Amazon", "elsewhere"),
        ("On the moon", "On the moon"),
    ],
)
def test_places_in_one_word(write, word, place):
    found = read_insights(write("a.csv", [PLACEMENT, placement_row(word)])).placements
    assert found["placement"].to_list() == [place]


@pytest.mark.parametrize("time", ["80.5%", "0.805"])
def test_time_in_budget_is_a_share(write, time):
    row = read_insights(write("a.csv", [BUDGET, budget_row(time=time)])).budgets.row(0, named=True)
    assert row["time_in_budget"] == pytest.approx(0.805)
    assert (row["missed_clicks_low"], row["missed_sales_high"]) == (5, 19.0)


def test_two_currencies_stay_apart(write):
    lines = [PURCHASED, purchased_row(), purchased_row(currency="CAD", sales="9.00")]
    assert read_insights(write("a.csv", lines)).purchases["currency"].to_list() == ["USD", "CAD"]


def test_search_terms_and_bulk_files_are_something_else(write):
    terms = write("terms.csv", [SP_HEADERS, sp_row("oat drink")])
    bulk = write(
        "bulk.csv",
        [
            [
                "Product",
                "Entity",
                "Operation",
                "Campaign Name",
                "Placement",
                "Percentage",
                "Clicks",
            ],
            ["Sponsored Products", "Bidding Adjustment", "", "Drinks", "Placement Top", "20", "4"],
        ],
    )
    assert not any(map(is_insight, (terms, bulk)))
    queries = write("q.csv", [SQP, sqp_row()])
    sorted_files = sort_files([terms, queries, bulk])
    assert (sorted_files.reports, sorted_files.insights) == ((terms, bulk), (queries,))


def test_unreadable_cells_and_blank_rows_are_named_and_left_out(write):
    lines = [SQP, sqp_row(), sqp_row("soy", (9, "many", 3, 1), (1, 1, 1, 1)), [""] * len(SQP),
             sqp_row("", (9, 8, 3, 1), (1, 1, 1, 1)), sqp_row("rice", (9, 4, 3, 1), (1, 5, 1, 1)),
             sqp_row("pea", (9, -4, 3, 1), (1, 0, 1, 1))]  # fmt: skip
    found = read_insights(write("a.csv", lines))
    assert found.queries["query"].to_list() == ["oat drink"]
    assert [problem.row for problem in found.problems] == [5, 3, 7, 6]
    assert found.skipped == 4


def test_files_that_cannot_be_used_end_in_one_sentence(write):
    with pytest.raises(InputError, match="none of Amazon's other reports"):
        read_insights(write("a.csv", [["Search Query", "Volume"], ["oat", "3"]]))
    with pytest.raises(InputError, match="no row in it can be used"):
        read_insights(write("b.csv", [SQP]))
    unclear = write("c.csv", [PURCHASED, purchased_row(sales="1,234")])
    with pytest.raises(InputError, match="may be a thousand or a decimal fraction"):
        read_insights(unclear)


def test_the_same_days_count_once(write):
    first = write("a.csv", [SQP_ABOVE, SQP, sqp_row(), sqp_row("soy drink")])
    again = write("b.csv", [SQP_ABOVE, SQP, sqp_row(total=(9000, 820, 300, 110))])
    found = read_insights([first, again])
    assert found.queries.select("query", "clicks").rows() == [
        ("soy drink", 800),
        ("oat drink", 820),
    ]
    assert "1 row" in str(found.problems[-1])


def test_a_week_within_a_month_is_left_out(write):
    month = write("a.csv", [SQP_ABOVE, SQP, sqp_row()])
    weeks = [
        write(f"{day}.csv", [['Reporting Range=["Weekly"]'], SQP, sqp_row(day=day)])
        for day in ("2025-11-22", "2025-12-06")
    ]
    found = read_insights([weeks[0], month, weeks[1]])
    assert found.queries["end_date"].to_list() == [date(2025, 11, 30)]
    later = write("c.csv", [['Reporting Range=["Weekly"]'], SQP, sqp_row(day="2025-12-13")])
    assert read_insights([month, later]).queries.height == 2
