"""Catalogs that people edited: sheets, pasted tables, totals, and IDs that lost digits."""

import pytest

from admatch.catalog.reader import read_catalog

HEADER = ["ASIN", "Title", "Brand", "Price"]


def products(kind, count):
    return [[f"B0{kind.upper()}{n:05}", f"{kind} {n}", "Acme", 9] for n in range(count)]


def said(catalog):
    return " ".join(map(str, catalog.problems))


def test_six_sheets(write):
    path = write(
        "a.xlsx",
        Summary=[["Catalog of Acme"], ["2025"]],
        Cups=[HEADER, *products("cup", 5)],
        Mugs=[["My mugs"], [], HEADER, *products("mug", 4)],
        Pivot=[["Brand", "Count"], ["Acme", 9], ["Total", 9]],
        Top=[HEADER, *products("cup", 3)],
        Rivals=[["ASIN", "Title", "Rank"], ["B0RIVAL001", "Rival cup", 1]],
    )
    catalog = read_catalog(path)
    assert len(catalog) == 9
    assert "B0MUG00003" in catalog
    assert "B0RIVAL001" not in catalog
    assert "'Top' has 3 rows with titles, but no product that was not read already" in said(catalog)
    assert "'Rivals' has 1 row with a title too, but other columns than" in said(catalog)
    assert "2 sheets have no titles of products and were left out: Summary, Pivot" in said(catalog)


def test_titles_on_one_sheet_and_prices_on_another(write):
    texts = [[f"C{n}", f"Cup {n}", "x"] for n in range(4)]
    prices = [[f"c{n}", f"{n}.50 EUR", "0.20 EUR"] for n in (3, 1, 2)]
    path = write(
        "a.xlsx",
        Texts=[["List of May"], [], ["SKU", "Title", "Bullet Point 1"], *texts],
        Prices=[["Item SKU", "Price", "Cost"], *prices],
    )
    catalog = read_catalog(path)
    assert [one.price for one in catalog] == [None, 1.5, 2.5, 3.5]
    assert "columns of sheet 'Prices' were read for 3 products: Price, Cost" in said(catalog)


def test_a_sheet_of_the_same_products_with_further_columns(write):
    path = write(
        "a.xlsx",
        Texts=[["SKU", "Title", "Brand", "Description"], ["C1", "Cup", "Acme", "Warm"]],
        Prices=[["SKU", "Title", "Price"], ["C1", "Cup", 9.5]],
    )
    (cup,) = read_catalog(path)
    assert (cup.price, cup.brand) == (9.5, "Acme")


def test_prices_that_belong_to_no_single_product_are_not_read(write):
    path = write(
        "a.xlsx",
        Texts=[["SKU", "Title"], ["C1", "Cup"], ["C2", "Mug"]],
        Twice=[["SKU", "Price"], ["C1", 9.5], ["C1", 8.5]],
        Others=[["SKU", "Price"], ["D1", 9.5], ["D2", 8.5]],
    )
    catalog = read_catalog(path)
    assert [one.price for one in catalog] == [None, None]
    assert "were left out: Twice, Others" in said(catalog)


def test_sheets_that_share_ids_but_not_products_are_read(write):
    header = ["EAN", "SKU", "Title"]
    path = write(
        "a.xlsx",
        Cups=[header, ["4006381333931", "C1", "Cup"]],
        Mugs=[header, ["4006381333931", "M1", "Mug"]],
    )
    assert [one.title for one in read_catalog(path)] == ["Cup", "Mug"]


def test_the_sheet_is_chosen_by_what_it_holds_not_by_its_place(write):
    tall = [["Title", "Sessions"], *([f"Page {n}", n] for n in range(50))]
    catalog = read_catalog(write("a.xlsx", Pages=tall, Products=[HEADER, *products("cup", 3)]))
    assert len(catalog) == 3
    assert "'Pages' has 50 rows with titles too" in said(catalog)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_tables_pasted_below_each_other(write, name):
    path = write(
        name,
        ["sku", "title", "price"],
        ["S1", "Cup", "12.00"],
        ["S2", "Mug", "13.50"],
        ["sku", "title", "price"],
        ["S1", "Cup", "12.00"],
        ["S3", "Jug", "1.00"],
        [],
        ["Product name", "SKU", "Brand", "Price"],
        ["Bowl", "S4", "Acme", "2.00"],
        ["Title", "S5", "Acme", "3.00"],  # a product may be called like a header
    )
    catalog = read_catalog(path)
    assert {one.product_id: (one.title, one.price) for one in catalog} == {
        "S1": ("Cup", 12.0), "S2": ("Mug", 13.5), "S3": ("Jug", 1.0), "S4": ("Bowl", 2.0),
        "S5": ("Title", 3.0),
    }  # fmt: skip
    assert "1 row repeats an earlier one cell by cell" in said(catalog)


@pytest.mark.parametrize("label", ["Total", "Summe", "合计", ""])
@pytest.mark.parametrize("first", [True, False])
def test_a_row_that_adds_up_the_prices_is_no_product(write, label, first):
    rows = [["S1", "Cup", "12.00"], ["S2", "Mug", "13.50"], ["S3", "Jug", "4.00"]]
    total = ["", label or "Sum of all", "29.50"]
    lines = [total, *rows] if first else [*rows, total]
    catalog = read_catalog(write("a.csv", ["sku", "title", "price"], *lines))
    assert [one.title for one in catalog] == ["Cup", "Mug", "Jug"]
    assert "only adds up the prices of the others" in said(catalog)


def test_a_preamble_and_a_merged_title_above_the_header(write):
    path = write(
        "a.xlsx",
        ["Product list of Acme", "", ""],
        ["as of", "2025-05-01"],
        [],
        ["Nr.", "Artikelnummer", "Produktname", "Preis"],
        [1, "A", "Rote Tasse", 9.5],
        [2, "B", "Blaue Tasse", 9.5],
    )
    assert [(one.sku, one.title) for one in read_catalog(path)] == [
        ("A", "Rote Tasse"),
        ("B", "Blaue Tasse"),
    ]


@pytest.mark.parametrize(
    ("ids", "mended"),
    [
        (["4006381333931.0", "4006381333932.0"], ["4006381333931", "4006381333932"]),
        (["4,006,381,333,931", "12"], ["4006381333931", "12"]),
        (['="0171"', "'0172"], ["0171", "0172"]),
        (["12E5", "1E10"], ["12E5", "1E10"]),
        (["79626601232573778", "79626601232573000"], ["79626601232573778", "79626601232573000"]),
    ],
)
def test_ids_that_programs_wrote_as_numbers(write, ids, mended):
    catalog = read_catalog(write("a.csv", ["EAN", "Title"], *zip(ids, ["Cup", "Mug"], strict=True)))
    assert [one.product_id for one in catalog] == mended
    assert catalog.problems == ()


@pytest.mark.parametrize(
    "damaged", ["4.00638E+12", "4,00638E+12", "4e+12", "4.006381333931e+12", "1234567890123450000"]
)
def test_ids_that_lost_digits_are_said_and_not_used(write, damaged):
    rows = [[damaged, "S1", "Cup"], [damaged, "S2", "Mug"], [damaged, "", "Jug"]]
    catalog = read_catalog(write("a.csv", ["EAN", "SKU", "Title"], *rows))
    cup, mug, jug = catalog
    assert (cup.product_id, mug.product_id, jug.product_id[:4]) == ("S1", "S2", "row-")
    assert "row 2, column 'product_id': the ID has lost digits" in said(catalog)
    assert damaged in said(catalog)


def test_damaged_parents_and_skus_are_not_used_either(write):
    rows = [["B0TEST0001", "1.2E+12", "3.4E+15", "Cup"]]
    (one,) = read_catalog(write("a.csv", ["ASIN", "SKU", "Parent SKU", "Title"], *rows))
    assert (one.sku, one.parent_id) == (None, None)


def test_a_long_number_in_a_workbook(write):
    rows = [[4006381333931, "Cup"], [1234567890123456789, "Mug"]]
    catalog = read_catalog(write("a.xlsx", ["EAN", "Title"], *rows))
    assert [one.product_id[:4] for one in catalog] == ["4006", "row-"]
    assert "1.23456789012346E+18" in said(catalog)
