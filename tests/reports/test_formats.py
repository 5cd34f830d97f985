"""One small file a format and language: what it is, and what its first row says."""

import gzip
import json
from datetime import date

import pytest

from admatch.reports.formats import load_formats
from admatch.reports.reader import read_report
from admatch.reports.records import Granularity

DAY, LAST = date(2025, 6, 2), date(2025, 6, 8)

# name → (headers and cells of one row, kind of file, days of the window)
CONSOLE = {
    "en": (
        {
            "Start Date": "Jun 02, 2025", "End Date": "Jun 08, 2025", "Portfolio name": "P",
            "Currency": "USD", "Campaign Name": "C", "Ad Group Name": "G", "Retailer": "Amazon",
            "Country": "United States", "Targeting": "lamp", "Match Type": "BROAD",
            "Customer Search Term": "desk lamp", "Impressions": "1,200", "Clicks": "10",
            "Click-Thru Rate (CTR)": "0.8333%", "Cost Per Click (CPC)": "$0.44", "Spend": "$4.36",
            "7 Day Total Sales ": "$1,234.50",
            "Total Advertising Cost of Sales (ACOS) ": "0.3532%",
            "Total Return on Advertising Spend (ROAS)": "283.14", "7 Day Total Orders (#)": "3",
            "7 Day Total Units (#)": "4", "7 Day Conversion Rate": "30.0000%",
            "7 Day Advertised SKU Units (#)": "3", "7 Day Other SKU Units (#)": "1",
            "7 Day Advertised SKU Sales ": "$1,000.00", "7 Day Other SKU Sales ": "$234.50",
        },
        7,
    ),
    "en vendor": (
        {
            "Start Date": "2025-06-02", "End Date": "2025-06-08", "Currency": "USD",
            "Campaign Name": "C", "Ad Group Name": "G", "Targeting": "lamp",
            "Match Type": "BROAD", "Customer Search Term": "desk lamp", "Impressions": "1200",
            "Clicks": "10", "Spend": "4.36", "14 Day Total Sales ": "1234.50",
            "14 Day Total Orders (#)": "3", "14 Day Total Units (#)": "4",
            "14 Day Advertised ASIN Units (#)": "3", "14 Day Brand Halo ASIN Units (#)": "1",
            "14 Day Advertised ASIN Sales (₹)": "1000.00",
            "14 Day Brand Halo ASIN Sales (₹)": "234.50",
        },
        14,
    ),
    "de": (
        {
            "Startdatum": "02.06.2025", "Enddatum": "08.06.2025", "Portfolioname": "P",
            "Währung": "EUR", "Kampagnen-Name": "C", "Anzeigengruppenname": "G",
            "Ausrichtung": "lamp", "Übereinstimmungstyp": "BROAD",
            "Suchbegriff eines Kunden": "desk lamp", "Impressionen": "1.200", "Klicks": "10",
            "Klickrate (CTR)": "0,8333%", "Kosten pro Klick (CPC)": "€0,44", "Ausgaben": "€4,36",
            "7 Tage, Umsatz gesamt (€)": "€1.234,50",
            "Zugeschriebene Umsatzkosten (ACOS) gesamt ": "0,3532%",
            "Gesamte Rentabilität der Anzeigenkosten (ROAS)": "283,14",
            "7 Tage, Aufträge gesamt (#)": "3", "7\u00a0Tage, Einheiten gesamt (#)": "4",
            "7-Tage-Konversionsrate": "30,0000%", "7\u00a0Tage, Beworbene SKU-Einheiten (#)": "3",
            "7-Tage, Andere SKU-Einheiten (#)": "1",
            "7\u00a0Tage, Beworbene SKU-Umsätze (€)": "€1.000,00",
            "7-Tage, Andere SKU-Umsätze (€)": "€234,50",
        },
        7,
    ),
    "es": (
        {
            "Fecha de inicio": "jun 02, 2025", "Fecha de finalización": "jun 08, 2025",
            "Nombre de la cartera": "P", "Divisa": "EUR", "Nombre de campaña": "C",
            "Nombre del grupo de anuncios": "G", "País": "España", "Segmentación": "lamp",
            "Tipo de coincidencia": "BROAD", "Término de búsqueda de cliente": "desk lamp",
            "Impresiones": "1200", "Clics": "10", "Índice de clics (CTR)": "0,8333%",
            "Coste por clic (CPC)": "€0,4360", "Gasto": "€4,36",
            "Ventas totales de 7 días (€)": "€1.234,50",
            "Coste publicitario de las ventas (ACOS) total ": "0,3532%",
            "Retorno de la inversión publicitaria (ROAS) total": "283,14",
            "Pedidos totales de 7 días (#)": "3", "Unidades totales de 7 días (#)": "4",
            "Tasa de conversión de 7 días": "30,0000%", "Unidades SKU anunciadas 7 días (#)": "3",
            "Otras unidades SKU de 7 días (#)": "1",
            "Ventas SKU anunciadas 7 días (€)": "€1.000,00",
            "Otras ventas SKU de 7 días (€)": "€234,50",
        },
        7,
    ),
    "it": (
        {
            "Data di inizio": "2 giu 2025", "Data di fine": "8 giu 2025", "Valuta": "EUR",
            "Nome portafoglio": "P", "Nome campagna": "C", "Nome gruppo di annunci": "G",
            "Targeting": "lamp", "Tipo di corrispondenza": "BROAD",
            "Termine ricerca cliente": "desk lamp", "Impressioni": "1.200", "Clic": "10",
            "Spesa": "4,36 €", "Vendite totali (€) 7 giorni": "1.234,50 €",
            "Totale ordini (#) 7 giorni": "3", "Totale unità (#) 7 giorni": "4",
        },
        7,
    ),
    "fr": (
        {
            "Date de début": "2 juin 2025", "Date de fin": "8 juin 2025", "Devise": "EUR",
            "Nom du portefeuille": "P", "Nom de la campagne": "C",
            "Nom du groupe d'annonces": "G", "Ciblage": "lamp",
            "Type de correspondance": "BROAD", "Terme de recherche client": "desk lamp",
            "Impressions": "1\u202f200", "Clics": "10", "Dépenses": "4,36\u00a0€",
            "ventes totales sur 7 jours": "1\u202f234,50\u00a0€",
            "Commandes totales sur 7 jours": "3", "Unités totales sur 7 jours": "4",
        },
        7,
    ),
    "ja": (
        {
            "開始日": "2025年6月2日", "終了日": "2025年6月8日", "通貨": "JPY",
            "ポートフォリオ名": "P", "キャンペーン名": "C", "広告グループ名": "G",
            "ターゲティング": "lamp", "マッチタイプ": "BROAD",
            "カスタマーの検索キーワード": "desk lamp", "インプレッション": "1,200",
            "クリック": "10", "クリックスルー率 (CTR)": "0.8333%",
            "平均クリック単価 (CPC)": "¥0.44", "費用": "¥4.36",
            "広告がクリックされてから7日間の総売上高": "￥1,234.50",
            "広告費売上高比率（ACOS）合計": "0.3532%",
            "広告費用対効果（ROAS）合計": "283.14",
            "広告がクリックされてから7日間の合計注文数": "3",
            "広告がクリックされてから7日間の合計販売数": "4",
            "広告がクリックされてから7日間のコンバージョン率": "30.0000%",
        },
        7,
    ),
    "zh": (
        {
            "开始日期": "Jun 02, 2025", "结束日期": "Jun 08, 2025", "广告组合名称": "P",
            "货币": "EUR", "广告活动名称": "C", "广告组名称": "G", "投放": "lamp",
            "匹配类型": "BROAD", "客户搜索词": "desk lamp", "展示量": "1200", "点击量": "10",
            "点击率(CTR)": "0.8333%", "每次点击成本(CPC)": "€0.44", "花费": "€4.36",
            "7天总销售额": "€1,234.50", "广告成本销售比(ACOS)": "0.3532%",
            "投入产出比(ROAS)": "283.14", "7天总订单数(#)": "3", "7天总销售量(#)": "4",
            "7天的转化率": "30.0000%", "7天内广告SKU销售量(#)": "3",
            "7天内其他SKU销售量(#)": "1", "7天内广告SKU销售额": "€1,000.00",
            "7天内其他SKU销售额": "€234.50",
        },
        7,
    ),
    "pt": (
        {
            "Data de início": "02/06/2025", "Data de término": "18/06/2025", "Moeda": "BRL",
            "Nome do portfólio": "P", "Nome da campanha": "C", "Nome do grupo de anúncios": "G",
            "Segmentação": "lamp", "Tipo de correspondência": "BROAD",
            "Termo de pesquisa do cliente": "desk lamp", "Impressões": "1200", "Cliques": "10",
            "Gastos": "R$ 4,36", "Total de vendas de 7 dias": "R$ 1.234,50",
            "Total de pedidos de 7 dias": "3", "Total de unidades de 7 dias": "4",
        },
        7,
    ),
}  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("language", CONSOLE)
def test_sponsored_products_console(write, language, suffix):
    cells, window = CONSOLE[language]
    report = read_report(write(f"report{suffix}", [list(cells), list(cells.values())]))
    (row,) = report.frame.iter_rows(named=True)
    assert report.formats == ("Amazon Sponsored Products search term report",)
    assert report.window_days == window
    assert report.granularity is Granularity.SUMMARY
    assert (row["campaign"], row["ad_group"], row["targeting"]) == ("C", "G", "lamp")
    assert (row["match_type"], row["search_term"]) == ("BROAD", "desk lamp")
    assert (row["impressions"], row["clicks"], row["orders"], row["units"]) == (1200, 10, 3, 4)
    assert (row["spend"], row["sales"]) == (4.36, 1234.5)
    assert row["start_date"] == DAY
    assert row["currency"] == {"en": "USD", "en vendor": "USD", "ja": "JPY", "pt": "BRL"}.get(
        language, "EUR"
    )
    if row["sales_halo"] is not None:
        assert (row["sales_promoted"], row["sales_halo"]) == (1000, 234.5)
        assert (row["units_promoted"], row["units_halo"]) == (3, 1)
    assert not any("differ" in str(problem) for problem in report.problems)


@pytest.mark.parametrize(
    ("language", "header", "cell"),
    [("en", "Date", "Jun 02, 2025"), ("de", "Datum", "02.06.2025"), ("ja", "日付", "2025/06/02")],
)
def test_daily_console_reports(write, language, header, cell):
    cells, _ = CONSOLE[language]
    rest = dict(list(cells.items())[2:])
    report = read_report(write("r.csv", [[header, *rest], [cell, *rest.values()]]))
    assert report.granularity is Granularity.DAILY
    assert report.period == (DAY, DAY)


OTHERS = {
    "Amazon Sponsored Products search term report, before 2018": (
        {
            "Campaign Name": "C", "Ad Group Name": "G", "Customer Search Term": "desk lamp",
            "Keyword": "lamp", "Match Type": "BROAD", "First Day of Impression": "06/02/2025",
            "Last Day of Impression": "06/18/2025", "Impressions": "1200", "Clicks": "10",
            "CTR": "0.83%", "Total Spend": "4.36", "Average CPC": "0.44", "ACoS": "0.35%",
            "Currency": "USD", "Orders placed within 1-week of a click": "3",
            "Product Sales within 1-week of a click": "1234.50",
            "Conversion Rate within 1-week of a click": "30.00%",
            "Same SKU units Ordered within 1-week of click": "3",
            "Other SKU units Ordered within 1-week of click": "1",
            "Same SKU units Product Sales within 1-week of click": "1000.00",
            "Other SKU units Product Sales within 1-week of click": "234.50",
        },
        7,
    ),
    "Amazon Ads unified console report (2026)": (
        {
            "Date range": "Jun 02, 2025 - Jun 08, 2025", "Campaign ID": '="171000000000001"',
            "Campaign name": "C", "Ad group ID": '="171000000000002"', "Ad group name": "G",
            "Target value": "lamp", "Target match type": "BROAD", "Search term": "desk lamp",
            "Budget currency": "USD", "Impressions": "1200", "Clicks": "10", "CTR": "0.8333%",
            "CPC": "0.44", "Total cost": "4.36", "Purchases": "3", "Sales": "1234.50",
            "Units sold": "4", "ROAS": "283.14", "Purchase rate": "0.25%",
        },
        None,
    ),
    "Amazon Sponsored Brands search term report": (
        {
            "Date": "Jun 02, 2025", "Portfolio name": "P", "Currency": "USD",
            "Campaign Name": "C", "Ad Group Name": "G", "Targeting": "lamp",
            "Match Type": "BROAD", "Customer Search Term": "desk lamp", "Cost type": "CPC",
            "Impressions": "1200", "Viewable Impressions": "900", "Clicks": "10",
            "Click-Thru Rate (CTR)": "0.8333%", "Spend": "$4.36", "Cost Per Click (CPC)": "$0.44",
            "Cost per 1,000 viewable impressions (VCPM)": "", "Total ACOS": "0.3532%",
            "Total ROAS": "283.14", "14 Day Total Sales": "$1,234.50",
            "14 Day Total Orders (#)": "3", "14 Day Total Units (#)": "4",
            "14 Day Conversion Rate": "30%", "14 Day Total Sales - (Click)": "$1.00",
            "14 Day Total Orders (#) - (Click)": "1", "14 Day Total Units (#) - (Click)": "1",
        },
        14,
    ),
    "Amazon bulk file, search term tab": (
        {
            "Product": "Sponsored Products", "Campaign ID": "171000000000001",
            "Ad Group ID": "171000000000002", "Keyword ID": "171000000000003",
            "Product Targeting ID": "", "Campaign Name (Informational only)": "C",
            "Ad Group Name (Informational only)": "G", "State": "enabled", "Bid": "0.5",
            "Keyword Text": "lamp", "Match Type": "BROAD", "Product Targeting Expression": "",
            "Customer Search Term": "desk lamp", "Impressions": "1200", "Clicks": "10",
            "Click-through Rate": "0.0083", "Spend": "4.36", "Sales": "1234.5", "Orders": "3",
            "Units": "4", "Conversion Rate": "0.3", "ACOS": "0.0035", "CPC": "0.44",
            "ROAS": "283.14",
        },
        7,
    ),
    "Google Ads search terms report": (
        {
            "Search term": "desk lamp", "Match type": "BROAD", "Added/Excluded": "None",
            "Campaign": "C", "Ad group": "G", "Keyword": "lamp", "Clicks": "10",
            "Impr.": "1,200", "CTR": "0.83%", "Currency code": "USD", "Avg. CPC": "0.44",
            "Cost": "4.36", "Conversions": "3.00", "Conv. value": "1234.50",
        },
        None,
    ),
    "Microsoft Advertising search terms report": (
        {
            "TimePeriod": "2025-06-02", "AccountName": "A", "CampaignName": "C",
            "AdGroupName": "G", "BidMatchType": "BROAD", "DeliveredMatchType": "Exact",
            "SearchQuery": "desk lamp", "Keyword": "lamp", "Impressions": "1200",
            "Clicks": "10", "Ctr": "0.83%", "AverageCpc": "0.44", "Spend": "4.36",
            "Conversions": "3", "Revenue": "1234.5",
        },
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_other_formats(write, name):
    cells, window = OTHERS[name]
    lines = [list(cells), list(cells.values())]
    separator = "\t" if "2018" in name else ","
    report = read_report(write("report.csv", lines, separator=separator), currency="USD")
    (row,) = report.frame.iter_rows(named=True)
    assert report.formats == (name,)
    assert report.window_days == window
    assert (row["campaign"], row["ad_group"], row["targeting"]) == ("C", "G", "lamp")
    assert (row["match_type"], row["search_term"]) == ("BROAD", "desk lamp")
    assert (row["impressions"], row["clicks"], row["orders"]) == (1200, 10, 3)
    assert (row["currency"], row["spend"], row["sales"]) == ("USD", 4.36, 1234.5)
    if "Campaign ID" in cells:
        assert (row["campaign_id"], row["ad_group_id"]) == ("171000000000001", "171000000000002")
    assert not any("differ" in str(problem) for problem in report.problems)


def test_google_preamble_names_the_period_and_totals_are_checked(write):
    text = (
        'Search terms report\n"June 2, 2025 - June 8, 2025"\n'
        "Search term,Match type,Campaign,Ad group,Clicks,Impr.,Currency code,Cost,Conversions\n"
        "desk lamp,Broad match,C,G,10,100,USD,4.36,1.50\n"
        "lamp,Exact match,C,G,5, --,USD,1.00,0.50\n"
        "Total: Search terms,,,,15,100,USD,5.36,2.00\n"
        "Total: Account,,,,99,999,USD,77.00,9.00\n"
    )
    report = read_report(write("Search terms report.csv", text))
    assert report.period == (DAY, LAST)
    assert report.skipped == 2
    assert report.totals.rows() == [("USD", 100, 15, 5.36, None, 2, None)]
    sentences = [str(problem) for problem in report.problems]
    assert sum("this is a total" in one for one in sentences) == 2
    assert not any("sum to" in one for one in sentences)
    wrong = read_report(write("b.csv", text.replace(",15,100,", ",16,100,")))
    assert not any("sum to" in str(one) for one in wrong.problems)  # within one
    wrong = read_report(write("c.csv", text.replace(",15,100,", ",25,100,")))
    assert any("says 25 but the rows sum to 15" in str(one) for one in wrong.problems)


V3 = {
    "date": "2025-06-02", "campaignName": "C", "campaignId": 171000000000001, "adGroupName": "G",
    "adGroupId": 171000000000002, "keywordId": 171000000000003, "keyword": "x",
    "targeting": "lamp", "keywordType": "BROAD", "matchType": "BROAD", "searchTerm": "desk lamp",
    "campaignBudgetCurrencyCode": "USD", "impressions": 1200, "clicks": 10, "cost": 4.36,
    "sales1d": 1.5, "sales7d": 1234.5, "sales14d": 2000.25, "sales30d": 2000.25,
    "purchases1d": 1, "purchases7d": 3, "purchases14d": 5, "unitsSoldClicks7d": 4,
    "unitsSoldClicks14d": 6, "attributedSalesSameSku7d": 1000.0, "salesOtherSku7d": 234.5,
    "unitsSoldSameSku7d": 3, "unitsSoldOtherSku7d": 1, "acosClicks7d": 0.0035,
}  # fmt: skip
V2 = {
    "query": "desk lamp", "campaignName": "C", "adGroupName": "G", "keywordText": "lamp",
    "matchType": "BROAD", "impressions": 1200, "clicks": 10, "cost": 4.36,
    "attributedConversions7d": 3, "attributedSales7d": 1234.5, "attributedUnitsOrdered7d": 4,
    "attributedSales7dSameSKU": 1000.0, "attributedSales7dOtherSKU": 234.5,
    "attributedConversions14d": 5, "attributedSales14d": 2000.0, "unitsSold14d": 6,
}  # fmt: skip
SB = {
    "startDate": "2025-06-02", "endDate": "2025-06-08", "campaignName": "C", "adGroupName": "G",
    "keywordText": "lamp", "matchType": "BROAD", "searchTerm": "desk lamp", "costType": "CPC",
    "campaignBudgetCurrencyCode": "USD", "impressions": 1200, "clicks": 10, "cost": 4.36,
    "sales": 1234.5, "salesClicks": 1.0, "purchases": 3, "purchasesClicks": 1, "unitsSold": 4,
    "viewableImpressions": 900,
}  # fmt: skip
V1 = {
    "date": {"value": "2025-06-02"}, "campaign": {"id": "1", "name": "C", "currencyCode": "USD"},
    "adGroup": {"id": "2", "name": "G"}, "target": {"value": "lamp", "matchType": "BROAD"},
    "searchTerm": {"value": "desk lamp"}, "budgetCurrency": {"value": "USD"},
    "metric": {
        "impressions": 1200, "clicks": 10, "totalCost": 4.36, "sales": 1234.5, "purchases": 3,
        "unitsSold": 4, "ctr": 0.00833, "salesFromClicks": 1.0,
    },
}  # fmt: skip
WALMART = {
    "date": "2025-06-02", "campaignId": 1, "campaignName": "C", "adGroupId": 2, "adGroup": "G",
    "biddedKeyword": "lamp", "matchType": "BROAD", "searchedKeyword": "desk lamp",
    "numAdsShown": 1200, "numAdsClicks": 10, "adSpend": 4.36, "attributedSales3days": 9.5,
    "attributedSales14days": 1234.5, "attributedSales30days": 9999.5,
    "attributedOrders3days": 1, "attributedOrders14days": 3, "unitsSold14days": 4,
}  # fmt: skip
RECORDS = {
    "Amazon Ads API v3 spSearchTerm": (V3, 7),
    "Amazon Ads API v2 search terms": (V2, 7),
    "Amazon Ads API v3 sbSearchTerm": (SB, 14),
    "Amazon Ads API v1": (V1, None),
    "Walmart Connect keyword report": (WALMART, 14),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", RECORDS)
def test_json_of_the_apis(write, name, packed):
    record, window = RECORDS[name]
    text = json.dumps([record] * (1 + packed)).encode()
    path = write("r.json.gz", gzip.compress(text)) if packed else write("r.json", text)
    report = read_report(path, currency="USD")
    row = report.frame.row(0, named=True)
    assert len(report) == 1 + packed
    assert report.formats == (name,)
    assert report.window_days == window
    assert (row["campaign"], row["ad_group"], row["targeting"]) == ("C", "G", "lamp")
    assert (row["match_type"], row["search_term"]) == ("BROAD", "desk lamp")
    assert (row["impressions"], row["clicks"], row["orders"], row["units"]) == (1200, 10, 3, 4)
    assert (row["currency"], row["spend"], row["sales"]) == ("USD", 4.36, 1234.5)
    assert not any("unknown columns" in str(problem) for problem in report.problems)


def test_walmart_item_numbers_are_items(write):
    records = [WALMART | {"searchedKeyword": term} for term in ("553218467", "lamp")]
    report = read_report(write("w.json", json.dumps(records)), currency="USD")
    assert report.frame["term_kind"].to_list() == ["asin", "keyword"]


def test_bulk_workbook_with_both_tabs_takes_currency_and_period_from_around_them(write_workbook):
    cells, _ = OTHERS["Amazon bulk file, search term tab"]
    brands = cells | {"Product": "Sponsored Brands", "Campaign Name (Informational only)": "B"}
    path = write_workbook(
        "bulk-a1b2-20250602-20250608-1700000000000.xlsx",
        {
            "Portfolios": [["Product", "Entity", "Budget Currency Code"], ["P", "P", "GBP"]],
            "Sponsored Products Campaigns": [["Product", "Entity", "Campaign ID", "Bid"]],
            "SP Search Term Report": [list(cells), list(cells.values())],
            "SB Search Term Report": [list(brands), list(brands.values())],
        },
    )
    report = read_report(path)
    assert report.frame["campaign"].to_list() == ["C", "B"]
    assert report.frame["currency"].to_list() == ["GBP", "GBP"]
    assert report.frame["file"].to_list() == [
        f"{path.name} [SP Search Term Report]",
        f"{path.name} [SB Search Term Report]",
    ]
    assert report.period == (DAY, LAST)
    assert any("not verified" in str(problem) for problem in report.problems)


def test_british_bulk_headers_are_known(write):
    cells, _ = OTHERS["Amazon bulk file, search term tab"]
    renamed = {
        name.capitalize().replace(" id", " ID")
        if name not in ("CPC", "ACOS", "ROAS")
        else name: value
        for name, value in cells.items()
    }
    report = read_report(write("b.csv", [list(renamed), list(renamed.values())]))
    assert report.frame["search_term"].to_list() == ["desk lamp"]
    assert report.formats == ("Amazon bulk file, search term tab",)


def test_every_format_with_search_terms_has_its_own_headers():
    for one in load_formats():
        assert one.own
        assert one.name.split()[0] in ("Amazon", "Google", "Microsoft", "Walmart", "Fivetran")


def test_a_few_headers_do_not_tell_the_window(write):
    """Sponsored Brands, which counts 14 days, has these columns too."""
    report = read_report(write("r.csv", "Customer Search Term,Clicks,Spend\noat milk,3,1.50\n"))
    assert report.window_days is None
    assert report.formats == ("Amazon Sponsored Products search term report",)
