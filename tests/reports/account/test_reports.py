"""The console's reports of products, targets and campaigns as rows of an account."""

import json
from datetime import date

import pytest

import admatch as am
from admatch.errors import InputError
from admatch.reports.reader import identify, read_report
from tests.reports.account.account_files import (
    FIGURES,
    HEAD,
    NUMBERS,
    STRATEGY,
    TAIL,
    console,
    sentences,
)


def test_advertised_product_report_of_sellers_and_vendors(write):
    seller = [*HEAD, "Advertised SKU", "Advertised ASIN", *TAIL]
    path = write("a.csv", [seller, console("L-1", "b07qm5kgdk"), console("L-2", "B07QM5KGDL")])
    account = am.read_account(path)
    assert identify(path) == "Amazon advertised product report"
    assert set(account.frame["entity"]) == {"Product Ad"}
    assert account.frame["sku"].to_list() == ["L-1", "L-2"]
    assert account.frame["asin"].to_list() == ["B07QM5KGDK", "B07QM5KGDL"]
    row = account.frame.row(0, named=True)
    assert {name: row[name] for name in FIGURES} == FIGURES
    assert (row["currency"], row["start_date"]) == ("USD", date(2025, 5, 1))
    assert row["campaign_id"] is row["bid"] is None
    vendor = [*HEAD, "Advertised ASIN", *[name.replace("7", "14") for name in TAIL]]
    account = am.read_account(write("b.csv", [vendor, console("B07QM5KGDK")]))
    assert account.frame.select("sku", "asin", "sales").row(0) == (None, "B07QM5KGDK", 20.0)


SUMMARIES = {
    "de": ["Startdatum", "Enddatum", "Portfolioname", "Währung", "Kampagnen-Name",
           "Anzeigengruppenname", "Beworbene SKU", "Beworbene ASIN", "Impressionen", "Klicks",
           "Ausgaben", "7 Tage, Umsatz gesamt (€)", "7 Tage, Aufträge gesamt (#)",
           "7 Tage, Einheiten gesamt (#)"],
    "es": ["Fecha de inicio", "Fecha de finalización", "Nombre de la cartera", "Divisa",
           "Nombre de campaña", "Nombre del grupo de anuncios", "SKU anunciado", "ASIN anunciado",
           "Impresiones", "Clics", "Gasto", "Ventas totales de 7 días (€)",
           "Pedidos totales de 7 días (#)", "Unidades totales de 7 días (#)"],
    "zh": ["开始日期", "结束日期", "广告组合名称", "货币", "广告活动名称", "广告组名称", "广告SKU",
           "广告ASIN", "展示量", "点击量", "花费", "7天总销售额", "7天总订单数(#)",
           "7天总销售量(#)"],
}  # fmt: skip


@pytest.mark.parametrize("locale", SUMMARIES)
def test_advertised_product_summary_in_other_languages(write, locale):
    line = ["2025-05-01", "2025-05-31", "-", "EUR", "Lampen", "Tisch", "L-1", "B07QM5KGDK", "100",
            "10", "4,50", "20,00", "1", "2"]  # fmt: skip
    path = write("a.csv", [SUMMARIES[locale], line], separator=";", encoding="utf-8-sig")
    account = am.read_account(path)
    row = account.frame.row(0, named=True)
    assert (row["entity"], row["sku"], row["asin"]) == ("Product Ad", "L-1", "B07QM5KGDK")
    assert {name: row[name] for name in FIGURES} == FIGURES
    assert account.period == (date(2025, 5, 1), date(2025, 5, 31))
    assert identify(path) == "Amazon advertised product report"


def test_targeting_report_tells_keywords_from_product_targets(write):
    rows = [("desk lamp", "EXACT"), ("desk lamp", "BROAD"), ("close-match", "-"),
            ('asin="B07QM5KGDK"', "-"), ('category="Lamps"', "TARGETING_EXPRESSION"),
            ("*", "BROAD"), ("lamp", "Fuzzy")]  # fmt: skip
    path = write(
        "t.csv", [[*HEAD, "Targeting", "Match Type", *TAIL], *(console(*row) for row in rows)]
    )
    account = am.read_account(path)
    assert identify(path) == "Amazon targeting report"
    assert account.frame["entity"].to_list() == [
        "Keyword", "Keyword", *["Product Targeting"] * 4, "Keyword",
    ]  # fmt: skip
    assert account.frame["match_type"].to_list() == [
        "exact", "broad", None, None, None, "broad", "Fuzzy",
    ]  # fmt: skip
    assert account.frame["keyword"].drop_nulls().to_list() == ["desk lamp", "desk lamp", "lamp"]
    assert sum("Fuzzy" in one for one in sentences(account)) == 1
    with pytest.raises(InputError, match=r"Amazon targeting report.*read_account reads it"):
        read_report(path)


def test_campaign_report_has_budget_state_and_strategy(write):
    head = ["Date", "Portfolio name", "Campaign Type", "Campaign Name", "Status", "Currency",
            "Budget", "Targeting Type", "Bidding strategy", *TAIL]  # fmt: skip
    line = ["2025-05-01", "Not grouped", "Sponsored Products", "Lamps", "ENABLED", "USD", "$12.50",
            "Automatic targeting", STRATEGY, *NUMBERS]  # fmt: skip
    path = write("c.csv", [head, line, ["Total", *[""] * 8, *NUMBERS]])
    account = am.read_account(path)
    assert identify(path) == "Amazon campaign report"
    row = account.frame.row(0, named=True)
    assert (row["entity"], row["state"], row["targeting_type"]) == ("Campaign", "enabled", "auto")
    assert (row["daily_budget"], row["bidding_strategy"]) == (12.5, STRATEGY)
    assert (row["ad_product"], row["clicks"]) == ("Sponsored Products", 10)
    assert account.skipped == 1
    assert any("this is a total" in one for one in sentences(account))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "Campaign Name,Customer Search Term,Clicks,Spend\nC,lamp,1,2\n", "search term"),
        ("a.csv", "a,b\n1,2\n", "nothing in it is known"),
        ("a.csv", "Date,Campaign Name,Bidding strategy,Placement,Clicks,Spend\n"
         "2025-05-01,C,x,Top,1,2\n", "placement report"),
        ("a.csv", "Campaign,Ad group,Keyword,Match type,Clicks,Impr.,CTR,Cost\n"
         "C,G,k,Exact,1,2,3%,4\n", "is needed"),
    ],
)  # fmt: skip
def test_other_files_are_refused_in_one_sentence(write, name, content, words):
    with pytest.raises(InputError, match=words) as caught:
        am.read_account(write(name, content))
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="not a currency code"):
        am.read_account(write(name, content), currency="dollars")


def test_json_of_the_api_is_read_too(write):
    record = {"campaignName": "Lamps", "adGroupName": "Desk", "advertisedSku": "L-1",
              "advertisedAsin": "B07QM5KGDK", "impressions": 100, "clicks": 10, "cost": 4.5,
              "sales7d": 20, "purchases7d": 1, "unitsSoldClicks7d": 2, "adId": "42"}  # fmt: skip
    account = am.read_account(write("a.json", json.dumps([record])), currency="USD")
    row = account.frame.row(0, named=True)
    assert (row["entity"], row["ad_id"]) == ("Product Ad", "42")
    assert {name: row[name] for name in FIGURES} == FIGURES
