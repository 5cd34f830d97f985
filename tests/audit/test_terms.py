"""Words that listings lack, and listings that compete for terms."""

from pathlib import Path

import polars as pl
import pytest

import admatch as am
from admatch.audit.audit import audit_listings
from admatch.audit.records import Aspect
from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport


def matches_of(retrieved: dict[str, list[str]], clicks: int = 6, orders: int = 1) -> Matches:
    rows = [
        {"search_term": term, "term_kind": "keyword", "currency": "USD", "clicks": clicks,
         "spend": 3.0, "sales": 20.0 * orders, "orders": orders}
        for term in retrieved
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=REPORT_SCHEMA)
    report = SearchTermReport(frame, (Path("report.csv"),), Granularity.SUMMARY, 7)
    terms = [
        {"search_term": term, "outcome": "match", "probability": 0.9, "related_probability": 0.95,
         "semantic_id": "T"}
        for term in retrieved
    ]  # fmt: skip
    products = [
        {"search_term": term, "rank": rank, "product_id": name, "title": name, "semantic_id": "T",
         "score": 1.0, "probability": 0.9}
        for term, names in retrieved.items()
        for rank, name in enumerate(names, 1)
    ]  # fmt: skip
    return Matches(
        report, pl.DataFrame(terms, schema=TERMS_SCHEMA), pl.DataFrame(products, PRODUCTS_SCHEMA)
    )


@pytest.fixture
def index(build):
    return build(
        am.Product("P0", "oat drink", description="from organic oats"),
        am.Product("P1", "whole milk", description="for every barista"),
        am.Product("P2", "lemon", attributes=(("search_terms", "citrus"),)),
    )


def test_words_that_a_listing_lacks(index):
    found = {"oat drink barista": ["P0"], "organic oat drink": ["P0"], "citrus lemon": ["P2"]}
    audit = audit_listings(index, matches=matches_of(found))
    assert audit.terms.select("search_term", "product_id", "missing").rows() == [
        ("oat drink barista", "P0", ["barista"])
    ]
    finding = audit.findings.filter(aspect=Aspect.MISSING_WORDS).row(0, named=True)
    assert finding["severity"] == "medium"
    assert "“barista” (6 clicks for $3.00, 1 order)" in finding["evidence"]


def test_misspelt_and_empty_words_are_no_wish(index):
    found = {"otat drinnk for the": ["P0"], "drinks with oat": ["P0"]}
    assert audit_listings(index, matches=matches_of(found)).terms.is_empty()


@pytest.mark.parametrize("orders", [0, 2])
def test_others_brands_and_misspelt_words_are_never_proposed(index, orders):
    found = {"melissas lemon": ["P2"], "organik lemon": ["P2"], "whole lemon": ["P2"]}
    audit = audit_listings(index, matches=matches_of(found, orders=orders))
    assert audit.terms["missing"].to_list() == [["whole"]]  # a word of another listing
    evidence = audit.findings.filter(aspect=Aspect.MISSING_WORDS)["evidence"].to_list()
    assert "“whole” (6 clicks" in str(evidence)


def test_the_brand_of_another_listing_and_its_slips_are_not_proposed(build):
    index = build(
        am.Product("P0", "headphones", brand="Bose"),
        am.Product("P1", "Sony wireless speaker", brand="Sony"),
        am.Product("P2", "wirelss lamp"),
        *(am.Product(f"P{number}", "wireless phone") for number in range(3, 9)),
    )
    found = {"sony headphones": ["P0"], "wirelss headphones": ["P0"], "phone headphones": ["P0"]}
    audit = audit_listings(index, matches=matches_of(found))
    assert audit.terms["missing"].to_list() == [["phone"]]


def test_a_term_for_what_other_products_are_asks_for_no_word(build):
    index = build(
        am.Product("P0", "Red Grapefruit, Pack of 4"),
        am.Product("P1", "Orange Juice, 1 l", description="a fresh drink from ripe fruit"),
    )
    found = {"red grapefruit juice": ["P0"], "ripe red grapefruit": ["P0"]}
    audit = audit_listings(index, matches=matches_of(found))
    assert audit.terms["missing"].to_list() == [["ripe"]]


def test_a_word_of_a_name_that_no_listing_has_is_not_proposed(build):
    index = build(
        am.Product("P0", "Whole Milk, 1 l"),
        am.Product("P1", "Oat Drink", description="great in coffee, a drink for its value"),
    )
    found = {"zorba great whole milk": ["P0"], "coffee whole milk": ["P0"]}
    audit = audit_listings(index, matches=matches_of(found))
    assert audit.terms["missing"].to_list() == [["coffee"]]


def test_one_click_that_sold_is_chance(index):
    found = matches_of({"oat drink barista": ["P0"]}, clicks=2, orders=1)
    assert (
        audit_listings(index, matches=found).findings.filter(aspect=Aspect.MISSING_WORDS).is_empty()
    )


def test_few_clicks_that_sold_nothing_are_no_finding(index):
    found = matches_of({"oat drink barista": ["P0"]}, clicks=2, orders=0)
    audit = audit_listings(index, matches=found)
    assert audit.terms.height == 1
    assert audit.findings.filter(aspect=Aspect.MISSING_WORDS).is_empty()


def test_terms_about_nothing_and_unknown_products(index):
    matches = matches_of({"garden hose": ["P9"]})
    assert audit_listings(index, matches=matches).terms.is_empty()
    nothing = matches_of({})
    assert audit_listings(index, matches=nothing).terms.is_empty()


def test_listings_that_compete(index):
    shared = {f"drink {number}": ["P0", "P1"] for number in range(6)}
    audit = audit_listings(index, matches=matches_of(shared))
    rivals = audit.similar.filter(space="terms")
    assert rivals.select("product_id", "other_id", "kind", "shared_terms").rows() == [
        ("P0", "P1", "cannibalising", 6),
        ("P1", "P0", "cannibalising", 6),
    ]
    assert rivals["shared_spend"].to_list() == [18.0, 18.0]
    assert "6 search terms" in audit.findings.filter(aspect=Aspect.LIKENESS)["evidence"][0]


def test_terms_that_name_one_of_two_are_not_shared(build):
    index = build(am.Product("P0", "red hose"), am.Product("P1", "blue hose"))
    shared = {f"hose {number}": ["P0", "P1"] for number in range(5)}
    audit = audit_listings(index, matches=matches_of(shared))
    assert audit.similar.filter(space="terms").height == 2
    named = {f"red hose {number}": ["P0", "P1"] for number in range(8)}
    audit = audit_listings(index, matches=matches_of(named))
    assert audit.similar.filter(space="terms").is_empty()


def test_variants_are_no_duplicates_and_copies_are(build):
    index = build(
        am.Product("P0", "steel water bottle 500 ml", description="keeps cold"),
        am.Product("P1", "water bottle steel 500 ml", description="keeps cold"),
        am.Product("P2", "steel water bottle 750 ml", description="keeps cold"),
    )
    found = audit_listings(index).similar.filter(kind="near-duplicate")
    assert set(found.select("product_id", "other_id").rows()) <= {("P0", "P1"), ("P1", "P0")}
    assert found.height == 2


def test_a_report_is_matched_first(index):
    report = matches_of({"oat drink barista": ["P0"]}).report
    assert audit_listings(index, report=report).products.height == 3
