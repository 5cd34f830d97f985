"""Titles are those of products, whatever else is called title or name; so are IDs."""

import json

import pytest

from admatch.catalog.headers import plain_headers
from admatch.catalog.reader import read_catalog
from admatch.errors import InputError

CUPS = ("Red Enamel Cup 300 ml", "Blue Enamel Cup 300 ml")


def titles(path, **arguments):
    return [one.title for one in read_catalog(path, **arguments)]


def records(**more):
    return [
        {"id": f"A{n}", "title": title, "price": 9.99, **more} for n, title in enumerate(CUPS, 1)
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"brand": {"id": 7, "name": "Acme"}, "category": {"id": 3, "name": "Cups"}},
        {"seller": {"name": "Acme Shop", "title": "Best shop"}, "name": "cup-internal"},
        {"collection": {"title": "Summer"}, "seo": {"title": "Buy cups"}, "vendor": "Acme"},
        {"manufacturer": {"title": "Acme"}, "category": {"parent": {"name": "Kitchen"}}},
    ],
)
@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_names_of_other_things_are_no_titles(tmp_path, more, ending):
    path = tmp_path / f"products.{ending}"
    whole = records(**more)
    lines = "\n".join(map(json.dumps, whole))
    path.write_text(json.dumps({"items": whole}) if ending == "json" else lines)
    assert titles(path) == list(CUPS)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: {"product": one, "brand": {"name": "Acme"}},
        lambda one: {"node": one},
        lambda one: {"_source": one, "_score": 1},
        lambda one: {"attributes": {"data": one}},
        lambda one: {"anything": one, "owner": {"name": "Acme", "id": 3}},
    ],
)
def test_what_only_wraps_the_product_matters_not(tmp_path, wrap):
    path = tmp_path / "products.json"
    path.write_text(json.dumps([wrap(one) for one in records()]))
    catalog = read_catalog(path)
    assert [(one.title, one.price) for one in catalog] == [(title, 9.99) for title in CUPS]


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        (["category.name", "brand.name", "offers.price"], ["category", "brand", "price"]),
        (["g:id", "g:title", "g:image_link"], ["id", "title", "image_link"]),
        (["product/title", "product[sku]", "node__brand"], ["title", "sku", "brand"]),
        (["seller.name", "campaign.name", "order.id", "user.title"], ["", "", "", ""]),
        (["images.0.src", "price.amount", "price.currency"], ["images", "price", "currency"]),
        (["title_en", "name-de_DE", "price-EUR"], ["title", "name", "price"]),
        (["item-name (ürün adı)", "标题 (Title)", "ASIN*"], ["item-name", "标题", "ASIN"]),
        (["Meta: title", "Google Shopping / Gender"], ["Meta: title", "Google Shopping / Gender"]),
    ],
)
def test_a_path_keeps_its_parents(header, meant):
    assert plain_headers(header) == meant


def test_the_better_name_wins_not_the_more_exact_one(write):
    header = ["Produkt-ID", "ASIN 1", "name", "Item-Name"]
    path = write("a.csv", header, ["4006381333931", "B0TEST0001", "cup-red", CUPS[0]])
    (one,) = read_catalog(path)
    assert (one.product_id, one.title) == ("B0TEST0001", CUPS[0])


def test_a_column_that_repeats_a_few_texts_is_no_title(write):
    rows = [["Acme" if n % 2 else "Zeta", f"B0TEST{n:04}", f"Cup number {n}"] for n in range(40)]
    assert titles(write("a.csv", ["Title", "ASIN", "Name"], *rows))[7] == "Cup number 7"
    with pytest.raises(InputError, match=r"'Name' has only 2 different texts in 40 rows"):
        read_catalog(write("b.csv", ["Name", "ASIN", "Notes"], *rows))
    assert titles(write("c.csv", ["Name", "ASIN", "Notes"], *rows), columns={"title": "Notes"}) == [
        row[2] for row in rows
    ]


def test_repeated_titles_of_variations_are_kept_and_said(write):
    rows = [[f"B0TEST{n:04}", "Oat Milk"] for n in range(30)]
    catalog = read_catalog(write("a.csv", ["asin", "title"], *rows))
    assert len(catalog) == 30
    assert "column 'title': all 30 rows have the same title" in str(catalog.problems[0])


def test_asins_are_found_in_a_language_that_no_table_has(write):
    header = ["(상위) ASIN", "(하위) ASIN", "Competitor ASIN", "Title", "SKU"]
    rows = [
        ["B0PARENT01", f"B0CHILD00{n}", f"B0RIVAL0{n}0", title, f"S{n}"]
        for n, title in enumerate(CUPS)
    ]
    assert [one.product_id for one in read_catalog(write("a.csv", header, *rows))] == [
        "B0CHILD000",
        "B0CHILD001",
    ]


def test_a_report_is_no_catalog(write, tmp_path):
    path = write(
        "a.csv", ["Campaign", "Name", "Impressions", "Clicks", "Cost"], ["A", "x", 1, 2, 3]
    )
    with pytest.raises(InputError, match=r"a report of advertising, .* 'Campaign', 'Impressions'"):
        read_catalog(path)
    gaql = [{"campaign": {"name": "Search"}, "adGroup": {"name": "Core"}, "metrics": {"clicks": 1}}]
    (tmp_path / "gaql.json").write_text(json.dumps(gaql))
    with pytest.raises(InputError, match="no column is known to hold product titles"):
        read_catalog(tmp_path / "gaql.json")
