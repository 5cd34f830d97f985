"""Which of two likely products a term is about shows in the ad group in which it sells."""

from dataclasses import replace

import polars as pl
import pytest

from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.match.sold import sold_products
from admatch.match.taught import Rates
from admatch.reports.insights.records import SCHEMAS, InsightKind
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport

RATES = Rates(0.12, 0.004, 15.0)
SHOWN = pl.DataFrame(
    [("C", "oat", "OAT"), ("C", "soy", "SOY"), ("C", "both", "OAT"), ("C", "both", "SOY")],
    schema=["campaign", "ad_group", "product_id"], orient="row",
)  # fmt: skip


def report(*rows):
    """Rows of ad group, clicks, orders, units in all, units of the advertised product."""
    names = ("ad_group", "clicks", "orders", "units", "units_promoted")
    frame = pl.DataFrame(
        [dict(zip(names, row, strict=True)) | {"campaign": "C", "search_term": "drink"}
         for row in rows],
        schema=REPORT_SCHEMA,
    )  # fmt: skip
    return SearchTermReport(frame, (), Granularity.SUMMARY, 7)


def matches(found):
    """OAT is a little likelier by meaning."""
    terms = [{"search_term": "drink", "outcome": "match", "probability": 0.9}]
    products = [
        {"search_term": "drink", "rank": 1, "product_id": "OAT", "score": 1.2, "probability": 0.9},
        {"search_term": "drink", "rank": 2, "product_id": "SOY", "score": 0.9, "probability": 0.7},
    ]
    return Matches(
        found, pl.DataFrame(terms, schema=TERMS_SCHEMA),
        pl.DataFrame(products, schema=PRODUCTS_SCHEMA),
    )  # fmt: skip


def first(*rows, rates=RATES, shown=SHOWN):
    found = report(*rows)
    return sold_products(matches(found), found, shown, rates)


def test_sales_decide_between_likely_products():
    sold = first(("soy", 20, 4, 4, 4), ("oat", 20, 0, 0, 0))
    assert sold.matches.products["product_id"].to_list() == ["SOY", "OAT"]
    assert sold.matches.products["rank"].to_list() == [1, 2]
    assert sold.matches.products["probability"].to_list() == [0.9, 0.7]
    assert (sold.terms, sold.moved) == (1, 1)


@pytest.mark.parametrize(
    "rows",
    [
        [("soy", 40, 0, 0, 0)],  # nothing sold
        [("both", 20, 4, 4, 4)],  # either may be meant
        [("soy", 20, 4, 4, 0)],  # what sold was another product
        [("oat", 20, 4, 4, 4)],
    ],
)
def test_meaning_stays_where_sales_say_nothing_else(rows):
    assert first(*rows).matches.products["product_id"].to_list() == ["OAT", "SOY"]


def test_without_rates_or_ads_nothing_changes():
    row = ("soy", 20, 4, 4, 4)
    assert first(row, rates=None).moved == 0
    assert first(row, shown=SHOWN.clear()).moved == 0


def test_an_ad_group_of_one_product_names_it_where_meaning_does_not():
    """Only where any term retrieves it: no index is asked."""
    found = report(("rice", 20, 4, 4, 4))
    known = matches(found)
    other = {"search_term": "rice", "rank": 1, "product_id": "RICE", "title": "Rice drink",
             "semantic_id": "T·1", "score": 2.0, "probability": 0.8}  # fmt: skip
    products = pl.concat([known.products, pl.DataFrame([other], schema=PRODUCTS_SCHEMA)])
    shown = pl.concat([SHOWN, pl.DataFrame([("C", "rice", "RICE")], schema=SHOWN.schema,
                                           orient="row")])  # fmt: skip
    sold = sold_products(replace(known, products=products), found, shown, RATES)
    drink = sold.matches.products.filter(search_term="drink")
    assert drink["product_id"].to_list() == ["RICE", "OAT"]  # as many as before
    assert drink["probability"].to_list() == [0.9, 0.7]
    assert sold.changes.select("before", "title", "alone").row(0) == ("OAT", "Rice drink", 4.0)


def test_purchases_without_an_account_are_enough_and_none_change_nothing():
    found = report(("soy", 20, 4, 4, 4))
    nothing = pl.DataFrame(schema=SCHEMAS[InsightKind.PURCHASED_PRODUCTS])
    sold = sold_products(matches(found), found, SHOWN.clear(), RATES, nothing)
    assert sold.moved == 0
    assert sold.matches.products.equals(matches(found).products)
