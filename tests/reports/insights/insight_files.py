"""Amazon's other reports in their own headers, with invented figures."""

SQP_ABOVE = ['Brand=["OATWELL"]', 'Reporting Range=["Monthly"]', 'Select month=["November"]']
SQP = [
    "Search Query", "Search Query Score", "Search Query Volume", "Impressions: Total Count",
    "Impressions: Brand Count", "Impressions: Brand Share %", "Clicks: Total Count",
    "Clicks: Click Rate %", "Clicks: Brand Count", "Clicks: Brand Share %",
    "Clicks: Price (Median)", "Cart Adds: Total Count", "Cart Adds: Brand Count",
    "Purchases: Total Count", "Purchases: Purchase Rate %", "Purchases: Brand Count",
    "Purchases: Price (Median)", "Reporting Date",
]  # fmt: skip
SQP_ASIN = [cell.replace("Brand", "ASIN") for cell in SQP]
SQP_ITALIAN = [
    "Query di ricerca", "Punteggio query di ricerca", "Volume query di ricerca",
    "Impressioni: conteggio totale", "Impressioni: conteggio marchio", "Impressioni: % quota",
    "Clic: conteggio totale", "Clic: percentuale di clic", "Clic: conteggio marchio",
    "Clic: % quota del marchio", "Clic: prezzo (mediana)",
    "Aggiunte al carrello: conteggio totale", "Aggiunte al carrello: conteggio marchio",
    "Acquisti: conteggio totale", "Acquisti: percentuale", "Acquisti: conteggio marchio",
    "Acquisti: prezzo (mediana)", "Data del report",
]  # fmt: skip
CATALOG = [
    "ASIN Title", "ASIN", "Category", "Impressions: Impressions", "Impressions: Price (Median)",
    "Clicks: Clicks", "Clicks: Click Rate (CTR)", "Cart Adds: Cart Adds", "Purchases: Purchases",
    "Purchases: Search Traffic Sales", "Purchases: Conversion Rate %", "Reporting Date",
]  # fmt: skip
TOP = [
    "Search Frequency Rank", "Search Term", "Top Clicked Brand #1",
    *(
        f"Top Clicked Product #{n}: {name}"
        for n in (1, 2, 3)
        for name in ("ASIN", "Product Title", "Click Share", "Conversion Share")
    ),
    "Reporting Date",
]  # fmt: skip
PURCHASED = [
    "Start Date", "End Date", "Portfolio name", "Currency", "Campaign Name", "Ad Group Name",
    "Advertised SKU", "Advertised ASIN", "Targeting", "Match Type", "Purchased ASIN",
    "7 Day Other SKU Units (#)", "7 Day Other SKU Orders (#)", "7 Day Other SKU Sales",
]  # fmt: skip
PURCHASED_CHINESE = [
    "开始日期", "结束日期", "广告组合名称", "货币", "广告活动名称", "广告组名称", "广告SKU",
    "广告ASIN", "投放", "匹配类型", "已购买的ASIN", "7天内其他SKU销售量(#)",
    "7天内其他SKU订单数(#)", "7天内其他SKU销售额",
]  # fmt: skip
PLACEMENT = [
    "Start Date", "End Date", "Portfolio name", "Currency", "Campaign Name", "Bidding strategy",
    "Placement", "Impressions", "Clicks", "Cost Per Click (CPC)", "Spend", "7 Day Total Sales ",
    "7 Day Total Orders (#)", "7 Day Total Units (#)",
]  # fmt: skip
BUDGET = [
    "Start Date", "End Date", "Portfolio name", "Currency", "Campaign Name", "Status", "Budget",
    "Recommended Budget", "Average Time in Budget", "Impressions",
    "Estimated Missed Impressions Range Min", "Estimated Missed Impressions Range Max", "Clicks",
    "Estimated Missed Clicks Range Min", "Estimated Missed Clicks Range Max", "Spend",
    "7 Day Total Sales ", "Estimated Missed Sales Range Min", "Estimated Missed Sales Range Max",
]  # fmt: skip


def sqp_row(
    query="oat drink", total=(9000, 800, 300, 100), own=(900, 80, 40, 20), day="2025-11-30"
):
    """Return a row of Search Query Performance: everybody's figures, and one's own."""
    return [
        query, "1", "4000", str(total[0]), str(own[0]), "10.0", str(total[1]), "20.5", str(own[1]),
        "10.0", "3.95", str(total[2]), str(own[2]), str(total[3]), "2.5", str(own[3]), "3.95", day,
    ]  # fmt: skip


def purchased_row(target="oat drink", bought="B0BARISTA1", orders=2, sales="7.90", currency="USD"):
    """Return a row of the report of purchased products."""
    return [
        "Nov 1, 2025", "Nov 30, 2025", "-", currency, "Drinks", "Oat", "OAT-1", "B0OATDRINK",
        target, "EXACT", bought, str(orders), str(orders), sales,
    ]  # fmt: skip


def placement_row(place="Top of Search on-Amazon", clicks=40, spend="20.00", currency="USD"):
    """Return a row of the placement report."""
    return [
        "Nov 1, 2025", "Nov 30, 2025", "-", currency, "Drinks", "Fixed bids", place, "900",
        str(clicks), "0.5", spend, "80.00", "8", "9",
    ]  # fmt: skip


CAMPAIGN_DAYS = [
    "date", "campaignName", "campaignId", "campaignStatus", "campaignBudgetAmount",
    "campaignBudgetCurrencyCode", "campaignBiddingStrategy", "impressions", "clicks", "cost",
    "purchases7d", "unitsSoldClicks7d", "sales7d",
]  # fmt: skip


def campaign_day(campaign="Drinks", day="2025-11-01"):
    """Return a row of the API's report of campaigns by day."""
    return [
        day, campaign, "101", "ENABLED", "10.00", "USD", "LEGACY_FOR_SALES", "900", "40", "9.80",
        "3", "3", "60.00",
    ]  # fmt: skip


def budget_row(campaign="Drinks", time="80.5%"):
    """Return a row of the budget report."""
    return [
        "Nov 1, 2025", "Nov 30, 2025", "-", "USD", campaign, "ENABLED", "10.00", "14.00", time,
        "900", "100", "200", "40", "5", "9", "20.00", "80.00", "9.50", "19.00",
    ]  # fmt: skip


def top_row(rank=10, term="oat drink", day="2025-11-30"):
    """Return a row of Brand Analytics' top terms; the third product is lacking."""
    return [
        str(rank), term, "OATWELL", "b0oatdrink", "Oat drink", "8.44", "7.02", "B0RIVAL001",
        "Rival", "4.0", "5.0", "", "", "", "", day,
    ]  # fmt: skip


CATALOG_ROW = [
    "Oat drink", "B0OATDRINK", "Grocery", "5000", "3.95", "400", "8.0", "120", "40", "€158.00",
    "10.0", "2025-11-30",
]  # fmt: skip
