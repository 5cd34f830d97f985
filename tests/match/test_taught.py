"""What clicks and orders leave of the probabilities that meaning gave."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.match.taught import LEAST_ORDERS, Rates, fit_rates, posterior, taught
from admatch.match.taught_words import WordGains
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport

RATES = Rates(own=0.1, foreign=0.01, worth=10.0)  # Beta(1, 9), and Beta(0.4, 39.6)
PROBABILITY = st.floats(0.0, 1.0)
RATE = st.builds(
    lambda own, ratio, worth: Rates(own, own * ratio, worth),
    st.floats(0.001, 0.6), st.floats(0.01, 0.05), st.floats(2.0, 200.0),
)  # fmt: skip


def after(prior, orders, clicks, rates=RATES):
    arrays = (np.array([one], float) for one in (prior, orders, clicks))
    return float(posterior(*arrays, rates)[0])


def account(terms, price=1.0, **columns):
    """Return matches and a report of terms: name, prior, related, clicks, orders."""
    rows = pl.DataFrame(
        [
            (name, clicks, orders, clicks * price, orders * price)
            for name, _, _, clicks, orders in terms
        ],
        schema=["search_term", "clicks", "orders", "spend", "sales"],
        orient="row",
    ).with_columns(**columns)
    missing = [name for name in REPORT_SCHEMA if name not in rows.columns]
    frame = rows.with_columns(pl.lit(None).alias(name) for name in missing)
    frame = frame.select(*REPORT_SCHEMA).cast(REPORT_SCHEMA)
    report = SearchTermReport(frame, (Path("report.csv"),), Granularity.SUMMARY, 7)
    known = [
        (name, "match" if p >= 0.5 else "related" if near >= 0.5 else "none", p, near, "T·1")
        for name, p, near, _, _ in terms
    ]
    products = [
        (name, rank, f"P{rank}", "Title", "T·1", 1.0, p * part)
        for name, p, *_ in terms
        for rank, part in ((1, 1.0), (2, 0.9))
    ]
    return (
        Matches(
            report,
            pl.DataFrame(known, schema=TERMS_SCHEMA, orient="row"),
            pl.DataFrame(products, schema=PRODUCTS_SCHEMA, orient="row"),
        ),
        report,
    )


TERMS = [
    *((f"own {number}", 0.97, 0.98, 40, 4) for number in range(10)),
    *((f"foreign {number}", 0.02, 0.1, 40, 0) for number in range(10)),
    ("brand nobody knows", 0.02, 0.3, 60, 15),
    ("of the kind", 0.2, 0.8, 10, 0),
    ("looks own", 0.55, 0.6, 200, 0),
    ("looks foreign", 0.02, 0.1, 200, 0),
    ("never clicked", 0.6, 0.7, 0, 0),
]


def test_the_posterior_is_the_one_computed_by_hand():
    # Orders 1 of 2 clicks. Own: 1·9 / (10·11); foreign: 0.4·39.6 / (40·41); ratio 8.4711, and
    # 0.2 + 0.8 · ratio = 6.9769. The prior 0.4 starts from 0.41: odds 0.69492 · 6.9769 = 4.8483.
    assert after(0.4, 1, 2) == pytest.approx(0.82901, abs=1e-5)
    # No order in 2 clicks. Own: 9·10 / (10·11); foreign: 39.6·40.6 / (40·41); ratio 0.83459, and
    # 0.2 + 0.8 · ratio = 0.86767. The prior stays 0.6: odds 1.5 · 0.86767 = 1.30151.
    assert after(0.6, 0, 2) == pytest.approx(0.56550, abs=1e-5)


def test_clicks_without_an_order_speak_against_a_term_no_more_than_a_poor_offer_would():
    assert after(0.9, 0, 1_000_000) == pytest.approx(1.8 / 2.8, abs=1e-2)


@given(PROBABILITY, st.integers(1, 300), RATE)
def test_more_orders_never_lower_a_probability(prior, clicks, rates):
    found = [after(prior, orders, clicks, rates) for orders in range(min(clicks, 40) + 1)]
    assert (np.diff(found) >= -1e-9).all()


@given(PROBABILITY, st.integers(0, 5), RATE)
def test_more_clicks_never_raise_a_probability(prior, orders, rates):
    found = [after(prior, orders, clicks, rates) for clicks in range(max(orders, 1), 200, 7)]
    assert (np.diff(found) <= 1e-9).all()


@given(PROBABILITY, st.integers(0, 10_000), RATE)
def test_without_an_order_a_probability_can_only_fall(prior, clicks, rates):
    assert 0.0 <= after(prior, 0, clicks, rates) <= prior


@given(PROBABILITY, PROBABILITY, st.integers(0, 5), st.integers(5, 200), RATE)
def test_what_meant_more_before_means_more_after(one, two, orders, clicks, rates):
    low, high = sorted((one, two))
    assert after(low, orders, clicks, rates) <= after(high, orders, clicks, rates) + 1e-12


def test_both_rates_are_found_again_although_meaning_misreads_some_terms():
    rng = np.random.default_rng(7)
    own = np.arange(2000) < 1000
    rate = np.where(own, rng.beta(2.4, 17.6, 2000), rng.beta(0.24, 79.76, 2000))
    clicks = rng.integers(5, 200, 2000).astype(float)
    orders = rng.binomial(clicks.astype(int), rate).astype(float)
    prior = np.where(own, 0.95, 0.05)
    misread = rng.random(2000) < 0.1
    rates = fit_rates(np.where(misread, 1 - prior, prior), orders, clicks)
    assert rates.own == pytest.approx(0.12, rel=0.25)
    assert rates.foreign == pytest.approx(0.003, rel=0.5)


def test_an_account_teaches():
    matches, report = account(TERMS)
    heard = taught(matches, report)
    outcome = dict(heard.matches.terms.select("search_term", "outcome").iter_rows())
    assert outcome["brand nobody knows"] == "match"
    assert outcome["of the kind"] == "related"
    assert outcome["looks own"] == "related"  # as before: orders say little of kinds
    assert outcome["looks foreign"] == "none"
    assert outcome["never clicked"] == "match"
    assert all(outcome[f"own {n}"] == "match" for n in range(10))
    assert all(outcome[f"foreign {n}"] == "none" for n in range(10))
    assert (heard.sold, heard.changed) == (11, 2)
    assert heard.message == "learned from 11 terms that sold: 2 outcomes changed"
    assert heard.message.in_language("zh").startswith("已从 11 个")


def test_no_term_becomes_a_match_without_an_order_of_its_words():
    matches, report = account(TERMS)
    rows = taught(matches, report).matches.terms.join(matches.terms, on="search_term")
    unsold = rows.join(report.frame.filter(orders=0), on="search_term")
    assert (unsold["probability"] <= unsold["probability_right"]).all()
    assert unsold.filter(outcome="match")["outcome_right"].unique().to_list() == ["match"]
    clicked = unsold.filter(pl.col("clicks") > 0)
    assert (clicked["probability"] < clicked["probability_right"]).all()


def test_the_best_product_is_as_likely_as_its_term_and_none_is_likelier():
    matches, report = account(TERMS)
    heard = taught(matches, report).matches
    rows = heard.products.join(heard.terms, on="search_term", suffix="_of_term")
    first = rows.filter(rank=1)
    assert (first["probability"] == first["probability_of_term"]).all()
    assert (rows["probability"] <= rows["probability_of_term"]).all()
    assert heard.products.drop("probability").equals(matches.products.drop("probability"))
    assert (heard.terms["related_probability"] >= matches.terms["related_probability"]).all()
    sold = heard.terms.filter(search_term="brand nobody knows")
    assert sold["related_probability"].item() == sold["probability"].item() > 0.5


def test_prices_do_not_matter():
    cheap, dear = (taught(*account(TERMS, price=price)).matches for price in (0.1, 900.0))
    assert_frame_equal(cheap.terms, dear.terms)
    assert_frame_equal(cheap.products, dear.products)


def test_rows_of_a_term_count_together():
    split = [(name, *rest[:2], rest[2] // 2, rest[3] // 2) for name, *rest in TERMS]
    matches, once = account(TERMS)
    _, half = account(split)
    odd = once.frame.with_columns(
        pl.col("clicks") - pl.col("clicks") // 2, pl.col("orders") - pl.col("orders") // 2
    )
    twice = SearchTermReport(pl.concat([half.frame, odd]), (), Granularity.SUMMARY, 7)
    assert_frame_equal(taught(matches, twice).matches.terms, taught(matches, once).matches.terms)


@pytest.mark.parametrize("columns", [{"orders": None}, {"clicks": None}, {"orders": 0}])
def test_an_account_without_orders_teaches_nothing(columns):
    matches, report = account(TERMS, **{name: pl.lit(one) for name, one in columns.items()})
    heard = taught(matches, report)
    assert heard.matches is matches
    assert (heard.sold, heard.changed, heard.rates, heard.message) == (0, 0, None, None)


def test_few_orders_teach_nothing():
    few = [("a", 0.9, 0.9, 100, LEAST_ORDERS - 1), ("b", 0.1, 0.1, 100, 0)]
    assert taught(*account(few)).message is None
    enough = [("a", 0.9, 0.9, 100, LEAST_ORDERS), ("b", 0.1, 0.1, 100, 0)]
    assert taught(*account(enough)).message is not None


def test_more_orders_than_clicks_count_as_one_a_click():
    capped = [*TERMS, ("odd", 0.3, 0.3, 2, 2)]
    above = [*TERMS, ("odd", 0.3, 0.3, 2, 9)]
    assert_frame_equal(
        taught(*account(above)).matches.terms, taught(*account(capped)).matches.terms
    )


def test_a_report_of_no_terms_teaches_nothing():
    matches, report = account(TERMS)
    empty = Matches(report, matches.terms.clear(), matches.products.clear())
    assert taught(empty, report).matches is empty


BRANDED = [
    *(
        (f"velmara {word}", 0.05, 0.2, 30, 4)
        for word in ("hose", "set", "kit", "original", "red", "long", "pack", "tube", "thin", "2m")
    ),
    *((f"own {number}", 0.97, 0.98, 40, 4) for number in range(10)),
    *((f"foreign {number}", 0.02, 0.1, 40, 0) for number in range(10)),
]


def test_a_word_that_sells_makes_other_terms_with_it_ones_own():
    new = ("velmara gift", 0.02, 0.1, 2, 0)
    matches, report = account([*BRANDED, new])
    heard = taught(matches, report)
    after = dict(heard.matches.terms.select("search_term", "probability").iter_rows())
    assert after["velmara gift"] > 0.5
    assert heard.words[0] == "velmara"
    assert "words that sell (“velmara”" in str(heard.message)
    assert all(after[f"foreign {number}"] < 0.05 for number in range(10))
    related = heard.matches.terms["related_probability"]
    assert (related >= heard.matches.terms["probability"]).all()


def test_words_that_foretell_nothing_change_nothing():
    terms = [(f"thing {n}", 0.9, 0.9, 40, 4) for n in range(20)]
    terms += [(f"other {n}", 0.05, 0.1, 40, 0) for n in range(20)]
    found = WordGains.of([one[0] for one in terms], *_evidence(terms))
    assert not found.gains.any()
    assert found.words == ()


def test_no_word_takes_anything_away_and_no_term_teaches_itself():
    terms = [*BRANDED, ("unheard", 0.05, 0.1, 60, 30)]
    gains = WordGains.of([one[0] for one in terms], *_evidence(terms)).gains
    assert (gains >= 0).all()
    assert gains[-1] == 0  # its only word is in no other term


def _evidence(terms):
    prior, _, clicks, orders = (
        np.array(column, float) for column in list(zip(*terms, strict=True))[1:]
    )
    return prior, RATES.log_ratio(orders, clicks)
