"""Which product Amazon showed for a target labels the terms that the target serves."""

import polars as pl
import pytest

from admatch.match.label_gains import label_gains
from admatch.match.labels import all_advertised, labels_of
from admatch.reports.insights.records import SCHEMAS, InsightKind
from admatch.reports.records import REPORT_SCHEMA

PRODUCTS = [f"P{n}" for n in range(10)]
SHOWN = pl.DataFrame(
    [("C", "all", one) for one in PRODUCTS],
    schema=["campaign", "ad_group", "product_id"],
    orient="row",
)


def purchases(*rows):
    """Rows of targeting, match type, product shown, orders."""
    names = ("targeting", "match_type", "asin", "orders")
    same = {"campaign": "C", "ad_group": "all", "purchased_asin": "P9"}
    given = [dict(zip(names, row, strict=True)) | same for row in rows]
    return pl.DataFrame(given, schema=SCHEMAS[InsightKind.PURCHASED_PRODUCTS])


def report(*rows):
    """Rows of targeting, match type, term, orders, units of other products."""
    names = ("targeting", "match_type", "search_term", "orders", "units_halo")
    given = [dict(zip(names, row, strict=True)) | {"campaign": "C", "ad_group": "all"}
             for row in rows]  # fmt: skip
    return pl.DataFrame(given, schema=REPORT_SCHEMA)


def candidates(*rows):
    """Rows of term, product, score."""
    return pl.DataFrame(rows, schema=["search_term", "product_id", "score"], orient="row")


def labels(bought, terms):
    return labels_of(bought, terms, all_advertised(SHOWN, bought))


def test_a_label_is_a_terms_by_its_orders_of_other_products():
    terms = report(
        ("close-match", "-", "oat", 9, 3), ("close-match", "-", "soy", 9, 1),
        ("close-match", "-", "rice", 9, 0), ("Oat Drink", "EXACT", "oat drink", 2, None),
    )  # fmt: skip
    found = labels(
        purchases(("close-match", None, "P0", 2), ("oat drink", "Exact", "P1", 1)), terms
    )
    shares = {(row["search_term"], row["product_id"]): row["share"] for row in found.to_dicts()}
    assert shares == {("oat", "P0"): 0.75, ("soy", "P0"): 0.25, ("oat drink", "P1"): 1.0}


def test_chance_is_that_of_the_other_labels_of_the_ad_group():
    bought = purchases(("a", "EXACT", "P0", 6), ("b", "EXACT", "P0", 2), ("c", "EXACT", "P1", 1))
    terms = report(*((name, "EXACT", name, 5, 1) for name in "abc"))
    base = dict(labels(bought, terms).select("search_term", "base").iter_rows())
    assert base == pytest.approx({"a": 3 / 13, "b": 7 / 17, "c": 1 / 18})


def account(shown):
    """Ten exact keywords; of term n meaning prefers Pn, and ``shown(n)`` was shown."""
    names = [f"term {n}" for n in range(10)]
    bought = purchases(
        *((name, "EXACT", PRODUCTS[shown(n)], 2) for n, name in enumerate(names)),
        ("doubtful", "EXACT", "P7", 3),
    )  # fmt: skip
    terms = report(*((name, "EXACT", name, 5, 2) for name in (*names, "doubtful")))
    known = candidates(
        *(row for n, name in enumerate(names)
          for row in ((name, PRODUCTS[n], 3.0), (name, PRODUCTS[(n + 1) % 10], -3.0))),
        ("doubtful", "P3", 1.0), ("doubtful", "P7", 0.5),
    )  # fmt: skip
    every = all_advertised(SHOWN, bought)
    return label_gains(labels_of(bought, terms, every), known, every)


def test_labels_that_follow_meaning_decide_where_it_is_in_doubt():
    found = account(shown=lambda n: n).filter(search_term="doubtful").row(0, named=True)
    assert found["product_id"] == "P7"
    assert found["gain"] > 0.5
    assert found["shown"] == 3.0


def test_labels_that_come_by_chance_say_nothing():
    assert account(shown=lambda n: (n + 5) % 10).is_empty()


def test_what_another_term_of_the_target_explains_says_less():
    names = [f"term {n}" for n in range(10)]
    rows = [(name, "EXACT", PRODUCTS[n], 2) for n, name in enumerate(names)]
    known = [(name, PRODUCTS[n], 3.0) for n, name in enumerate(names)]
    known += [(name, PRODUCTS[n - 1], -3.0) for n, name in enumerate(names)]
    known += [("doubtful", "P3", 1.0), ("doubtful", "P7", 0.5), ("clear", "P7", 4.0),
              ("clear", "P3", -4.0)]  # fmt: skip
    gains = []
    for beside in ((), (("broad", "BROAD", "clear", 5, 1),)):
        bought = purchases(*rows, ("broad", "BROAD", "P7", 2))
        terms = [(name, "EXACT", name, 5, 2) for name in names]
        found = report(*terms, ("broad", "BROAD", "doubtful", 5, 1), *beside)
        every = all_advertised(SHOWN, bought)
        told = label_gains(labels_of(bought, found, every), candidates(*known), every)
        gains.append(told.filter(search_term="doubtful")["gain"].item())
    assert gains[0] > 3 * gains[1] > 0


def test_without_labels_there_is_nothing():
    nothing = purchases()
    every = all_advertised(SHOWN, nothing)
    terms = report(("a", "EXACT", "a", 1, 1))
    assert label_gains(
        labels_of(nothing, terms, every), candidates(("a", "P0", 1.0)), every
    ).is_empty()
