"""Decisions of past days, scored on the days that followed."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import admatch as am
from admatch.cli.main import app
from admatch.errors import InputError
from admatch.impact.deltas import CAUGHT
from admatch.impact.elasticities import COST_POWER, VOLUME_POWER
from admatch.impact.keyword_rules import blocks
from admatch.pipeline.replay_paths import Path as Way
from admatch.pipeline.replay_paths import at_equal_loss
from admatch.pipeline.replay_rules import POLICIES, rule_changes, ten_dollars
from admatch.pipeline.replay_scores import Elasticity, Rules, effects
from admatch.pipeline.replay_traffic import Traffic, account_of, bids_of, exact_keywords, served
from admatch.reports.account.records import Entity
from admatch.reports.records import Granularity, TermKind
from tests.impact.accounts import made, row

FIRST = date(2025, 3, 1)
SCHEDULE = am.ReplaySchedule(every=14, past=28, future=28)


def on(day, term, clicks=10, orders=1, **further):
    """A row of one day, counted from 0."""
    when = FIRST + timedelta(days=day)
    return row(term, clicks, orders, start_date=when, end_date=when, **further)


def daily(*rows, **further):
    return made(*rows, granularity=Granularity.DAILY, **further)


def known_account(days=70, sold=(40,)):
    """One term that sells each day, and one of 5 clicks a day that sold on a few days only."""
    rows = [on(day, "desk lamp") for day in range(days)]
    rows += [on(day, "garden hose", 5, int(day in sold)) for day in range(days)]
    return daily(*rows)


@pytest.fixture(scope="module")
def known():
    return am.replay(known_account(), None, am.AnalysisOptions(target_acos=0.5), SCHEDULE)


def line(table, policy):
    return table.row(by_predicate=pl.col("policy") == policy, named=True)


# ----- a case worked out by hand


def test_the_days_that_decide_and_those_that_judge(known):
    """Of 70 days with a window of 7, day 63 is the last whose orders are all there."""
    days = [FIRST + timedelta(days=day) for day in range(70)]
    spans = [(cut.day, cut.past, cut.future) for cut in known.cuts]
    assert spans == [
        (days[34], (days[0], days[27]), (days[34], days[61])),
        (days[48], (days[0], days[41]), (days[48], days[63])),
    ]


def test_one_losing_term_is_negated_and_its_future_is_saved(known):
    """28 days of 5 clicks at .5, and one order of 20."""
    cut = known.cuts[0]
    for policy in ("20 clicks", "admatch"):
        steps = cut.steps.filter(pl.col("policy") == policy, pl.col("text") == "garden hose")
        assert steps["match_type"].to_list() == ["negativeExact"]
        assert steps.select("saved", "lost", "lost_orders").row(0) == pytest.approx((70, 20, 1))
    rule = line(cut.frame, "20 clicks")
    assert (rule["changes"], rule["unscored"]) == (1, 0)
    assert rule["saved"] == pytest.approx(70)
    assert rule["lost"] == pytest.approx(20)
    assert rule["gain"] == pytest.approx(70 - 0.5 * 20)
    assert rule["gain_low"] == rule["gain_high"] == rule["gain"]
    assert rule["spend"] == pytest.approx(28 * (5 + 2.5))
    assert rule["sales"] == pytest.approx(28 * 20 + 20)
    assert line(cut.frame, "nothing")["saved"] == 0


def test_after_its_order_no_rule_touches_the_term(known):
    """The past of the second decision has the order of day 40."""
    steps = known.cuts[1].steps
    negated = steps.filter(pl.col("entity") == "Negative Keyword", pl.col("policy") != "admatch")
    assert negated.is_empty()


def test_a_bid_follows_revenue_per_click(known):
    """Desk lamp: 2 a click × .5 is twice its cost; 20 % more bid is what a step allows."""
    steps = known.cuts[0].steps.filter(pl.col("policy") == "bids")
    lamp = line(known.cuts[0].frame, "bids")
    assert steps["text"].to_list() == ["close-match"]  # one target serves both terms
    assert steps["bid"][0] / steps["bid_before"][0] == pytest.approx(1.2)
    volume, cost = 1.2 ** VOLUME_POWER[0], 1.2 ** (VOLUME_POWER[0] + COST_POWER[0])
    assert lamp["saved"] == pytest.approx(28 * 7.5 * (1 - cost))
    assert lamp["lost"] == pytest.approx((28 * 20 + 20) * (1 - volume))
    assert lamp["gain_low"] > lamp["gain"] > lamp["gain_high"]  # more bid moves more


def test_the_sums_are_those_of_the_cuts(known):
    assert known.summary["policy"].to_list() == list(POLICIES)
    frames = pl.concat([cut.frame for cut in known.cuts])
    for policy in POLICIES:
        total, own = line(known.summary, policy), frames.filter(pl.col("policy") == policy)
        assert total["cuts"] == 2
        for name in ("saved", "lost", "gain", "spend", "sales"):
            assert total[name] == pytest.approx(own[name].sum())
        assert total["saved_share"] == pytest.approx(total["saved"] / total["spend"])
    steps = known.steps.group_by("policy").agg(pl.col("saved", "lost").sum())
    for policy, saved, lost in steps.iter_rows():
        assert saved == pytest.approx(line(known.summary, policy)["saved"])
        assert lost == pytest.approx(line(known.summary, policy)["lost"])


def test_what_came_beside_what_was_promised(known):
    for cut in known.cuts:
        own, nothing = line(cut.frame, "admatch"), line(cut.frame, "nothing")
        spend, sales = own["spend"] - own["saved"], own["sales"] - own["lost"]
        assert own["acos"] == pytest.approx(spend / sales)
        assert own["acos_held"] == (own["acos_low"] <= own["acos"] <= own["acos_high"])
        assert own["spend_held"] == (own["spend_low"] <= spend <= own["spend_high"])
        assert nothing["acos"] == pytest.approx(nothing["spend"] / nothing["sales"])
        assert line(cut.frame, "10 clicks")["acos_held"] is None
    # a past of 28 days and a future of 28: the promised spend is that of 28 days
    assert known.cuts[0].frame["spend_expected"][-1] == pytest.approx(28 * 7.5, rel=0.15)


def test_campaigns_that_came_later_were_not_promised():
    rows = [on(day, "desk lamp") for day in range(70)]
    late = [on(day, "new lamp", 40, 0, campaign="Later") for day in range(34, 70)]
    cut = am.replay(daily(*rows, *late), schedule=SCHEDULE).cuts[0]
    nothing = line(cut.frame, "nothing")
    assert nothing["spend"] == pytest.approx(28 * 25)
    assert nothing["spend_after"] == pytest.approx(28 * 5)


def test_with_a_margin_sales_are_worth_the_margin(known):
    rich = am.replay(
        known_account(), None, am.AnalysisOptions(target_acos=0.5, margin=0.9), SCHEDULE
    )
    assert line(rich.cuts[0].frame, "20 clicks")["gain"] == pytest.approx(70 - 0.9 * 20)
    assert rich.margin == 0.9


def test_what_reappears_is_neither_saved_nor_lost():
    options = am.AnalysisOptions(target_acos=0.5, rho=0.25)
    rule = line(am.replay(known_account(), None, options, SCHEDULE).cuts[0].frame, "20 clicks")
    assert rule["saved"] == pytest.approx(0.75 * 70)
    assert rule["lost"] == pytest.approx(0.75 * 20)


# ----- nothing of the future is known


def decided(report, day):
    cuts = am.replay(report, None, am.AnalysisOptions(target_acos=0.3), SCHEDULE).cuts
    return next(cut.changes for cut in cuts if cut.day == day)


def test_no_decision_knows_what_came_after_it():
    """Clicks within the lag are not seen: their orders had not all arrived."""
    rng = np.random.default_rng(3)
    words = ["lamp", "desk", "red", "hose", "kids", "oil"]
    rows = [
        on(day, f"{one} {two}", int(clicks), int(rng.binomial(clicks, 0.02 * at)),
           targeting=one, match_type="BROAD")
        for day in range(60)
        for at, one in enumerate(words)
        for two, clicks in zip(words, rng.poisson(3, len(words)) + 1, strict=True)
    ]  # fmt: skip
    report, day = daily(*rows), FIRST + timedelta(days=34)
    past = pl.col("end_date") <= day - timedelta(days=7)
    other = report.frame.with_columns(
        orders=pl.when(past).then("orders").otherwise(pl.col("clicks")),
        sales=pl.when(past).then("sales").otherwise(pl.col("clicks") * 50.0),
        spend=pl.when(past).then("spend").otherwise(pl.col("spend") * 9),
        search_term=pl.when(past).then("search_term").otherwise(pl.col("search_term") + " new"),
    )
    before, after = decided(report, day), decided(replace(report, frame=other), day)
    assert len(before) > 0
    assert after == before


# ----- the scoring, beside an oracle that goes row by row


def oracle(rows, changes, exact, rho, elasticity):
    """Return what is saved and lost, a row and a change at a time."""
    saved = lost = orders = 0.0
    for one in rows:
        ended, spend, volume = None, 1.0, 1.0
        for change in changes:
            place = change.place
            if place.campaign != one["campaign"] or place.ad_group not in (None, one["ad_group"]):
                continue
            if change.operation == "Create":
                if not blocks(change, one["search_term"], TermKind(one["term_kind"])):
                    continue
                elsewhere = exact.get(change.text, set()) - {(place.campaign, place.ad_group)}
                left = rho
                if change.match_type == "negativeExact" and elsewhere:
                    left = max(rho, CAUGHT[0] / sum(CAUGHT))
                ended = left if ended is None else ended
            elif change.text == one["targeting"] and change.match_type == one["match_type"]:
                if change.operation == "Archive":
                    ended = rho if ended is None else ended
                else:
                    ratio = change.bid / change.before
                    volume *= ratio**elasticity.volume
                    spend *= ratio ** (elasticity.volume + elasticity.cost)
        ended = 1.0 if ended is None else ended
        saved += one["spend"] * (1 - spend * ended)
        lost += one["sales"] * (1 - volume * ended)
        orders += one["orders"] * (1 - volume * ended)
    return saved, lost, orders


def random_case(seed):
    """Return rows of traffic and changes to them."""
    rng = np.random.default_rng(seed)
    words = ["lamp", "lamps", "desk", "oil"]
    rows = []
    for _ in range(60):
        term = " ".join(rng.choice(words, int(rng.integers(1, 4))))
        kind = "keyword"
        if rng.random() < 0.2:
            term, kind = f"b0{int(rng.integers(3)):08d}", "asin"
        match = str(rng.choice(["EXACT", "BROAD", "-"]))
        rows.append(
            row(term, int(rng.integers(1, 9)), int(rng.integers(0, 3)), term_kind=kind,
                campaign=f"C{rng.integers(2)}", ad_group=f"G{rng.integers(2)}",
                targeting=str(rng.choice(words)), match_type=match)
        )  # fmt: skip
    table = served(made(*rows).frame)
    changes = [_random_change(rng, words, table) for _ in range(12)]
    return table, changes


def _random_change(rng, words, table):
    campaign, group = f"C{rng.integers(2)}", f"G{rng.integers(2)}"
    place = am.Place(campaign, group if rng.random() < 0.7 else None)
    text = " ".join(rng.choice(words, int(rng.integers(1, 3))))
    kind = rng.integers(5)
    if kind == 0:
        return am.Change.negative_keyword(text, am.MatchType.NEGATIVE_EXACT, place)
    if kind == 1:
        return am.Change.negative_keyword(text, am.MatchType.NEGATIVE_PHRASE, place)
    if kind == 2:
        return am.Change.negative_product(f"B0{int(rng.integers(3)):08d}", place)
    one = table.row(int(rng.integers(table.height)), named=True)
    place = am.Place(one["campaign"], one["ad_group"])
    match = one["match_type"] and am.MatchType(one["match_type"])
    entity = Entity.KEYWORD if match else Entity.PRODUCT_TARGETING
    if kind == 3:
        return am.Change.archive(entity, one["targeting"], place, match)
    bid = float(rng.uniform(0.5, 1.5))
    return am.Change(
        am.Operation.UPDATE, entity, place, one["targeting"], match, bid=bid, before=1.0
    )


@pytest.mark.parametrize("seed", range(12))
def test_effects_are_those_of_the_oracle(seed):
    table, changes = random_case(seed)
    exact = {"lamp": {("C0", "G0")}, "desk": {("C1", "G1")}} if seed % 2 else {}
    rho, elasticity = (0.0, 0.3)[seed % 2], Elasticity.at(seed % 3 - 1)
    folded = {f" {word} ": homes for word, homes in exact.items()}
    found = effects(Traffic.of(table), changes, Rules(folded, rho, elasticity))
    sums = found.select(pl.col("saved", "lost", "lost_orders").sum()).row(0)
    # negatives of the oracle know their exact keyword by its text; plurals fold into it
    singular = {word + end: homes for word, homes in exact.items() for end in ("", "s")}
    assert found["scored"].all()
    assert sums == pytest.approx(oracle(table.to_dicts(), changes, singular, rho, elasticity))


def test_what_no_report_shows_counts_as_nothing():
    table = served(made(row("lamp"), row("desk")).frame)
    place = am.Place("Lamps", "Desk")
    changes = [
        am.Change.keyword("lamp", am.MatchType.EXACT, place, 1.0),
        am.Change.archive(Entity.NEGATIVE_KEYWORD, "x", place, am.MatchType.NEGATIVE_EXACT),
        am.Change.target_bid("close-match", place, 1.0),  # its bid until now is unknown
        am.Change(am.Operation.CREATE, Entity.NEGATIVE_PRODUCT_TARGETING, place, 'brand="X"'),
        am.Change.negative_keyword("nothing", am.MatchType.NEGATIVE_EXACT, place),
    ]
    found = effects(Traffic.of(table), changes, Rules({}))
    assert found["scored"].to_list() == [False, False, False, False, True]
    assert found.select(pl.col("saved", "lost").sum()).row(0) == (0, 0)


def test_a_paused_ad_group_ends_with_all_its_rows():
    table = served(made(row("lamp"), row("desk"), row("oil", ad_group="Floor")).frame)
    place = am.Place("Lamps", "Desk")
    pause = am.Change(am.Operation.UPDATE, Entity.AD_GROUP, place, "", state="paused")
    (saved,) = effects(Traffic.of(table), [pause], Rules({}))["saved"]
    assert saved == pytest.approx(10)


# ----- at equal sales lost


def steps(*changes):
    """Changes as (past_saved, past_lost, saved, lost, raises)."""
    names = ("past_saved", "past_lost", "saved", "lost")
    return pl.DataFrame(
        [
            dict(zip(names, map(float, figures), strict=True))
            | {"operation": "Update", "bid_before": 1.0, "bid": 1.2 if up else 0.8}
            for *figures, up in changes
        ]
    )


def test_changes_are_taken_until_as_many_sales_are_lost():
    one = Way.of(steps((10, 10, 6, 8, False), (9, 3, 5, 2, False), (4, 0, 3, 0, False)))
    assert one.until(0) == (3, 0)
    assert one.until(1) == pytest.approx((3 + 2.5, 1))  # half of what saved 3 per sale
    assert one.until(2) == (8, 2)
    assert one.until(6) == pytest.approx((8 + 3, 6))
    assert one.until(99) == (14, 10)


def test_raised_bids_come_first_and_gain_sales():
    one = Way.of(steps((-2, -4, -3, -5, True), (10, 1, 6, 8, False)))
    assert (one.least, one.whole) == (-5, 3)
    assert one.until(-5) == (-3, -5)
    assert one.until(-9) == (-3, -5)
    assert one.until(-1) == pytest.approx((0, -1))


def test_both_are_cut_down_to_the_smaller_loss():
    rule = Way.of(steps((10, 0, 10, 10, False)))
    own = Way.of(steps((5, 1, 8, 4, False)))
    found = at_equal_loss(rule, own, 0.5)
    assert found == {
        "equal_lost": 4, "equal_saved": 4, "equal_gain": 2,
        "admatch_lost": 4, "admatch_saved": 8, "admatch_gain": 6,
    }  # fmt: skip
    more = at_equal_loss(own, rule, 0.5)
    assert more["equal_gain"] == 6
    raising = Way.of(steps((-2, -4, -3, -5, True)))
    assert set(at_equal_loss(raising, own, 0.5).values()) == {None}


@pytest.mark.parametrize("seed", range(20))
def test_at_any_level_a_path_is_as_slow_steps_say(seed):
    rng = np.random.default_rng(seed)
    lines = [(*rng.uniform(0, 9, 2), *rng.uniform(0, 9, 2), False) for _ in range(8)]
    order = sorted(lines, key=lambda one: -one[0] / one[1])
    level = float(rng.uniform(0, 40))
    saved = lost = 0.0
    for *_, more, fewer, _ in order:
        for _ in range(10_000):
            if lost + fewer / 10_000 > level:
                break
            saved, lost = saved + more / 10_000, lost + fewer / 10_000
        else:
            continue
        break
    assert Way.of(steps(*lines)).until(level) == pytest.approx((saved, lost), abs=0.01)


# ----- rules and the account


def test_the_rules():
    rows = [
        *(row(f"term {clicks}", clicks, 0) for clicks in (9, 10, 15, 20, 40)),
        row("sells", 100, 10),
        row("b000000001", 30, 0, term_kind="asin"),
        row("*", 50, 0, term_kind="star"),
    ]
    traffic = Traffic.of(served(made(*rows).frame))
    found = rule_changes(traffic, "USD", 0.3, {})
    texts = {name: sorted(one.text for one in changes) for name, changes in found.items()}
    product = 'asin="B000000001"'
    assert texts["10 clicks"] == [product, "term 10", "term 15", "term 20", "term 40"]
    assert texts["15 clicks"] == [product, "term 15", "term 20", "term 40"]
    assert texts["20 clicks"] == texts["$10"] == [product, "term 20", "term 40"]
    assert texts["2/CVR clicks"] == []  # 274 clicks for 10 orders: from 54.8 on
    assert texts["bids"] == texts["nothing"] == []  # without bids, no bid moves


def test_ten_dollars_are_more_yen():
    assert ten_dollars("USD") == 10
    assert 500 < ten_dollars("JPY") < 5000
    assert 500 < ten_dollars("INR") < 2000  # admatch ships no rate
    assert ten_dollars(None) == 10
    assert ten_dollars("XXX") == float("inf")  # nobody knows what it is worth: no rule


def test_the_account_that_a_report_shows():
    account = account_of(
        made(
            row("red lamp", 10, 1, targeting="Lamp", match_type="BROAD", campaign="Manual"),
            row("lamp", 30, 1, targeting="lamp", match_type="BROAD", campaign="Manual"),
            row("lamp", 5, 0, targeting="lamp", match_type="EXACT", campaign="Manual"),
            row("desk", 8, 1, campaign="Auto", campaign_id="77", spend=2.0),
            row("idle", 0, 0, campaign="Idle", spend=0.0),
        )
    )
    bids = {key: pytest.approx(bid) for key, bid in bids_of(account).items()}
    assert bids == {
        ("Manual", "Desk", "lamp", "broad"): 1.25 * 0.5,
        ("Manual", "Desk", "lamp", "exact"): 1.25 * 0.5,
        ("Auto", "Desk", "close-match", None): 1.25 * 0.25,
    }
    campaigns = account.only(Entity.CAMPAIGN).select("campaign", "targeting_type")
    assert set(campaigns.iter_rows()) == {("Manual", "manual"), ("Auto", "auto")}
    assert exact_keywords(account) == {" lamp ": {("Manual", "Desk")}}
    ids = account.frame.select("entity", "campaign", "campaign_id").unique()
    assert ids.filter(pl.col("campaign") == "Auto")["campaign_id"].unique().to_list() == ["77"]
    assert account.targets["target_id"].n_unique() == 3
    assert account.frame["campaign_id"].null_count() == 0


def test_currencies_are_scored_apart():
    rows = [on(day, "desk lamp", campaign="A") for day in range(70)]
    rows += [on(day, "garden hose", 5, 0, campaign="A") for day in range(70)]
    rows += [on(day, "floor lamp", campaign="B", currency="USD") for day in range(70)]
    done = am.replay(daily(*rows), schedule=SCHEDULE)
    assert done.summary.select("currency", "policy").unique().height == 2 * len(POLICIES)
    own = done.summary.filter(pl.col("policy") == "20 clicks").select("currency", "saved")
    first, second = done.cuts
    assert len(first.past) == len(second.past) == 2
    assert dict(own.iter_rows()) == {"EUR": pytest.approx((28 + 16) * 2.5), "USD": 0}


# ----- what cannot be replayed, files, command line


def test_a_report_that_is_not_daily():
    with pytest.raises(InputError, match="daily report"):
        am.replay(made(row("lamp")))


def test_a_report_that_is_too_short_says_how_many_days_it_takes():
    with pytest.raises(InputError, match="30 days, and this replay needs 47") as caught:
        am.replay(known_account(30), schedule=SCHEDULE)
    assert caught.value.message.id == "pipeline.replay.too_short"
    assert len(am.replay(known_account(47), schedule=SCHEDULE).cuts) == 1
    with pytest.raises(InputError, match="46 days, and this replay needs 47"):
        am.replay(known_account(46), schedule=SCHEDULE)


@pytest.mark.parametrize("wrong", [{"every": 0}, {"past": -1}, {"future": 0}, {"lag": -1}])
def test_schedules_that_cannot_be_meant(wrong):
    with pytest.raises(InputError):
        am.ReplaySchedule(**wrong)


def test_a_report_made_later_has_more_days_that_judge():
    later = am.AnalysisOptions(as_of=FIRST + timedelta(days=90))
    cuts = am.replay(known_account(), None, later, SCHEDULE).cuts
    assert cuts[-1].future[1] == FIRST + timedelta(days=69)


def test_files(known, tmp_path):
    files = known.write(tmp_path)
    assert [one.name for one in files] == [
        "replay.csv", "replay_cuts.csv", "replay_changes.csv", "replay.html",
    ]  # fmt: skip
    table = pl.read_csv(files[0])
    assert table["policy"].to_list() == list(POLICIES)
    assert pl.read_csv(files[1]).height == 2 * len(POLICIES)
    page = files[3].read_text()
    assert page.count("<svg") == 2
    assert "negate from 20 clicks without an order" in page


def test_names_are_text_in_files(tmp_path):
    rows = [on(day, "desk lamp", campaign="=1+1", ad_group="<b>x</b>") for day in range(70)]
    rows += [on(day, "=cmd()", 9, 0, campaign="=1+1", ad_group="<b>x</b>") for day in range(70)]
    done = am.replay(daily(*rows), schedule=SCHEDULE)
    files = done.write(tmp_path)
    table = pl.read_csv(files[2])
    assert not table["campaign"].str.starts_with("=").any()
    assert not table["text"].str.starts_with("=").any()
    assert "<b>x" not in files[3].read_text()


def in_a_file(report, folder: Path):
    table = report.frame.select(
        Date=pl.col("start_date").dt.strftime("%Y-%m-%d"),
        Currency="currency",
        **{"Campaign Name": "campaign", "Ad Group Name": "ad_group", "Targeting": "targeting"},
        **{"Match Type": "match_type", "Customer Search Term": "search_term"},
        **{"Impressions": "impressions", "Clicks": "clicks", "Spend": "spend"},
        **{"7 Day Total Sales ": "sales", "7 Day Total Orders (#)": "orders"},
    )
    path = folder / "daily.csv"
    table.write_csv(path)
    return path


def run(*words):
    return CliRunner().invoke(app, ["replay", *map(str, words)])


def test_the_command_line(known, tmp_path):
    path = in_a_file(known_account(), tmp_path)
    words = (path, "--target-acos", "0.5", "--out", tmp_path / "out", "--format", "json")
    done = run(*words)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert [one["policy"] for one in told["summary"]] == list(POLICIES)
    for one in told["summary"]:
        own = line(known.summary, one["policy"])
        assert one["saved"] == pytest.approx(own["saved"])
        assert one["lost"] == pytest.approx(own["lost"])
    assert "replay.html" in done.stderr
    assert (tmp_path / "out" / "replay_cuts.csv").exists()


def test_the_command_line_for_a_person(tmp_path):
    path = in_a_file(known_account(), tmp_path)
    done = run(path, "--target-acos", "0.5", "--margin", "0.6")
    assert done.exit_code == 0, done.stderr
    assert "negate from 20 clicks" in done.stdout
    assert "profit" in done.stdout
    assert "80 % intervals that held" in done.stdout
    short = run(in_a_file(known_account(30), tmp_path), "--target-acos", "0.5")
    assert short.exit_code == 1
    assert "30 days" in short.stderr
