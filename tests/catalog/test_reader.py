"""What is wrong with a file is reported in one sentence, and the rest is read."""

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.catalog.reader import read_catalog
from admatch.catalog.records import CATALOG_SCHEMA, Catalog, Product
from admatch.errors import InputError


def sentences(catalog: Catalog) -> list[str]:
    return [str(problem) for problem in catalog.problems]


def test_a_row_without_title_is_left_out_and_counted(read):
    catalog = read("id,title\n1,Cup\n2,\n3,<br>\n")
    assert [one.product_id for one in catalog] == ["1"]
    assert catalog.skipped == 2
    assert sentences(catalog)[0] == (
        "catalog.csv, row 3, column 'title': the row has no title and was left out (found '2'); "
        "add a title, by which search terms are matched."
    )


def test_many_problems_of_a_kind_are_counted(read):
    catalog = read("id,title\n1,Cup\n" + "".join(f"{number},\n" for number in range(2, 102)))
    assert catalog.skipped == 100
    assert len(catalog.problems) == 6
    assert "95 further rows" in sentences(catalog)[-1]


def test_the_sku_stands_in_for_a_missing_id_and_texts_for_both(read):
    catalog = read("id,sku,title\nA,S1,Cup\n,S2,Mug\n,,Jug\n")
    first, second, third = (one.product_id for one in catalog)
    assert (first, second) == ("A", "S2")
    assert third.startswith("row-")
    assert "row 4, column 'product_id': the row has no ID" in sentences(catalog)[0]
    assert third in read("title,price,sku,id\nJug,5.00,,\nCup,,,A\n")


def test_a_file_without_ids_is_reported_once(read):
    catalog = read("title\nCup\nMug\nMug\n")
    assert len(catalog) == 2
    assert catalog.skipped == 1
    assert len(catalog.problems) == 2


def test_other_cells_under_one_id_are_a_problem(read):
    catalog = read("id,title,color\n1,Cup,red\n1,Cup,red\n1,Mug,blue\n2,Jug,\n")
    assert [(one.product_id, one.title) for one in catalog] == [("1", "Cup"), ("2", "Jug")]
    assert catalog.skipped == 2
    assert any(
        "row 4, column 'product_id': an earlier row has this ID" in line
        for line in sentences(catalog)
    )


def test_ids_stay_text(read):
    catalog = read('upc,name\n0171,Cup\n"=""0172""",Mug\n')
    assert [one.product_id for one in catalog] == ["0171", "0172"]


@pytest.mark.parametrize(
    ("cell", "price", "currency"),
    [
        ("12.99", 12.99, None),
        ("$12.99", 12.99, None),  # whose dollar it is, the sign does not tell
        ("€1.299,50", 1299.5, "EUR"),
        ("1.299,50 €", 1299.5, "EUR"),
        ("12.00 USD", 12.0, "USD"),
        ("GBP 3.10", 3.1, "GBP"),
        ('"1,299"', 1299.0, None),  # no price has three decimals
        ("1.299 kr", 1299.0, None),
        ("0", 0.0, None),
        ("", None, None),
    ],
)
def test_prices(read, cell, price, currency):
    separator = ";" if "," in cell and '"' not in cell else ","
    catalog = read(f"id{separator}title{separator}price\n1{separator}Cup{separator}{cell}\n")
    assert (catalog["1"].price, catalog["1"].currency) == (price, currency)
    assert catalog.problems == ()


def test_a_currency_column_wins(read):
    assert read("id,title,price,currency\n1,Cup,$5.00,cad\n")["1"].currency == "CAD"


def test_no_price_is_a_problem_and_the_product_stays(read):
    catalog = read("id,title,price\n1,Cup,cheap\n2,Mug,-3\n3,Jug,4.50\n")
    assert [one.price for one in catalog] == [None, None, 4.5]
    assert sentences(catalog)[0] == (
        "catalog.csv, row 2, column 'price': this is not a price, so the product was read without "
        "one (found 'cheap'); write a number like 12.99."
    )


def test_prices_that_contradict_are_left_out(read):
    catalog = read('id,title,price\n1,Cup,"1,50"\n2,Mug,2.75\n')
    assert [one.price for one in catalog] == [None, None]
    assert "no price was read" in sentences(catalog)[0]


def test_a_file_that_is_not_utf8_is_read_and_reported(tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes("id;title\n1;Größe für Gärtner\n".encode("cp1252"))
    catalog = read_catalog(path)
    assert catalog["1"].title == "Größe für Gärtner"
    assert "not UTF-8" in sentences(catalog)[0]


def test_without_a_title_column_reading_stops(read):
    with pytest.raises(InputError) as caught:
        read("Bezeichner,Nr\nTasse,1\n")
    assert str(caught.value) == (
        "catalog.csv: no column is known to hold product titles; headers found: 'Bezeichner', "
        '\'Nr\'; name it with --column title=HEADER, in Python columns={"title": "HEADER"}'
    )


def test_columns_can_be_named(read):
    named = {"title": "Bezeichner", "product_id": "Nr", "color": "Ton"}
    catalog = read("Bezeichner,Nr,Ton\nTasse,1,blau\n", columns=named)
    assert list(catalog) == [Product("1", "Tasse", attributes=(("color", "blau"),))]
    with pytest.raises(InputError, match="no header 'Nope'"):
        read("Bezeichner,Nr\nTasse,1\n", columns={"title": "Nope"})


def test_a_file_of_nothing_but_untitled_rows_stops(read):
    with pytest.raises(InputError, match="no row holds a product title"):
        read("id,title\n1,\n")


def workbook(path: Path, **sheets: list[list[str]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


def test_sheets_with_the_same_columns_are_read_and_the_others_named(tmp_path):
    catalog = read_catalog(
        workbook(
            tmp_path / "book.xlsx",
            Notes=[["x"], ["y"]],
            Cups=[["id", "title"], ["1", "Cup"]],
            Mugs=[["title", "id"], ["Mug", "2"], ["Jug", "3"], ["", "4"]],
            Best=[["id", "title"], ["2", "Mug"]],
            Rivals=[["title", "site"], ["Bowl", "x.test"]],
        )
    )
    assert {one.product_id: one.title for one in catalog} == {"1": "Cup", "2": "Mug", "3": "Jug"}
    assert catalog.skipped == 1
    said = " ".join(sentences(catalog))
    assert "the sheet 'Best' has 1 row with a title, but no product that was not read" in said
    assert "the sheet 'Rivals' has 1 row with a title too, but other columns than" in said
    assert "1 sheet has no titles of products and was left out: Notes" in said
    assert "book.xlsx [Mugs], row 4, column 'title': the row has no title" in said


def test_the_hash_is_that_of_the_products(read, tmp_path, picture):
    first = read("id,title,image\n1,Cup,red.jpg\n")
    other = tmp_path / "elsewhere"
    other.mkdir()
    picture.rename(other / "red.jpg")
    (other / "x.tsv").write_text("title\tid\timages\nCup\t1\tred.jpg\n")
    assert read_catalog(other / "x.tsv").content_hash == first.content_hash
    assert read("id,title\n1,Mug\n").content_hash != first.content_hash


cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=40)
@given(st.lists(st.tuples(cells, cells, cells, cells, cells), min_size=1, max_size=12))
def test_every_row_is_a_product_or_skipped(tmp_path_factory, rows):
    path: Path = tmp_path_factory.mktemp("any") / "rows.csv"
    names = ["id", "sku", "title", "price", "description"]
    frame = pl.DataFrame([("0", "", "Cup", "1.00", ""), *rows], schema=names, orient="row")
    frame.write_csv(path, quote_style="always")
    catalog = read_catalog(path)
    filled = frame.filter(pl.any_horizontal(pl.all().str.strip_chars().str.len_bytes() > 0))
    assert len(catalog) + catalog.skipped == filled.height
    assert catalog.frame["product_id"].is_unique().all()
    assert catalog.frame["title"].null_count() == 0
    assert dict(catalog.frame.schema) == CATALOG_SCHEMA
