import polars as pl
import pytest

import admatch as am
from admatch.decisions.recommend import recommend
from admatch.decisions.recommendations import COLUMNS
from admatch.errors import InputError
from admatch.impact.model import ImpactModel
from admatch.reports.account.records import Entity
from tests.decisions.conftest import (
    GOOD,
    background,
    entity,
    make_account,
    make_catalog,
    make_matches,
    make_report,
    term,
)

STRANGE = {"dog bowl": 0.01}


def test_every_row_has_one_decision_and_a_sentence(advise):
    found = advise(term("dog bowl", 60), term("*", 9), term("b0rival001", 2), about=STRANGE).advice
    assert found.frame.columns == list(COLUMNS)
    assert len(found) == len(GOOD) + 3
    assert set(found.frame["action"]) <= {one.value for one in am.Action}
    assert all(text.endswith(".") and ";" in text for text in found.frame["reason"])
    assert sum(found.counts.values()) == len(found)


def test_a_good_term_gets_its_exact_keyword_where_its_product_is_advertised(advise):
    more = entity(Entity.PRODUCT_AD, "Manual", "Reels", asin="B0HOSE0001")
    found = advise(term("hose green", 100, 30), account=make_account(more))
    row = found.row("hose green")
    assert row["action"] == "harvest-exact"
    assert (row["to_campaign"], row["to_ad_group"]) == ("Manual", "Reels")
    keyword = next(
        one for one in found.advice.changes(am.Action.HARVEST_EXACT) if one.text == "hose green"
    )
    assert keyword.match_type == am.MatchType.EXACT
    assert keyword.place.ad_group == "Reels"


def test_no_harvest_of_what_is_exact_already(advise):
    exact = term("hose green", 100, 30, targeting="hose green", match_type="EXACT")
    assert advise(exact).action("hose green") == "bid-up"


def test_bids_follow_target_and_term_by_a_fifth_at_most(advise):
    dear = term("hose dear", 300, 10, targeting="hose dear", match_type="EXACT", ad_group="Exact")
    bids = entity(Entity.KEYWORD, "Auto", "Exact", keyword="hose dear", match_type="exact", bid=1.0)
    found = advise(dear, account=make_account(bids))
    row = found.row("hose dear", "Exact")
    assert row["action"] == "bid-down"
    assert row["new_bid"] == pytest.approx(0.80)
    assert row["acos_after"] < row["acos_before"]
    change = next(iter(found.advice.changes(am.Action.BID_DOWN)))
    assert (change.bid, change.text) == (0.8, "hose dear")


def test_a_bid_that_is_not_known_is_not_written(advise):
    dear = term("hose dear", 300, 10, targeting="hose dear", match_type="EXACT", ad_group="Exact")
    found = advise(dear)
    assert found.action("hose dear", "Exact") == "bid-down"
    assert "bid is unknown" in found.row("hose dear", "Exact")["warning"]
    assert not len(found.advice.changes(am.Action.BID_DOWN))


def test_a_term_of_another_product_moves_to_it(advise):
    reel = term("wall reel for hose", 40)
    about = {"wall reel for hose": (1.0, "B0REEL0001")}
    found = advise(reel, about=about, account=make_account())
    row = found.row("wall reel for hose")
    assert row["action"] == "move-to-right-product"
    assert row["to_ad_group"] == "Reels"
    assert "fits far better" in row["reason"]


def test_terms_of_a_product_that_does_not_sell_ask_for_its_listing(advise):
    rows = [term(f"reel kind{number}", 60) for number in range(4)]
    about = {row["search_term"]: (1.0, "B0REEL0001") for row in rows}
    found = advise(*rows, about=about)
    assert found.action("reel kind1") == "fix-listing"
    assert "price, pictures" in found.row("reel kind1")["reason"]


def test_thin_terms_are_watched_until_enough_clicks(advise):
    found = advise(term("hose blue", 2), term("hose teal", 12))
    few, more = found.row("hose blue"), found.row("hose teal")
    assert few["action"] == "watch"
    assert few["clicks_needed"] > 0
    assert more["chance"] < few["chance"]


def test_other_ad_groups_and_conflicts_stand_beside_a_row(advise):
    again = term("dog bowl", 3, ad_group="Other")
    held = entity(Entity.KEYWORD, "Auto", "All", keyword="dog bowls", match_type="broad")
    found = advise(term("dog bowl", 60), again, about=STRANGE, account=make_account(held))
    row = found.row("dog bowl")
    assert row["other_ad_groups"] == ["Auto › Other"]
    assert row["conflicts"] == ["broad 'dog bowls'"]
    assert "pause that keyword" in row["warning"]


def test_without_matches_catalog_and_account(advise):
    report = make_report([*background(), term("dog bowl", 80)])
    model = ImpactModel(seed=7).fit(report)
    found = recommend(report, None, model, target_acos=0.3)
    row = found.frame.filter(pl.col("search_term") == "dog bowl").row(0, named=True)
    assert row["action"] == "negate-exact"
    assert row["product_id"] is None
    assert any("could not be protected" in one for one in found.warnings)


def test_the_same_input_gives_the_same_decisions(advise):
    rows = [term("dog bowl", 60), term("hose blue", 2)]
    one, same = (advise(*rows, about=STRANGE).advice for _ in range(2))
    assert one.frame.equals(same.frame)
    assert one.best() == same.best()


def test_rho_halves_what_a_negation_saves(advise):
    whole, half = (
        advise(term("dog bowl", 60), about=STRANGE, rho=rho).row("dog bowl") for rho in (0.0, 0.5)
    )
    assert half["spend_freed"] == pytest.approx(whole["spend_freed"] / 2)
    assert half["rho"] == 0.5


def test_the_model_agrees_with_what_rows_promise(advise):
    found = advise(term("dog bowl", 60), about=STRANGE).advice
    report = make_report([*background(), term("dog bowl", 60)])
    model = ImpactModel(seed=7).fit(report, make_matches(report, STRANGE), catalog=make_catalog())
    effect = model.what_if(found.changes(am.Action.NEGATE_EXACT))
    row = found.frame.filter(pl.col("search_term") == "dog bowl").row(0, named=True)
    assert effect.difference.spend.mean == pytest.approx(-row["spend_freed"], rel=0.05)


@pytest.mark.parametrize("target", [0, -0.1, 5.1, 30, float("nan"), float("inf")])
def test_targets_out_of_range(advise, target):
    with pytest.raises(InputError, match="target ACOS is a share above 0"):
        advise(target=target)


@pytest.mark.parametrize(("name", "value"), [("margin", 0), ("margin", 1.5), ("rho", -1)])
def test_margin_and_rho_out_of_range(advise, name, value):
    with pytest.raises(InputError, match=name):
        advise(**{name: value})


def test_a_model_of_another_report(advise):
    one, other = make_report(background()), make_report([term("x", 5)])
    with pytest.raises(InputError, match="another report"):
        recommend(one, None, ImpactModel().fit(other), target_acos=0.3)
