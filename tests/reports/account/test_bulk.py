"""Bulk files in every known format and language: known answers."""

from datetime import date

import openpyxl
import polars as pl
import pytest

import admatch as am
from admatch.errors import InputError
from admatch.reports.account.records import ACCOUNT_SCHEMA, Entity
from admatch.reports.reader import identify, read_report
from tests.reports.account.account_files import (
    BULK,
    CAMPAIGN,
    FIGURES,
    STRATEGY,
    V1,
    V1_ROWS,
    bulk_lines,
    bulk_rows,
    sentences,
)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("locale", BULK)
def test_bulksheets_in_every_language(write, locale, suffix):
    path = write(
        f"bulk-a1-20250501-20250531-1.{suffix}", bulk_lines(bulk_rows(locale), None, BULK[locale])
    )
    account = am.read_account(path, currency="EUR")
    assert identify(path) == "Amazon bulk file, campaigns tab"
    assert list(account.frame.schema.items()) == list(ACCOUNT_SCHEMA.items())
    assert account.skipped == 0
    assert account.period == (date(2025, 5, 1), date(2025, 5, 31))
    campaign, keyword, negative, target = account.frame.rows(named=True)
    assert [row["entity"] for row in (campaign, keyword, negative, target)] == [
        "Campaign", "Keyword", "Campaign Negative Keyword", "Product Targeting",
    ]  # fmt: skip
    assert (campaign["targeting_type"], campaign["state"]) == ("manual", "enabled")
    assert (campaign["daily_budget"], campaign["bidding_strategy"]) == (12.5, STRATEGY)
    assert (keyword["match_type"], keyword["state"], keyword["bid"]) == ("exact", "paused", 0.75)
    assert (keyword["keyword"], keyword["target_id"]) == ("desk lamp", "171000000000003")
    assert (negative["match_type"], negative["keyword"]) == ("negativePhrase", "toy")
    assert negative["ad_group_id"] is negative["bid"] is negative["clicks"] is None
    assert (target["expression"], target["target_id"]) == (
        'asin="B07QM5KGDK"', "171000000000005",
    )  # fmt: skip
    assert target["match_type"] is None
    assert {row["campaign"] for row in account.frame.rows(named=True)} == {"Lamps"}
    assert {row["operation"] for row in account.frame.rows(named=True)} == {None}
    for row in (campaign, keyword, target):
        assert {name: row[name] for name in FIGURES} == FIGURES
    assert not any("not known" in one or "unknown" in one for one in sentences(account))
    assert account.negatives.height == 1
    assert account.targets.height == 2


def test_an_upload_keeps_what_it_asks_for_in_any_language(write):
    words = ["Create", "update", "Archivieren", "Mettre à jour", "创建", "Crear", "Frobnicate", ""]
    rows = [{"entity": "Keyword", "operation": word, "campaign_id": "New campaign",
             "keyword": f"lamp {n}", "bid": 1} for n, word in enumerate(words)]  # fmt: skip
    account = am.read_account(write("upload.csv", bulk_lines(rows)))
    assert account.frame["operation"].to_list() == [
        "Create", "Update", "Archive", "Update", "Create", "Create", "Frobnicate", None,
    ]  # fmt: skip
    assert set(account.frame["campaign_id"]) == {"New campaign"}
    assert account.frame["clicks"].null_count() == 8
    assert sum("Frobnicate" in one for one in sentences(account)) == 1
    assert not any("period" in one for one in sentences(account))


def test_an_empty_template_is_an_empty_account_that_says_so(write_workbook):
    path = write_workbook("template.xlsx", {"Sponsored Products Campaigns": bulk_lines([])})
    account = am.read_account(path)
    assert len(account) == account.skipped == 0
    assert account.frame.schema == pl.DataFrame(schema=ACCOUNT_SCHEMA).schema
    assert "no rows" in sentences(account)[0]


def test_a_workbook_of_many_tabs_with_hidden_ones(tmp_path):
    book = openpyxl.Workbook()
    portfolios = book.active
    portfolios.title = "Portfolios"
    for line in (
        ["Product", "Entity", "Operation", "Portfolio ID", "Portfolio Name", "Budget Amount",
         "Budget Currency Code", "State (Informational only)"],
        ["Portfolios", "Portfolio", "", "77", "All lamps", "", "USD", "enabled"],
    ):  # fmt: skip
        portfolios.append(line)
    tabs = {
        "Sponsored Products Campaigns": bulk_lines(bulk_rows("en_US")),
        "Sponsored Display Campaigns": [
            ["Product", "Entity", "Campaign ID", "Targeting ID", "Budget Type", "Budget", "Bid",
             "Targeting Expression", "Clicks"],
            ["Sponsored Display", "Contextual Targeting", "5", "6", "", "", 0.4,
             "similar-product", 1],
            ["Sponsored Display", "Campaign", "5", "", "lifetime", 300, "", "", 1],
        ],
        "SP Search Term Report": [
            ["Product", "Campaign ID", "Customer Search Term", "Impressions", "Clicks", "Spend"],
            ["Sponsored Products", CAMPAIGN, "lamp", 9, 1, 0.5],
        ],
        "Config": [["SponsoredProductsEntityNames", "Campaign"]],
        "Old": bulk_lines(bulk_rows("en_US")),
    }  # fmt: skip
    for name, lines in tabs.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book["Config"].sheet_state = "veryHidden"
    book["Old"].sheet_state = "hidden"
    path = tmp_path / "book.xlsx"
    book.save(path)
    account = am.read_account(path)
    files = account.frame["file"].unique(maintain_order=True).to_list()
    assert files == [
        "book.xlsx [Portfolios]", "book.xlsx [Sponsored Products Campaigns]",
        "book.xlsx [Sponsored Display Campaigns]",
    ]  # fmt: skip
    assert set(account.frame["currency"]) == {"USD"}
    portfolio = account.only(Entity.PORTFOLIO).row(0, named=True)
    assert (portfolio["portfolio"], portfolio["portfolio_id"]) == ("All lamps", "77")
    display = account.frame.filter(pl.col("ad_product") == "Sponsored Display")
    assert display["entity"].to_list() == ["Contextual Targeting", "Campaign"]
    assert display["expression"].to_list() == ["similar-product", None]
    assert display["daily_budget"].to_list() == [None, None]  # a budget for its whole life
    assert any("hidden sheets" in one and "Old" in one for one in sentences(account))
    assert sum("Contextual Targeting" in one for one in sentences(account)) == 1
    assert account.frame["clicks"].sum() == 32
    with pytest.raises(InputError, match="read_account reads it"):
        read_report(write_only_campaigns(tmp_path))


def write_only_campaigns(folder):
    book = openpyxl.Workbook()
    for line in bulk_lines(bulk_rows("en_US")):
        book.active.append(line)
    book.save(folder / "campaigns.xlsx")
    return folder / "campaigns.xlsx"


@pytest.mark.parametrize("locale", V1)
def test_bulk_files_of_before_2022(write, locale):
    path = write("Sponsored Products.csv", [V1[locale], *V1_ROWS])
    account = am.read_account(path, currency="USD")
    assert identify(path) == "Amazon bulk file of before 2022"
    frame = account.frame
    assert frame["entity"].to_list() == [
        "Campaign", "Bidding Adjustment", "Ad Group", "Product Ad", "Keyword", "Negative Keyword",
        "Campaign Negative Keyword", "Product Targeting", "Product Targeting",
        "Negative Product Targeting",
    ]  # fmt: skip
    assert frame["match_type"].to_list() == [
        *[None] * 4, "broad", "negativeExact", "negativePhrase", *[None] * 3,
    ]  # fmt: skip
    assert frame["expression"].drop_nulls().to_list() == [
        'category="42"', "close-match", 'asin="B07QM5KGDK"',
    ]  # fmt: skip
    assert frame["keyword"].drop_nulls().to_list() == ["desk lamp", "toy", "cheap"]
    assert frame["state"].to_list() == [
        "enabled", None, "paused", "enabled", "enabled", "enabled", "archived", *["enabled"] * 3,
    ]  # fmt: skip
    assert frame["default_bid"].to_list() == [None, None, 0.4, *[None] * 7]
    assert frame["bid"].drop_nulls().to_list() == [0.75, 0.3, 0.2]
    assert frame["percentage"].drop_nulls().to_list() == [50]
    assert frame["ad_group_id"].drop_nulls().to_list() == ["901"]
    assert frame["ad_id"].drop_nulls().to_list() == ["902"]
    assert frame["target_id"].drop_nulls().to_list() == [f"90{n}" for n in range(3, 9)]
    assert set(frame["campaign_id"]) == {"900"}
    assert set(frame["ad_product"]) == {"Sponsored Products"}
    assert (frame["sku"][3], frame["daily_budget"][0]) == ("L-1", 12.5)
    campaign = frame.row(0, named=True)
    assert {name: campaign[name] for name in FIGURES} == FIGURES
    assert not any("not known" in one or "unknown columns" in one for one in sentences(account))
