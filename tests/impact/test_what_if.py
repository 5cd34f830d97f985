import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import admatch as am
from admatch.errors import InputError
from admatch.impact.beta import Beta
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.impact.model import ImpactModel
from admatch.match.records import PRODUCTS_SCHEMA, Matches
from admatch.reports.account.records import Entity, MatchType
from tests.impact.accounts import made, row

DESK, FLOOR = Place("Lamps", "Desk"), Place("Lamps", "Floor")
EXACT, PHRASE = MatchType.NEGATIVE_EXACT, MatchType.NEGATIVE_PHRASE
KEYWORD = {"targeting": "lamp oil", "match_type": "BROAD"}
REPORT = made(
    row("oil lamp", 200, 0),
    row("oil lamp wick", 100, 5, **KEYWORD),
    row("desk lamp", 300, 60),
    row("cordless lamp", 40, 4),
    row("b00ipgvvz4", 60, 3, term_kind="asin", targeting="substitutes"),
    row("oil lamp", 100, 20, ad_group="Floor"),
    row("shown only", 0, 0),
)
MODEL = ImpactModel(seed=11).fit(REPORT)


def what_if(*changes: Change, **settings) -> am.WhatIf:
    return MODEL.what_if(ChangeSet(changes), **settings)


def negative(text: str, match_type=EXACT, place=DESK) -> Change:
    return Change.negative_keyword(text, match_type, place)


def test_no_change_changes_nothing():
    found = what_if(margin=0.4, total_sales=9000.0)
    assert found.before == found.after
    zero = found.difference
    assert {zero.acos.mean, zero.acos.low95, zero.profit.high95, zero.tacos.mean} == {0.0}
    assert found.sales_at_risk.high95 == 0
    assert found.break_even is None
    assert not found.blast_radius.height


def test_terms_without_traffic_change_nothing():
    for text in ("never seen", "shown only"):
        found = what_if(negative(text))
        assert found.before == found.after


def test_before_does_not_depend_on_the_changes():
    assert what_if(negative("oil lamp")).before == what_if().before


def test_blocking_what_never_sells_lowers_acos():
    found = what_if(negative("oil lamp"), margin=0.4)
    assert found.difference.spend.high95 < 0
    assert found.difference.acos.high80 < 0
    assert found.difference.profit.mean > 0
    assert found.blast_radius.select("effect", "search_term", "clicks").rows() == [
        ("blocks", "oil lamp", 200)
    ]


def test_a_phrase_blocks_all_that_contains_it():
    found = what_if(negative("oil lamp", PHRASE, Place("Lamps")))
    hit = found.blast_radius.select("ad_group", "search_term").rows()
    assert sorted(hit) == [("Desk", "oil lamp"), ("Desk", "oil lamp wick"), ("Floor", "oil lamp")]


def test_parts_of_words_are_listed_but_not_counted():
    found = what_if(negative("cord", PHRASE))
    assert found.blast_radius["effect"].to_list() == ["may block"]
    assert found.before == found.after


def test_negative_products_block_their_asin_only():
    found = what_if(Change.negative_product("B00IPGVVZ4", DESK))
    assert found.blast_radius["search_term"].to_list() == ["b00ipgvvz4"]
    assert found.difference.spend.mean == pytest.approx(-30, rel=0.2)


def test_acos_is_that_of_the_draws():
    found = what_if(negative("oil lamp", PHRASE), rho=0.3)
    draws = found.only.after_draws
    assert found.after.acos.mean == pytest.approx(draws.spend.mean() / draws.sales.mean())
    middle = np.percentile(draws.spend / draws.sales, 25, method="lower")
    assert found.after.acos.low50 == pytest.approx(middle)
    assert (draws.spend >= 0).all()
    assert (draws.sales >= 0).all()


def test_rerouted_clicks_meet_the_conversion_of_where_they_reappear():
    nothing, half, all_of_it = (
        what_if(negative("oil lamp"), rho=rho).after for rho in (0.0, 0.5, 1.0)
    )
    assert nothing.spend.mean < half.spend.mean < all_of_it.spend.mean
    # the floor ad group sells to one in five, and some of that is believed of the others, too
    assert all_of_it.orders.mean > what_if().before.orders.mean + 10


def test_clicks_with_nowhere_to_go_do_not_return():
    """Every ad group of the account blocks it: rho has nothing to work on."""
    found = what_if(negative("desk lamp", place=Place("Lamps")), rho=1.0)
    assert found.difference.spend.mean < -100


def test_sensitivity_covers_the_whole_range():
    found = what_if(negative("oil lamp"), rho=0.25)
    table = found.sensitivity
    assert table["rho"].to_list() == [0, 0.25, 0.5, 0.75, 1]
    assert table["acos"][1] == pytest.approx(found.after.acos.mean)
    assert table["sales_at_risk"].is_sorted(descending=True)


def test_moving_a_term_is_a_negative_and_a_keyword():
    move = (
        negative("oil lamp wick"),
        Change.keyword("oil lamp wick", MatchType.EXACT, FLOOR, 0.6),
    )
    found, lost = what_if(*move), what_if(move[0])
    assert lost.after.spend.mean < found.after.spend.mean
    assert found.sales_at_risk.mean < lost.sales_at_risk.mean
    assert not found.unknown


def test_new_keywords_without_evidence_are_unknown():
    found = what_if(Change.keyword("garden hose", MatchType.EXACT, FLOOR, 0.6))
    assert found.before == found.after
    assert "volume is unknown" in found.unknown[0].reason
    nowhere = what_if(Change.keyword("oil lamp", MatchType.EXACT, Place("Lamps", "New"), 0.6))
    assert "no row of ad group 'New'" in nowhere.unknown[0].reason


def test_a_lower_bid_costs_less_and_brings_less():
    bid = Change.keyword_bid("lamp oil", MatchType.BROAD, DESK, 0.3)
    found = what_if(bid)
    assert found.difference.spend.high80 < 0
    assert found.difference.orders.mean < 0
    assert found.blast_radius["search_term"].to_list() == ["oil lamp wick"]
    wrong = Change.keyword_bid("lamp oil", MatchType.EXACT, DESK, 0.3)
    assert "no click of this target" in what_if(wrong).unknown[0].reason


def test_the_same_bid_changes_nothing():
    change = Change.keyword_bid("lamp oil", MatchType.BROAD, DESK, 0.6)
    object.__setattr__(change, "before", 0.6)
    found = what_if(change)
    assert found.before == found.after


def test_archiving_a_keyword_ends_its_share():
    found = what_if(Change.archive(Entity.KEYWORD, "lamp oil", DESK, MatchType.BROAD))
    assert found.difference.spend.mean == pytest.approx(-50, rel=0.2)
    negative_end = Change.archive(Entity.NEGATIVE_KEYWORD, "oil lamp", DESK, EXACT)
    assert "holds back" in what_if(negative_end).unknown[0].reason


def test_unknown_places_are_named():
    found = what_if(negative("oil lamp", place=Place("Typo")))
    assert "no row of campaign 'Typo'" in found.unknown[0].reason
    assert found.unknown[0].reason.in_language("zh") == "报告中没有广告活动“Typo”的数据"


def test_values_out_of_range_are_refused():
    for wrong in ({"rho": 1.5}, {"margin": 40}, {"total_sales": -1.0}, {"draws": 0}):
        with pytest.raises(InputError):
            what_if(**wrong)


def test_currencies_are_kept_apart():
    report = made(row("oil lamp", 50, 5), row("oil lamp", 50, 5, currency="USD", campaign="US"))
    found = ImpactModel().fit(report).what_if(ChangeSet((negative("oil lamp", place=DESK),)))
    assert set(found.by_currency) == {"EUR", "USD"}
    assert found.by_currency["USD"].before == found.by_currency["USD"].after
    assert found.by_currency["EUR"].before != found.by_currency["EUR"].after
    with pytest.raises(InputError, match="several currencies"):
        _ = found.before


def test_sales_that_the_report_lacks_stay_unknown():
    report = made(row("oil lamp", 50, 5, sales=None))
    found = ImpactModel().fit(report).what_if(ChangeSet((negative("oil lamp"),)))
    assert found.before.acos is None
    assert found.sales_at_risk is None
    assert found.difference.spend.mean < 0


def test_the_blast_radius_names_own_products():
    products = [("oil lamp", 1, "B0LAMP", "Oil lamp", "T·1·2", 2.0, 0.9)]
    terms = {"search_term": "oil lamp", "probability": 0.9, "semantic_id": "T·1·2·3"}
    matches = Matches(
        REPORT,
        pl.DataFrame([terms]),
        pl.DataFrame(products, schema=PRODUCTS_SCHEMA, orient="row"),
    )
    model = ImpactModel().fit(REPORT, matches)
    found = model.what_if(ChangeSet((negative("oil lamp", PHRASE),))).blast_radius
    assert dict(found.select("search_term", "product_id").rows()) == {
        "oil lamp": "B0LAMP",
        "oil lamp wick": None,
    }


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 200), st.integers(0, 50), st.floats(0.01, 0.5), st.floats(2, 500))
def test_more_evidence_never_widens_the_conjugate_interval(clicks, more, mean, strength):
    """Evidence in the ratio expected: the rate stays, and more is known of it."""

    def deviation(n: float) -> float:
        k, n_, p = np.array([n * mean]), np.array([float(n)]), np.array([mean])
        return float(np.sqrt(Beta.after(k, n_, p, strength).variance)[0])

    assert deviation(clicks + more) <= deviation(clicks) + 1e-12


texts = st.sampled_from(["oil lamp", "lamp", "desk lamp", "wick", "cord", "nothing"])
negatives = st.builds(
    negative, texts, st.sampled_from([EXACT, PHRASE]), st.sampled_from([DESK, FLOOR])
)


@settings(max_examples=25, deadline=None)
@given(st.lists(negatives, max_size=4), st.floats(0, 1))
def test_negatives_never_add_and_their_order_does_not_matter(changes, rho):
    found = what_if(*changes, rho=rho, draws=50)
    turned = what_if(*reversed(changes), rho=rho, draws=50)
    assert found.after == turned.after
    nothing = what_if(*changes, rho=0.0, draws=50).only
    assert (nothing.after_draws.spend <= nothing.before_draws.spend + 1e-9).all()
    assert (nothing.after_draws.spend >= -1e-6).all()
    assert (nothing.after_draws.sales >= -1e-6).all()


def blocks(text, **options):
    found = what_if(negative(text, PHRASE), **options).blast_radius
    return set(found.filter(pl.col("effect") == "blocks")["search_term"])


def test_a_phrase_by_meaning_blocks_its_words_in_any_order():
    """Amazon's newest pages leave open how far a phrase reaches; only the what-if shows it."""
    assert blocks("lamp oil") == set()
    assert blocks("lamp oil", phrase_by_meaning=True) == {"oil lamp", "oil lamp wick"}
    assert blocks("oil lamp", phrase_by_meaning=True) == blocks("oil lamp")
    exact = negative("lamp oil", EXACT)
    assert what_if(exact, phrase_by_meaning=True).before == what_if(exact).after


def test_a_new_phrase_by_meaning_takes_over_more():
    keyword = Change.keyword("lamp oil", MatchType.PHRASE, FLOOR, 0.5)
    strict, wide = what_if(keyword), what_if(keyword, phrase_by_meaning=True)
    assert not strict.blast_radius.height
    assert "oil lamp wick" in wide.blast_radius["search_term"].to_list()


@given(
    words=st.lists(st.sampled_from(["oil", "lamp", "wick", "desk", "cord"]), min_size=1, max_size=3)
)
def test_by_meaning_a_phrase_never_blocks_less(words):
    text = " ".join(words)
    assert blocks(text) <= blocks(text, phrase_by_meaning=True)
