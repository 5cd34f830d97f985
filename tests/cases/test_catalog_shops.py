"""Exports of shops: variants, parents, kinds of products, prices."""

import json

import pytest

from admatch.catalog.reader import read_catalog


def cells(line):
    return line.split(",")


OLD = cells(
    "Title,Handle,Body (HTML),Vendor,Product Category,Type,Tags,Published,Status,"
    "Variant SKU,Variant Barcode,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
    "Variant Price,Variant Compare At Price,Variant Inventory Qty,Image Src,Image Position,"
    "Variant Image"
)
NEW = cells(
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,"
    "Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,Option2 name,"
    "Option2 value,Price,Compare-at price,Inventory quantity,Product image URL,"
    "Image position,Variant image URL"
)
ROWS = [
    ["Oat Cup", "oat-cup", "<p>A cup</p>", "Acme", "Home", "Mug", "", "TRUE", "active", "CUP-R",
     "111", "Color", "Red", "Size", "S", "9.99", "", "3", "cup1.jpg", "1", ""],
    ["", "oat-cup", "", "", "", "", "", "", "", "CUP-B",
     "112", "", "Blue", "", "S", "10.99", "", "3", "", "", "blue.jpg"],
    ["", "oat-cup", *[""] * 16, "cup2.jpg", "2", ""],
    ["Tea Towel", "tea-towel", "<p>Linen</p>", "Acme", "Home", "Towel", "", "TRUE", "active", "TT",
     "113", "Title", "Default Title", "", "", "5.00", "", "3", "", "", ""],
]  # fmt: skip


def test_shopify_new_headers_give_what_the_old_ones_gave(write):
    old, new = (read_catalog(write("a.csv", header, *ROWS)) for header in (OLD, NEW))
    assert list(new) == list(old)
    assert [(one.product_id, one.title, one.price) for one in new] == [
        ("CUP-R", "Oat Cup - Red / S", 9.99),
        ("CUP-B", "Oat Cup - Blue / S", 10.99),
        ("TT", "Tea Towel", 5.0),
    ]
    said = " ".join(map(str, new.problems))
    assert all(name in said for name in ("cup1.jpg", "cup2.jpg", "blue.jpg"))  # seen, not there


WOO = cells(
    "ID,Type,SKU,Name,Published,Short description,Description,Regular price,Sale price,"
    "Categories,Images,Parent,Attribute 1 name,Attribute 1 value(s)"
)
WOO_DE = cells(
    "ID,Typ,Artikelnummer,Name,Veröffentlicht,Kurzbeschreibung,Beschreibung,"
    "Regulärer Preis,Angebotspreis,Kategorien,Bilder,Übergeordnetes Produkt,"
    "Name von Attribut 1,Wert(e) von Attribut 1"
)


def woo(row):
    return row.split("|")


@pytest.mark.parametrize("header", [WOO, WOO_DE])
def test_woocommerce(write, header):
    hoodies = "Clothing > Hoodies"
    path = write(
        "a.csv",
        header,
        [
            "10",
            "variable",
            "HOOD",
            "Hoodie",
            "1",
            "Warm",
            "",
            "",
            "",
            hoodies,
            "",
            "",
            "Color",
            "Red",
        ],
        [
            "11",
            "variation",
            "HOOD-R",
            "Hoodie - Red",
            "1",
            "",
            "",
            "45",
            "40",
            "",
            "",
            "HOOD",
            "Color",
            "Red",
        ],
        [
            "12",
            "variation",
            "HOOD-B",
            "Hoodie",
            "1",
            "",
            "",
            "45",
            "",
            "",
            "",
            "id:10",
            "Color",
            "Blue",
        ],
        woo("13|simple, virtual|CAP|Cap|1|||12||Clothing||||"),
        woo("14|variable|SOCK|Sock|1|||||Clothing||||"),
    )
    catalog = read_catalog(path)
    assert [(one.title, one.sku, one.price, one.category, one.description) for one in catalog] == [
        ("Hoodie - Red", "HOOD-R", 45.0, hoodies, "Warm"),
        ("Hoodie - Blue", "HOOD-B", 45.0, hoodies, "Warm"),
        ("Cap", "CAP", 12.0, "Clothing", None),
        ("Sock", "SOCK", None, "Clothing", None),  # nothing names it as its parent
    ]
    assert "1 row of a parent, which only groups variations" in str(catalog.problems[0])


def test_a_parent_without_an_id_of_its_own(write):
    header = ["Parent ASIN", "ASIN", "Title", "Price"]
    rows = [["B0PARENT01", f"B0TEST000{n}", f"Cup {n}", 9] for n in (1, 2)]
    catalog = read_catalog(write("a.csv", header, ["B0PARENT01", "", "Cup", ""], *rows))
    assert [one.title for one in catalog] == ["Cup 1", "Cup 2"]


def test_magento(write):
    header = "sku,product_type,categories,name,description,price,configurable_variations"
    path = write(
        "a.csv",
        cells(header),
        ["H-R", "simple", "Men/Hoodies", "Hoodie Red", "x", "45.0", ""],
        ["H-B", "simple", "", "Hoodie Blue", "", "45.0", ""],
        [
            "H",
            "configurable",
            "Men/Hoodies",
            "Hoodie",
            "x",
            "",
            "sku=H-R,color=Red|sku=H-B,color=Blue",
        ],
        ["SET", "bundle", "Men", "Set", "", "80", ""],
    )
    found = [(one.sku, one.title, one.category, one.parent_id) for one in read_catalog(path)]
    assert found == [
        ("H-R", "Hoodie Red", "Men/Hoodies", "H"),
        ("H-B", "Hoodie Blue", "Men/Hoodies", "H"),
        ("SET", "Set", "Men", None),
    ]


VARIANTS = [
    {"id": 11, "title": "Red / S", "sku": "HR", "price": "45.00"},
    {"id": 12, "title": "Blue / S", "sku": "HB", "price": "47.00"},
]
HOODIE = {
    "id": 1, "title": "Hoodie", "body_html": "<p>Warm</p>", "vendor": "Acme", "handle": "hoodie",
    "product_type": "Hoodies", "images": [{"src": "https://x.test/1.jpg"}],
}  # fmt: skip
OPTIONS = {"options": [{"name": "Color", "values": ["Red", "Blue"]}, {"name": "Size"}]}


def graph(variants):
    nodes = [
        {"node": {key: one[key] for key in ("title", "sku", "price")}
         | {"selectedOptions": [{"name": "Color", "value": one["title"].split(" / ")[0]}]}}
        for one in variants
    ]  # fmt: skip
    node = {**HOODIE, "images": {"edges": []}, "variants": {"edges": nodes}}
    return {"data": {"products": {"edges": [{"node": node}]}}}


@pytest.mark.parametrize(
    ("whole", "last"),
    [
        ({"products": [HOODIE | {"variants": VARIANTS}]}, "Blue / S"),
        ({"product": HOODIE | OPTIONS | {"variants": [
            one | {"option1": one["title"][:-4], "option2": "S"} for one in VARIANTS
        ]}}, "Blue / S"),
        (graph(VARIANTS), "Blue"),
        ([HOODIE | {"variants": [
            one | {"title": f"Hoodie - {one['title']}"} for one in VARIANTS
        ]}], "Blue / S"),
    ],
)  # fmt: skip
def test_variants_in_json(tmp_path, whole, last):
    path = tmp_path / "products.json"
    path.write_text(json.dumps(whole))
    red, blue = read_catalog(path)
    assert (red.product_id, red.price, red.brand, red.category) == ("HR", 45.0, "Acme", "Hoodies")
    assert (blue.title, blue.parent_id, blue.description) == (f"Hoodie - {last}", "hoodie", "Warm")


def test_variants_of_json_beside_products_without_any(tmp_path):
    path = tmp_path / "products.json"
    cap = {"id": 2, "title": "Cap", "handle": "cap", "sku": "CAP", "variants": []}
    only = HOODIE | {"variants": [{"title": "Default Title", "sku": "H", "price": "45"}]}
    path.write_text(json.dumps([only, cap, {**cap, "handle": "x", "variants": [1, 2], "sku": "X"}]))
    assert [(one.product_id, one.title) for one in read_catalog(path)] == [
        ("H", "Hoodie"),
        ("CAP", "Cap"),
        ("X", "Cap"),
    ]


def test_merchant_feed_with_its_prefix(write):
    header = ["g:id", "g:title", "g:price", "g:brand", "g:item_group_id", "g:color"]
    (one,) = read_catalog(
        write(
            "a.tsv",
            header,
            ["A1", "Hoodie Red", "45.00 EUR", "Acme", "HOOD", "red"],
            separator="\t",
        )
    )
    assert (one.title, one.price, one.currency, one.parent_id) == (
        "Hoodie Red",
        45.0,
        "EUR",
        "HOOD",
    )


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("handleId,fieldType,name,collection,sku,price,productOptionName1,productOptionDescription1",
         ["p1,Product,Cup,Cups,C,12,Size,S;M", "p1,Variant,,,C-S,12,,S", "p1,Variant,,,C-M,12,,M"]),
        ("Product ID [Non Editable],Title,Categories,SKU,Price,Option Name 1,Option Value 1",
         ["p1,Cup,Cups,C-S,12,Size,S", ",,,C-M,12,Size,M"]),
    ],
)  # fmt: skip
def test_wix_and_squarespace(write, header, rows):
    catalog = read_catalog(write("a.csv", header.split(","), *(row.split(",") for row in rows)))
    assert [(one.product_id, one.title, one.category, one.attributes) for one in catalog] == [
        ("C-S", "Cup - S", "Cups", (("size", "S"),)),
        ("C-M", "Cup - M", "Cups", (("size", "M"),)),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Item number,Title,Custom label (SKU),Start price,Currency",
        "listing_id,TITLE,SKU,PRICE,CURRENCY_CODE",
        "Product ID,Name *,Reference #,Price tax excluded,currency",
        "Item ID,Product Name,Product Code/SKU,Price,Currency",
    ],
)
def test_ebay_etsy_prestashop_bigcommerce(write, header):
    (one,) = read_catalog(
        write("a.csv", header.split(","), ["123456", "Wood Cup", "S1", "12.00", "USD"])
    )
    assert (one.title, one.sku, one.price, one.currency) == ("Wood Cup", "S1", 12.0, "USD")
