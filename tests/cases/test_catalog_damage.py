"""Catalogs damaged by chance as people and programs damage them: the products stay the same."""

import csv
import io
import json
import random

import pytest
import xlsxwriter

from admatch.catalog.reader import read_catalog
from tests.cases.test_catalog_listings import LISTINGS

THINGS = ("Cup", "Mug", "Hose", "Lamp", "Towel", "Knife", "Bowl", "Rug", "Chair", "Kettle")
NAMES = ("title", "description", "sku", "price", "asin", "ean", "status")
HEADERS = [
    *(line.split("|") for line in LISTINGS.values()),
    ["Title", "Description", "SKU", "Price", "ASIN", "EAN", "Status"],
    ["product.name", "product.description", "product.sku", "offers.price", "product.asin",
     "product.ean", "product.status"],
    ["Product Name *", "Long Description", "Seller SKU", "Price (USD)", "asin1", "GTIN", "Active"],
    ["title_en", "description_en", "variant_sku_code", "price-EUR", "(Child) ASIN", "UPC", "on"],
]  # fmt: skip
DECOYS = {
    "brand.name": "Acme", "category.title": "Kitchen", "seller.name": "Acme Shop",
    "Meta: title": "Buy now", "campaign.name": "Summer", "Notes": "", "seo.title": "SEO",
}  # fmt: skip


def make_products(chance):
    count = chance.randint(3, 25)
    return [
        {
            "asin": f"B0{chance.choice('ABCDEF')}{n:03}{chance.randint(1000, 9999)}",
            "title": f"{chance.choice(THINGS)}, {chance.choice(('red', 'blue', 'oak'))}, {n} cm",
            "description": chance.choice(("", "<p>Good</p>")),
            "sku": f"S-{n}",
            "price": chance.randint(100, 200_000) / 100,
            "ean": f"40063{chance.randint(0, 10**8):08}",
            "status": "Active",
        }
        for n in range(count)
    ]  # fmt: skip


def spelled(price, style):
    if style == "comma":
        return f"{price:,.2f}".translate(str.maketrans(",.", ".,")) + " €"
    return f"{price:.2f}" if style == "point" else f"${price:,.2f}"


def lines_of(products, header, chance, style):
    """Return a header and rows in a random order of columns, with columns of other things."""
    decoys = chance.sample(sorted(DECOYS), chance.randint(0, 4))
    columns = [*zip(NAMES, header, strict=True), *((None, name) for name in decoys)]
    chance.shuffle(columns)

    def cell(product, key, name):
        if key is None:
            return DECOYS[name]
        if key == "price":
            return spelled(product[key], style)
        if key == "ean" and style == "comma":
            return f"{int(product[key]):.5E}".replace(".", ",")
        return product[key]

    rows = [[cell(one, *column) for column in columns] for one in products]
    return [[name for _, name in columns], *rows], [key for key, _ in columns]


def damaged(lines, keys, products, chance, style):
    """Return the lines with what people leave in files."""
    header, *rows = lines
    if chance.random() < 0.3:
        rows.insert(chance.randrange(1, len(rows)), header)
    if chance.random() < 0.3:
        rows.insert(chance.randrange(len(rows)), [""] * len(header))
    if chance.random() < 0.3:
        rows += chance.sample(rows, 2)
    if chance.random() < 0.3:
        whole = spelled(sum(one["price"] for one in products), style)
        total = {"title": "Total", "price": whole}
        if not any(rows.count(row) > 1 for row in rows):
            rows.append([total.get(key, "") for key in keys])
    above = [["Products of Acme"], ["as of", "2025-05-01"], []] if chance.random() < 0.3 else []
    return [*above, header, *rows]


def write_text(path, lines, chance):
    stream = io.StringIO()
    csv.writer(stream, delimiter=chance.choice(",;\t|"), lineterminator="\n").writerows(lines)
    text = chance.choice(("", "\ufeff")) + stream.getvalue()
    encoding = chance.choice(("utf-8", "utf-16", "utf-8"))
    path.write_bytes(text.encode(encoding))


def write_sheets(path, lines, chance):
    """Write a workbook with the rows on one sheet or on two, beside others without products."""
    header, *rows = lines
    cut = chance.randrange(1, len(rows))
    parts = {"First": [header, *rows[:cut]], "Second": [header, *rows[cut:]]}
    sheets = {
        "Read me": [["Acme"], ["2025"]],
        **(parts if chance.random() < 0.5 else {"All": lines}),
    }
    with xlsxwriter.Workbook(path) as book:
        for name in chance.sample(sorted(sheets), len(sheets)):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(sheets[name]):
                sheet.write_row(at, 0, row)


def write_json(path, products, header, chance):
    """Write records with dotted headers as objects in objects, wrapped as answers are."""
    records = []
    for one in products:
        record = {"brand": {"name": "Acme", "id": 3}, "seller": {"name": "Shop", "title": "Best"}}
        for key, name in zip(NAMES, header, strict=True):
            *above, leaf = name.split(".")
            inner = record
            for step in above:
                inner = inner.setdefault(step, {})
            inner[leaf] = one[key]
        records.append(record)
    wrap = chance.choice((lambda x: x, lambda x: {"items": x}, lambda x: {"data": {"products": x}}))
    path.write_text(json.dumps(wrap(records)))


def check_variant(folder, seed):
    chance = random.Random(seed)
    products, header = make_products(chance), chance.choice(HEADERS)
    style = chance.choice(("point", "comma", "dollar"))
    kind = chance.choice(("csv", "csv", "xlsx", "json"))
    path = folder / f"catalog.{kind}"
    if kind == "json":
        write_json(path, products, header, chance)
    else:
        lines, keys = lines_of(products, header, chance, style)
        if kind == "xlsx":
            write_sheets(path, lines, chance)
        else:
            write_text(path, damaged(lines, keys, products, chance, style), chance)
    found = {one.product_id: (one.title, one.sku, one.price) for one in read_catalog(path)}
    assert found == {one["asin"]: (one["title"], one["sku"], one["price"]) for one in products}


@pytest.mark.parametrize("seed", range(40))
def test_products_stay_the_same(tmp_path, seed):
    check_variant(tmp_path, seed)


@pytest.mark.slow
def test_products_stay_the_same_in_two_thousand_catalogs(tmp_path):
    for seed in range(1000, 3000):
        check_variant(tmp_path, seed)
