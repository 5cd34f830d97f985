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


BID = entity(Entity.KEYWORD, "Auto", "Exact", keyword="hose dear", match_type="exact", bid=1.0)


def dear(text, clicks, orders):
    keyword = {"targeting": "hose dear", "match_type": "EXACT", "ad_group": "Exact"}
    return term(text, clicks, orders, **keyword)


@pytest.mark.parametrize(
    ("clicks", "orders", "new"),
    [(300, 10, 0.5), (300, 20, 0.62), (300, 23, 0.8), (100, 8, None), (100, 30, 1.2)],
)
def test_the_step_of_a_bid_follows_the_certainty(advise, clicks, orders, new):
    """Above the target with 95 %: towards the target by up to a half; with 90 %: by a fifth."""
    found = advise(dear("hose dear", clicks, orders), account=make_account(BID))
    row = found.row("hose dear", "Exact")
    if new is None:
        assert row["action"] == "keep"
        assert not len(found.advice.changes(am.Action.BID_DOWN, am.Action.BID_UP))
        return
    assert row["action"] == ("bid-down" if new < 1 else "bid-up")
    assert row["new_bid"] == pytest.approx(new)
    assert (row["acos_after"] < row["acos_before"]) == (new < 1)
    change = next(iter(found.advice.changes(am.Action(row["action"]))))
    assert (change.bid, change.text, change.before) == (new, "hose dear", 1.0)


def test_a_keyword_of_thin_terms_without_an_order_is_judged_as_a_whole(advise):
    """No term has enough clicks to be judged, all together have: one bid for all of them."""
    thin = [dear(f"hose kind{number}", 3, 0) for number in range(40)]
    found = advise(*thin, account=make_account(BID)).advice
    rows = found.rows.filter(pl.col("ad_group") == "Exact")
    assert set(rows["action"]) == {"bid-down"}
    assert set(rows["new_bid"]) == {0.5}
    assert rows["unit"].n_unique() == 1
    assert rows["chosen"].all()
    assert found.totals["changes"][0] == 1 == len(found.best())
    assert all("all terms of 'hose dear' together: 1" in one for one in rows["reason"])
    few = advise(*thin[:4], account=make_account(BID)).advice
    assert set(few.rows.filter(pl.col("ad_group") == "Exact")["action"]) == {"watch"}


def test_a_targeting_that_says_nothing_follows_its_ad_group(advise):
    """Twenty targetings of ten clicks each: the ad group as a whole loses, so each is lowered."""
    names = [f"hose kind{number}" for number in range(20)]
    rows = [term(one, 10, targeting=one, match_type="EXACT", ad_group="Exact") for one in names]
    bids = [
        entity(Entity.KEYWORD, "Auto", "Exact", keyword=one, match_type="exact", bid=1.0)
        for one in names
    ]
    found = advise(*rows, account=make_account(*bids), protect=["hose"]).advice.rows
    found = found.filter(pl.col("ad_group") == "Exact")
    assert set(found["action"]) == {"bid-down"}
    assert set(found["level"]) == {"group"}
    assert found["unit"].n_unique() == 20
    assert all("ad group as a whole" in one for one in found["reason"])


def test_terms_that_keep_their_targeting_follow_its_bid(advise):
    """A term below the target is not lowered for itself, yet its clicks get the new bid, too."""
    rows = [dear("hose dear", 600, 10), dear("hose good", 40, 12)]
    found = advise(*rows, account=make_account(BID)).advice
    kept = found.rows.filter(pl.col("search_term") == "hose good").row(0, named=True)
    lowered = found.rows.filter(pl.col("search_term") == "hose dear").row(0, named=True)
    assert (kept["action"], lowered["action"]) == ("keep", "bid-down")
    assert kept["factor"] == lowered["factor"]
    assert kept["unit"] == lowered["unit"]
    assert kept["chosen"]
    assert kept["sales_at_risk"] > 0
    assert len(found.best()) == found.totals["changes"][0] == 1


def test_a_change_that_gains_less_than_a_click_is_none(advise):
    """The same doubtful term, at its few clicks and at more."""
    small, more = (
        advise(term("dog bowl", 4), about=STRANGE),
        advise(term("dog bowl", 15), about=STRANGE),
    )
    assert small.action("dog bowl") == "watch"
    assert more.action("dog bowl") == "negate-exact"
    for found in (small, more):
        rows = found.advice.rows.filter(pl.col("chosen"))
        spend = found.advice.rows["expected_spend"].sum()
        by_change = rows.group_by("unit").agg(
            gain=pl.col("spend_freed").sum() + 0.3 * pl.col("sales_change").sum(),
            click=pl.col("cpc").max(),
        )
        assert (by_change["gain"] > by_change["click"]).all()
        assert (by_change["gain"] > 0.001 * spend).all()


def test_a_bid_that_is_not_known_is_not_written(advise):
    dear = term("hose dear", 300, 10, targeting="hose dear", match_type="EXACT", ad_group="Exact")
    found = advise(dear)
    assert found.action("hose dear", "Exact") == "bid-down"
    assert "bid is unknown" in found.row("hose dear", "Exact")["warning"]
    assert not len(found.advice.changes(am.Action.BID_DOWN))


@pytest.mark.parametrize(
    ("clicks", "orders", "halo", "moves"),
    [(30, 2, 0.0, True), (30, 2, 1.0, True), (40, 0, 0.0, False), (40, 1, 0.0, False)],
)
def test_a_term_of_another_product_moves_to_it_where_it_sells(advise, clicks, orders, halo, moves):
    """Without an order nothing moves, nor where the chance that it pays is below 20 %."""
    sold = {"sales_halo": 30.0 * orders * halo, "sales_promoted": 30.0 * orders * (1 - halo)}
    reel = term("wall reel for hose", clicks, orders, **sold)
    about = {"wall reel for hose": (1.0, "B0REEL0001")}
    found = advise(reel, about=about, account=make_account())
    row = found.row("wall reel for hose")
    assert (row["action"] == "move-to-right-product") == moves
    if not moves:
        return
    worth = 0.3 * row["cvr"] * row["order_value"]
    assert row["keyword_bid"] == pytest.approx(max(worth, 0.8 * row["cpc"]))  # a step at most
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


@pytest.mark.parametrize(("about", "fewest"), [(0.45, 0.75), (0.75, 1.0)])
def test_terms_about_a_product_wait_for_a_whole_order_to_be_missing(advise, about, fewest):
    missing = {}
    for clicks in range(3, 13):
        found = advise(term("hose cheap", clicks), about={"hose cheap": about}, target=0.04)
        row = found.row("hose cheap")
        missing[clicks * row["prior_cvr"]] = row["action"]
    first = min(expected for expected, action in missing.items() if action == "negate-exact")
    assert fewest <= first < fewest + 0.25
