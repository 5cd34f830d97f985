import polars as pl
import pytest

from admatch.catalog.reader import read_catalog
from admatch.pipeline.met_words import met_words
from admatch.pipeline.parts import account_parts
from admatch.pipeline.sample import sample_folder
from admatch.reports.reader import read_report

PRODUCTS = (
    "product_id,title,brand,price,cost,fees,currency\n"
    "B0SAMPLE01,Oat drink,Oatly,10,4,1,USD\nB0SAMPLE02,Soy drink,Oatly,10,,,USD\n"
)


@pytest.fixture
def catalog(tmp_path):
    file = tmp_path / "catalog.csv"
    file.write_text(PRODUCTS)
    return read_catalog(file)


def rows(*lines):
    names = ("campaign", "portfolio", "currency", "clicks", "spend", "sales")
    return pl.DataFrame([dict(zip(names, one, strict=True)) for one in lines])


def test_parts_are_what_a_goal_may_be_named_after():
    report = rows(
        ("A", "P", "USD", 5, 2.0, 8.0),
        ("B", None, "USD", 9, 3.0, 0.0),
        ("A", "P", "USD", 1, 1.0, 2.0),
        ("C", "P", "EUR", 1, 1.0, 2.0),
    )
    parts = account_parts(report, None)
    assert parts.filter(kind="campaign")["name"].to_list() == ["B", "A", "C"]
    assert parts.filter(name="A").row(0, named=True)["spend"] == 3.0
    portfolio = parts.filter(kind="portfolio").row(0, named=True)
    assert (portfolio["name"], portfolio["currency"], portfolio["spend"]) == ("P", None, None)


def test_the_goals_that_a_catalog_states_come_along(catalog):
    parts = account_parts(None, catalog.frame)
    assert parts.filter(kind="brand").select("name", "products").rows() == [("Oatly", 2)]
    margins = parts.filter(kind="product").select("name", "margin").rows()
    assert margins == [("B0SAMPLE01", pytest.approx(0.5)), ("B0SAMPLE02", None)]


def test_spend_is_that_of_the_report():
    report = read_report(sample_folder() / "search_terms.csv")
    campaigns = account_parts(report.frame, None).filter(kind="campaign")
    assert campaigns["spend"].sum() == pytest.approx(report.totals["spend"].sum())


def test_words_of_a_term_are_met_by_title_or_text(catalog):
    rows = pl.DataFrame(
        {
            "search_term": ["oatly oat drink for coffee", "oat drink", None],
            "product_id": ["B0SAMPLE01", None, "B0SAMPLE02"],
        }
    )
    (found,) = met_words(rows, catalog).to_dicts()
    assert found["met_words"] == ["oatly", "oat", "drink"]
    assert found["unmet_words"] == ["coffee"]
    assert met_words(rows, None).is_empty()
