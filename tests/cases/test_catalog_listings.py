"""Amazon's listing reports in many languages, and its templates."""

import pytest

from admatch.catalog.reader import read_catalog

LISTINGS = {
    "fr": "nom-produit|description-article|sku-vendeur|prix|asin1|id-produit|état",
    "it": "Nome dell'articolo|Descrizione dell'articolo|SKU venditore|Prezzo|ASIN 1|"
    "Identificativo del prodotto|stato",
    "es": "Título del producto|Descripción del producto|SKU del vendedor|Precio|ASIN 1|"
    "Identificador del producto|Estado del producto",
    "de": "Artikelbezeichnung|Artikelbeschreibung|Händler-SKU|Preis|ASIN 1|Produkt-ID|Status",
    "pl": "nazwa-produktu|opis-produktu|sku-sprzedawcy|cena|asin1|identyfikator-produktu|status",
    "tr": "item-name (ürün adı)|item-description (ürün açıklaması)|seller-sku (satıcı sku)|"
    "price (fiyat)|ASIN1|product-id (ürün numarası)|durum",
    "ar": "اسم-المنتج|وصف-المنتج|sku-البائع|السعر|asin1|رقم-المنتج|الحالة",
    "nl": "productnaam|productbeschrijving|verkopers-SKU|prijs|ASIN1|product-ID|status",
    "sv": "produktnamn|produktbeskrivning|säljar-SKU|pris|ASIN 1|produkt-ID|status",
    "ja": "商品名|商品説明|出品者SKU|価格|ASIN 1|商品ID|ステータス",
    "zh": "商品名称|商品描述|卖家 SKU|价格|ASIN1|商品编码|状态",
}


@pytest.mark.parametrize("language", LISTINGS)
def test_listing_reports(write, language):
    header = LISTINGS[language].split("|")
    row = ["Garden Hose 5 m", "A long hose", "H5", "12.50", "B0TEST0001", "8001234567890", "Active"]
    catalog = read_catalog(write("a.txt", header, row, separator="\t"))
    (one,) = catalog
    assert (one.product_id, one.title, one.sku) == ("B0TEST0001", "Garden Hose 5 m", "H5")
    assert (one.price, one.description) == (12.5, "A long hose")
    assert catalog.problems == ()


SITE = "[marketplace_id=ATVPDKIKX0DER]"
NAMES = [
    "contribution_sku#1.value",
    f"item_name{SITE}[language_tag=en_US]#1.value",
    f"bullet_point{SITE}[language_tag=en_US]#1.value",
    f"parentage_level{SITE}#1.value",
    f"child_parent_sku_relationship{SITE}#1.parent_sku",
    f"purchasable_offer{SITE}[audience=ALL]#1.our_price#1.schedule#1.value_with_tax",
    "amzn1.volt.ca.product_id_value",
]
LABELS = ["SKU", "Item Name", "Bullet Point", "Parentage", "Parent SKU", "Your Price", "Product Id"]
SETTINGS = "settings=attributeRow=5&contentLanguageTag=en_US&dataRow=7&labelRow=4"
CUPS = [
    ["P1", "Travel Cup", "", "Parent", "", "", ""],
    ["C1", "Travel Cup Red", "Warm", "Child", "P1", 9.99, "B0TEST0003"],
    ["C2", "Travel Cup Blue", "Warm", "Child", "P1", 9.99, "B0TEST0004"],
]
EXAMPLE = ["ABC123", "Adidas Blue Sneakers", "Soft", "Child", "ABC-P", "49.99", "B007EXAMP1"]
OTHER_SHEETS = {
    "Instructions": [["How to fill"], ["Item Name", "The title of the product"]],
    "Data Definitions": [["Field Name", "Label", "Example"], ["item_name", "Item Name", "Shoe"]],
    "Valid Values": [["a", "b"], ["c", "d"]],
}


def template(first):
    return [[first], ["Fill in"], ["Group"], LABELS, NAMES, EXAMPLE, *CUPS]


@pytest.mark.parametrize(
    ("first", "cut"),
    [(SETTINGS, 0), (SETTINGS, 2), ("TemplateType=fptcustom&dataRow=7", 0), ("dataRow=7", 0)],
)
def test_a_template_begins_below_its_example(write, first, cut):
    lines = template(first)
    del lines[1 : 1 + cut]  # somebody tidied it up
    catalog = read_catalog(write("a.xlsx", Template=lines, **OTHER_SHEETS))
    assert [(one.product_id, one.title, one.price, one.parent_id) for one in catalog] == [
        ("B0TEST0003", "Travel Cup Red", 9.99, "P1"),
        ("B0TEST0004", "Travel Cup Blue", 9.99, "P1"),
    ]
    assert catalog.skipped == 1
    said = " ".join(map(str, catalog.problems))
    assert "1 row of a parent" in said
    assert "2 sheets have no titles of products and were left out: Data Definitions" in said


def test_the_example_sheet_of_a_template_is_left_out(write):
    labels = ["Seller SKU", "Product Name", "Product ID", "Brand", "Standard Price"]
    names = ["item_sku", "item_name", "external_product_id", "brand_name", "standard_price"]
    sofas = [[f"EX{n}", f"Sofa {n}", f"B0EXAMPL{n:02}", "X", 1] for n in range(5)]
    head = [["TemplateType=Home", "Version=2019"], labels, names]
    own = ["C1", "Red Cup", "B0TEST0001", "Acme", 9.9]
    catalog = read_catalog(write("a.xlsx", Beispiel=[*head, *sofas], Vorlage=[*head, own]))
    assert [one.title for one in catalog] == ["Red Cup"]
    assert "'Beispiel' shows 5 examples of how to fill the template" in str(catalog.problems[0])
