"""The lines of small account files made for the tests, in every known format and language."""

CAMPAIGN, GROUP = "171000000000001", "171000000000002"
# the columns that a file may have, in the words of each language
BULK = {
    "en_US": {
        "product": "Product", "entity": "Entity", "operation": "Operation",
        "campaign_id": "Campaign ID", "ad_group_id": "Ad Group ID", "keyword_id": "Keyword ID",
        "target_id": "Product Targeting ID", "campaign": "Campaign Name",
        "info": "Campaign Name (Informational only)", "type": "Targeting Type", "state": "State",
        "budget": "Daily Budget", "bid": "Bid", "keyword": "Keyword Text", "match": "Match Type",
        "strategy": "Bidding Strategy", "expression": "Product Targeting Expression",
        "impressions": "Impressions", "clicks": "Clicks", "spend": "Spend", "sales": "Sales",
        "orders": "Orders", "units": "Units",
    },
    "en_GB": {
        "product": "Product", "entity": "Entity", "operation": "Operation",
        "campaign_id": "Campaign ID", "ad_group_id": "Ad group ID", "keyword_id": "Keyword ID",
        "target_id": "Product Targeting ID", "campaign": "Campaign name",
        "info": "Campaign name (Informational only)", "type": "Targeting type", "state": "State",
        "budget": "Daily budget", "bid": "Bid", "keyword": "Keyword text", "match": "Match type",
        "strategy": "Bidding strategy", "expression": "Product targeting expression",
        "impressions": "Impressions", "clicks": "Clicks", "spend": "Spend", "sales": "Sales",
        "orders": "Orders", "units": "Units",
    },
    "de": {
        "product": "Produkt", "entity": "Entität", "operation": "Operation",
        "campaign_id": "Kampagnen-ID", "ad_group_id": "Anzeigengruppen-ID",
        "keyword_id": "Keyword-ID", "target_id": "Produkt-Targeting-ID",
        "campaign": "Kampagnenname", "info": "Kampagnenname (Nur zu Informationszwecken)",
        "type": "Targeting-Typ", "state": "Zustand", "budget": "Tagesbudget", "bid": "Gebot",
        "keyword": "Keyword-Text", "match": "Übereinstimmungstyp", "strategy": "Gebotsstrategie",
        "expression": "Ausdruck für Produkt-Targeting", "impressions": "Impressions",
        "clicks": "Klicks", "spend": "Ausgaben", "sales": "Verkäufe", "orders": "Bestellungen",
        "units": "Einheiten",
    },
    "es": {
        "product": "Producto", "entity": "Entidad", "operation": "Operación",
        "campaign_id": "ID de la campaña", "ad_group_id": "ID del grupo de anuncios",
        "keyword_id": "ID de palabra clave", "target_id": "ID de segmentación por productos",
        "campaign": "Nombre de la campaña", "info": "Nombre de la campaña (solo informativo)",
        "type": "Tipo de segmentación", "state": "Estado", "budget": "Presupuesto diario",
        "bid": "Puja", "keyword": "Texto de palabra clave", "match": "Tipo de coincidencia",
        "strategy": "Estrategia de pujas", "expression": "Fórmula de segmentación por productos",
        "impressions": "Impresiones", "clicks": "Clics", "spend": "Gasto", "sales": "Ventas",
        "orders": "Pedidos", "units": "Unidades",
    },
    "zh": {
        "product": "产品", "entity": "实体层级", "operation": "操作", "campaign_id": "广告活动编号",
        "ad_group_id": "广告组编号", "keyword_id": "关键词编号", "target_id": "商品投放 ID",
        "campaign": "广告活动名称", "info": "广告活动名称（仅供参考）", "type": "投放类型",
        "state": "状态", "budget": "每日预算", "bid": "竞价", "keyword": "关键词文本",
        "match": "匹配类型", "strategy": "竞价方案", "expression": "拓展商品投放编号",
        "impressions": "展示量", "clicks": "点击量", "spend": "花费", "sales": "销量",
        "orders": "订单数量", "units": "商品数量",
    },
}  # fmt: skip
# what stands in the cells: campaign, keyword, negative of the campaign, target
WORDS = {
    "en_US": ("Campaign", "Manual", "enabled", "Keyword", "Exact", "paused",
              "Campaign Negative Keyword", "Negative Phrase", "Product Targeting"),
    "en_GB": ("Campaign", "MANUAL", "Enabled", "keyword", "exact", "paused",
              "Campaign negative keyword", "negativePhrase", "Product targeting"),
    "de": ("Kampagne", "Manuell", "Aktiviert", "Keyword", "Genau Passend", "Angehalten",
           "Negatives Keyword auf Kampagnenebene", "Negative Wortgruppe", "Produkt-Targeting"),
    "es": ("Campaña", "Manual", "activada", "Palabra clave", "Exacta", "en pausa",
           "Palabra clave negativa de campaña", "Frase negativa", "Segmentación por productos"),
    "zh": ("广告活动", "手动", "已启用", "关键词", "精准", "已暂停",
           "广告活动否定关键词", "否定词组", "商品定向"),
}  # fmt: skip
STRATEGY = "Dynamic bids – down only"
FIGURES = {"impressions": 100, "clicks": 10, "spend": 4.5, "sales": 20, "orders": 1, "units": 2}


def bulk_lines(rows, headers=None, columns=BULK["en_US"]):
    """Return a header and lines; ``rows`` give cells by our short names."""
    names = headers or list(columns)
    return [
        [columns[name] for name in names],
        *([row.get(name, "") for name in names] for row in rows),
    ]


def bulk_rows(locale):
    entity, kind, on, keyword, exact, off, negative, phrase, target = WORDS[locale]
    ids = {"product": "Sponsored Products", "campaign_id": CAMPAIGN, "info": "Lamps"}
    group = ids | {"ad_group_id": GROUP}
    return [
        ids | FIGURES | {"entity": entity, "campaign": "Lamps", "type": kind, "state": on,
                         "budget": 12.5, "strategy": STRATEGY},
        group | FIGURES | {"entity": keyword, "keyword_id": "171000000000003", "state": off,
                           "bid": 0.75, "keyword": "desk lamp", "match": exact},
        ids | {"entity": negative, "keyword_id": "171000000000004", "state": on,
               "keyword": "toy", "match": phrase},
        group | FIGURES | {"entity": target, "target_id": "171000000000005", "state": on,
                           "bid": 0.5, "expression": 'asin="B07QM5KGDK"'},
    ]  # fmt: skip


def sentences(account):
    return [str(problem) for problem in account.problems]


V1 = {
    "en": ["Record ID", "Record Type", "Campaign ID", "Campaign", "Campaign Daily Budget",
           "Portfolio ID", "Campaign Start Date", "Campaign End Date", "Campaign Targeting Type",
           "Ad Group", "Max Bid", "Keyword or Product Targeting", "Product Targeting ID",
           "Match Type", "SKU", "Campaign Status", "Ad Group Status", "Status", "Impressions",
           "Clicks", "Spend", "Orders", "Total Units", "Sales", "ACoS", "Bidding strategy",
           "Placement Type", "Increase bids by placement"],
    "de": ["Datensatz-ID", "Datensatztyp", "Kampagnen-ID", "Kampagnen", "Tagesbudget Kampagne",
           "Portfolio-ID", "Startdatum der Kampagne", "Enddatum der Kampagne",
           "Ausrichtungstyp der Kampagne", "Anzeigengruppe", "Maximales Gebot",
           "Schlagwort oder Product Targeting", "Produkt-Targeting-ID", "Übereinstimmungstyp",
           "SKU", "Kampagnenstatus", "Anzeigengruppe Status", "Status", "Sichtkontakte", "Klicks",
           "Ausgaben", "Bestellungen", "Einheiten insgesamt", "Vertrieb", "ACoS",
           "Bidding strategy", "Placement Type", "Increase bids by placement"],
    "zh": ["记录ID", "记录类型", "活动编号", "广告商品", "广告商品每日预算", "产品组合ID",
           "开始日期", "结束日期", "目标受众类型", "广告组", "最大每点击成本", "关键字或商品投放",
           "产品投放ID", "匹配类型", "SKU", "广告商品状态", "广告组状态", "状态", "展现量",
           "点击量", "花费", "订单", "单位总数", "销售", "ACoS", "竞价策略", "投放类型",
           "按展示位置提高竞价"],
    "ja": ["レコードID", "レコードタイプ", "Campaign ID", "キャンペーン",
           "キャンペーンの1日当たりの予算", "Portfolio ID", "キャンペーンの開始日",
           "キャンペーンの終了日", "キャンペーンのターゲティングタイプ", "広告グループ", "入札額",
           "キーワードまたは商品ターゲティング", "商品ターゲティングID", "マッチタイプ",
           "広告(SKU)", "キャンペーンステータス", "広告グループステータス", "ステータス",
           "インプレッション", "クリック", "広告費", "注文数", "合計販売数", "総売上",
           "売上高に占める広告費の割合 （ACoS)", "Bidding strategy", "広告枠の種類",
           "Increase bids by placement"],
}  # fmt: skip


def v1_row(number, record, **cells):
    row = dict.fromkeys(V1["en"], "") | {"Record ID": number, "Record Type": record}
    row |= {"Campaign ID": "900", "Campaign": "Lamps", "Campaign Status": "enabled"}
    return list((row | {name.replace("_", " "): cell for name, cell in cells.items()}).values())


FED = {"Impressions": "100", "Clicks": "10", "Spend": "4.5", "Orders": "1", "Total Units": "2",
       "Sales": "20"}  # fmt: skip
V1_ROWS = [
    v1_row("900", "Campaign", Campaign_Daily_Budget="12.5", Campaign_Targeting_Type="Manual",
           Bidding_strategy="Dynamic bidding (down only)", Placement_Type="All", **FED),
    v1_row("", "Campaign By Placement", Placement_Type="Top of search (page 1)",
           Increase_bids_by_placement="50%", **FED),
    v1_row("901", "Ad Group", Ad_Group="Desk", Max_Bid="0.4", Ad_Group_Status="paused", **FED),
    v1_row("902", "Ad", Ad_Group="Desk", SKU="L-1", Status="enabled", **FED),
    v1_row("903", "Keyword", Ad_Group="Desk", Max_Bid="0.75", Status="Enabled",
           Keyword_or_Product_Targeting="desk lamp", Match_Type="broad", **FED),
    v1_row("904", "Keyword", Ad_Group="Desk", Status="enabled",
           Keyword_or_Product_Targeting="toy", Match_Type="Negative Exact"),
    v1_row("905", "Keyword", Keyword_or_Product_Targeting="cheap", Status="deleted",
           Match_Type="campaign negative phrase"),
    v1_row("906", "Product Targeting", Ad_Group="Desk", Max_Bid="0.3", Status="enabled",
           Keyword_or_Product_Targeting='category="Lamps"', Product_Targeting_ID='category="42"',
           Match_Type="Targeting Expression", **FED),
    v1_row("907", "Product Targeting", Ad_Group="Desk", Product_Targeting_ID="close-match",
           Max_Bid="0.2", Status="enabled", Match_Type="Targeting Expression Predefined", **FED),
    v1_row("908", "Product Targeting", Ad_Group="Desk", Status="enabled",
           Keyword_or_Product_Targeting='asin="B07QM5KGDK"',
           Match_Type="Negative Targeting Expression"),
]  # fmt: skip


HEAD = ["Date", "Portfolio name", "Currency", "Campaign Name", "Ad Group Name"]
TAIL = ["Impressions", "Clicks", "Click-Thru Rate (CTR)", "Spend", "7 Day Total Sales ",
        "7 Day Total Orders (#)", "7 Day Total Units (#)"]  # fmt: skip
NUMBERS = ["100", "10", "10.0%", "$4.50", "$20.00", "1", "2"]


def console(*middle, day="2025-05-01"):
    return [day, "Not grouped", "USD", "Lamps", "Desk", *middle, *NUMBERS]
