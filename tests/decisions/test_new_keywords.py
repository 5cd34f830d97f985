"""Queries without a keyword: which they are, in what order, and the rate to expect."""

import polars as pl
import pytest

from admatch.decisions.new_keywords import NEW_KEYWORDS, new_keywords, open_queries
from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport


def report(*terms):
    frame = pl.DataFrame({"search_term": terms}, schema={"search_term": pl.String})
    lacking = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in REPORT_SCHEMA.items()
        if name != "search_term"
    ]
    return SearchTermReport(
        frame.with_columns(lacking).select(*REPORT_SCHEMA), (), Granularity.SUMMARY, 7
    )


def keywords(*texts):
    rows = [{"entity": Entity.KEYWORD.value, "keyword": text} for text in texts]
    return Account(pl.DataFrame(rows, schema=ACCOUNT_SCHEMA), (), ())


def queries(**named):
    """Return queries by name: everybody's clicks and purchases, one's own clicks and purchases."""
    names = ("clicks", "purchases", "own_clicks", "own_purchases")
    rows = [
        {"term": term.replace("_", " "), "volume": 10 * figures[0], "frequency_rank": None}
        | dict(zip(names, figures, strict=True))
        for term, figures in named.items()
    ]
    return pl.DataFrame(rows, schema_overrides={"frequency_rank": pl.Int64})


def matches(**outcomes):
    terms = [
        {"search_term": term.replace("_", " "), "outcome": outcome, "probability": 0.9}
        for term, outcome in outcomes.items()
    ]
    products = [
        {"search_term": row["search_term"], "rank": 1, "product_id": "B0OATDRINK", "title": "Oat"}
        for row in terms
    ]
    return Matches(
        report(), pl.DataFrame(terms, schema=TERMS_SCHEMA),
        pl.DataFrame(products, schema=PRODUCTS_SCHEMA),
    )  # fmt: skip


def test_what_runs_already_is_no_find():
    found = queries(
        oat_drinks=(900, 90, 9, 3), oat_cream=(900, 80, 9, 3), soy=(50, 5, 0, 0),
        b0oatdrink=(99, 9, 9, 3), rice=(60, 9, 0, 0),
    )  # fmt: skip
    free = open_queries(found, report("Oat Drink"), keywords("soy"))
    assert free["term"].to_list() == ["oat cream", "rice"]


def test_plurals_of_a_find_are_one_find():
    free = open_queries(queries(oat_bar=(50, 5, 0, 0), oat_bars=(90, 9, 0, 0)), report(), None)
    assert free["term"].to_list() == ["oat bars"]


def test_only_queries_about_a_product_count():
    every = queries(oat_cream=(400, 40, 40, 4), shoes=(900, 90, 0, 0), milk=(90, 9, 0, 0))
    found = new_keywords(
        every, every, matches(oat_cream="match", shoes="none", milk="related"), 0.3
    )
    assert found["query"].to_list() == ["oat cream"]
    assert found.schema == NEW_KEYWORDS
    row = found.row(0, named=True)
    assert (row["product_id"], row["volume"], row["own_share"]) == ("B0OATDRINK", 4000, 0.1)
    assert row["rate_low"] < row["rate"] < row["rate_high"]
    assert row["rate"] == pytest.approx(0.1, abs=0.02)
    assert row["most_cpc"] is None  # no catalog, no price


def test_ones_own_sales_say_more_than_the_markets():
    every = queries(good=(1000, 100, 400, 80), bad=(1000, 100, 400, 8), none=(1000, 100, 0, 0))
    found = new_keywords(every, every, matches(good="match", bad="match", none="match"), 0.3)
    rates = dict(found.select("query", "rate").iter_rows())
    assert rates["good"] > rates["none"] > rates["bad"]


def test_a_query_without_counted_clicks_has_no_rate():
    listed = pl.DataFrame({"term": ["ranked"], "frequency_rank": [9]})
    every = pl.concat([queries(oat=(400, 40, 40, 4)), listed], how="diagonal")
    found = new_keywords(every, every, matches(oat="match", ranked="match"), 0.3)
    row = found.row(1, named=True)
    assert (row["query"], row["frequency_rank"], row["rate"], row["volume"]) == (
        "ranked", 9, None, None,
    )  # fmt: skip
