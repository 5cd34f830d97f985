"""The nine guard-rails that ``admatch.decisions`` lists, one by one."""

from dataclasses import fields
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import admatch as am
from admatch.catalog.records import Catalog, Product
from admatch.decisions.actions import NEGATIONS
from admatch.decisions.backtest import Backtest
from admatch.decisions.guard_rails import GuardRails
from admatch.errors import InputError
from admatch.export.table import spreadsheet_safe
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import Entity, MatchType
from admatch.reports.records import Granularity
from tests.decisions.conftest import (
    GOOD,
    ORDERS,
    background,
    entity,
    make_account,
    make_report,
    term,
)

NEGATED = {one.value for one in NEGATIONS}
STRANGE = {"dog bowl": 0.01, "cat bowl": 0.01, "fish bowl": 0.01}
HERE = Place("Auto", "All")


def test_what_wastes_money_is_negated(advise):
    """The counterpart: without this, the guard-rails would be kept by doing nothing."""
    found = advise(term("dog bowl", 60), about=STRANGE)
    row = found.row("dog bowl")
    assert row["action"] == "negate-exact"
    assert row["chosen"]
    assert row["acos_after"] is None
    assert row["spend_freed"] > 0
    assert "60 clicks, 0 orders" in row["reason"]
    changes = found.advice.changes()
    assert Change.negative_keyword("dog bowl", MatchType.NEGATIVE_EXACT, HERE) in list(changes)


@pytest.mark.parametrize("other", ["dog bowl", "dog bowls", "Dog Bowl"])
def test_1_no_term_with_an_order_anywhere(advise, other):
    sold = term(other, 5, 1, ad_group="Other")
    found = advise(term("dog bowl", 80), sold, about={**STRANGE, other: 0.01})
    assert found.action("dog bowl") not in NEGATED
    assert "order" in found.row("dog bowl")["reason"]


def test_1_isolation_is_the_exception_and_only_where_the_exact_keyword_lives(advise):
    won, keyword = term("hose reel", 100, 30), pl.col("entity") == "Keyword"

    def found(**cells):
        account = make_account()
        values = {
            name: pl.when(keyword).then(pl.lit(value)).otherwise(name)
            for name, value in cells.items()
        }
        frame = account.frame.with_columns(**values)
        return advise(won, account=type(account)(frame, account.sources, account.formats))

    assert found(bid=0.5).action("hose reel") == "isolate"
    assert found(bid=1.5).action("hose reel") != "isolate"  # there a click costs more than here
    assert found(state="paused").action("hose reel") == "harvest-exact"


def test_isolation_saves_what_the_other_bid_saves(advise):
    here = pl.when(pl.col("entity") == "Keyword").then(pl.lit(0.5)).otherwise("bid")
    account = make_account()
    account = type(account)(account.frame.with_columns(bid=here), account.sources, account.formats)
    row = advise(term("hose reel", 100, 20), account=account).row("hose reel")
    assert row["spend_freed"] == pytest.approx(0.5 * 100, rel=0.05)
    assert row["sales_at_risk"] == 0
    assert row["chosen"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("acme cat bowl", "brand"),
        ("bowl by acmes", "brand"),
        ("acme garden hoses", "product"),
        ("special dog bowls", "protect"),
    ],
)
def test_2_brands_own_names_and_protected_words_stay(advise, text, why):
    found = advise(term(text, 80), about={text: 0.01}, protect=["dog bowl"])
    assert found.action(text) == "keep"
    assert why in found.row(text)["reason"] or why == "product"


def test_2_own_asins_stay_and_others_go(advise):
    found = advise(term("b0hose0001", 80), term("b0rival001", 80))
    assert found.action("b0hose0001") == "not-applicable"
    assert found.action("b0rival001") == "negate-product"
    assert [one.text for one in found.advice.changes(am.Action.NEGATE_PRODUCT)] == [
        'asin="B0RIVAL001"'
    ]


def test_2_advertised_asins_and_parents_are_own_whatever_the_catalog_calls_its_products(advise):
    hose = Product("4006381333931", "Acme Garden Hose", parent_id="B0PARENT01")
    twice = Product("B0REEL0001/R-2", "Acme Hose Reel")
    terms = [term(text, 80) for text in ("b0hose0001", "b0parent01", "b0reel0001", "b0rival001")]
    matched = {"catalog": Catalog.from_products([hose, twice]), "about": {}}
    found = advise(*terms, account=make_account(), **matched)
    actions = [found.action(one["search_term"]) for one in terms]
    assert actions == [*["not-applicable"] * 3, "negate-product"]
    alone = advise(*terms, **matched)
    assert alone.action("b0hose0001") == "negate-product"


def test_3_strongly_retrieved_with_few_clicks_is_watched(advise):
    few = advise(term("green hose", 9), about={"green hose": (1.0, "B0HOSE0001")})
    row = few.row("green hose")
    assert row["action"] == "watch"
    assert row["clicks_needed"] > 0
    assert "more clicks" in row["reason"]


def phrase_rows():
    return [term(f"{word} bowl", 25) for word in ("dog", "cat", "fish")]


def test_4_a_phrase_needs_three_terms(advise):
    found = advise(*phrase_rows(), about=STRANGE)
    assert found.action("dog bowl") == "negate-phrase"
    assert found.row("dog bowl")["phrase"] == "bowl"
    assert set(found.row("dog bowl")["blast_radius"]) == set(STRANGE)
    assert len(found.advice.changes(am.Action.NEGATE_PHRASE)) == 1
    two = advise(*phrase_rows()[:2], about=STRANGE)
    assert two.action("dog bowl") == "negate-exact"


def test_4_no_phrase_that_blocks_a_converting_term(advise):
    sold = term("salad bowls wood", 4, 1, ad_group="Other")
    found = advise(*phrase_rows(), sold, about={**STRANGE, "salad bowls wood": 0.01})
    assert found.action("dog bowl") == "negate-exact"


def test_4_no_phrase_that_blocks_an_active_keyword(advise):
    more = entity(Entity.KEYWORD, "Manual", "Reels", keyword="bowl stand", match_type="broad")
    found = advise(*phrase_rows(), about=STRANGE, account=make_account(more))
    assert found.action("dog bowl") == "negate-exact"


def test_4_no_phrase_of_an_own_title(advise):
    rows = [term(f"{word} reel", 25) for word in ("fishing", "film", "dance")]
    about = {row["search_term"]: 0.01 for row in rows}
    found = advise(*rows, about=about)
    assert found.action("film reel") == "negate-exact"


def test_4_no_phrase_of_words_that_say_nothing(advise):
    rows = [term(f"for the {word}", 25) for word in ("dog", "cat", "fish")]
    found = advise(*rows, about={row["search_term"]: 0.01 for row in rows})
    assert found.action("for the dog") == "negate-exact"


def test_4_phrases_have_four_words_at_most(advise):
    rows = [term(f"{word} red rubber dog bowl large", 25) for word in ("a1", "b2", "c3")]
    found = advise(*rows, about={row["search_term"]: 0.01 for row in rows})
    phrase = found.row("a1 red rubber dog bowl large")["phrase"]
    assert len(phrase.split()) == 4


def many(count):
    words = [f"thing{number}x" for number in range(count)]
    sells = term("gift idea", 400, 60)  # a stranger, too, so that strangers may sell
    return [*(term(word, 12) for word in words), sells], dict.fromkeys([*words, "gift idea"], 0.01)


STRICT = 0.00002  # so doubtful terms cost next to nothing beyond what they save


def loss_beyond_saving(rows, worth=0.3):
    """Return E[(sales lost - spend freed / worth)+] of each row, by drawing."""
    drawn = np.random.default_rng(5).normal(size=(2, 200_000))
    lost = rows["sales_at_risk"].to_numpy()[:, None] * (1 + 0.15 * drawn[0])
    lost = lost + rows["sales_deviation"].to_numpy()[:, None] * drawn[1]
    return np.clip(lost - rows["spend_freed"].to_numpy()[:, None] / worth, 0, None).mean(axis=1)


def test_5_all_negations_together_stay_under_the_cap(advise):
    rows, about = many(80)
    rails = GuardRails(sales_at_risk=STRICT)
    found = advise(*rows, about=about, guard_rails=rails).advice
    negated = found.rows.filter(pl.col("action").is_in(list(NEGATED)))
    put_off = found.frame.filter(pl.col("reason").str.contains("cap"))
    assert 0 < negated.height < 80
    assert put_off.height > 0
    assert set(put_off["action"]) == {"watch"}
    most = STRICT * found.rows["expected_sales"].sum()
    assert 0.8 * most < loss_beyond_saving(negated).sum() < 1.01 * most


def test_5_a_wider_cap_takes_more_and_warns_loudly(advise):
    rows, about = many(80)
    strict = GuardRails(sales_at_risk=STRICT)
    usual = advise(*rows, about=about, guard_rails=strict).advice
    loose = GuardRails(sales_at_risk=0.5, campaign_at_risk=0.5)
    wide = advise(*rows, about=about, guard_rails=loose).advice
    assert wide.counts[am.Action.NEGATE_EXACT] > usual.counts[am.Action.NEGATE_EXACT]
    assert sum("GUARD-RAIL LOOSENED" in one for one in wide.warnings) == 2
    assert not any("GUARD-RAIL" in one for one in usual.warnings)


def test_5_a_campaign_has_its_own_cap(advise):
    rows, about = many(30)
    small = [row | {"campaign": "Small", "ad_group": "S"} for row in rows]
    strict = GuardRails(campaign_at_risk=0)
    found = advise(*small, about=about, guard_rails=strict).advice
    assert not found.frame.filter(
        (pl.col("campaign") == "Small") & pl.col("action").is_in(list(NEGATED))
    ).height


def test_5_a_failed_backtest_withholds_the_export(advise, tmp_path):
    fine, failed = (Backtest(True, share, 40, pl.DataFrame()) for share in (0.72, 0.4))
    assert not advise(term("dog bowl", 60), about=STRANGE, backtest=fine).advice.refusals
    found = advise(term("dog bowl", 60), about=STRANGE, backtest=failed).advice
    assert "backtest" in found.refusals[0]
    with pytest.raises(InputError, match="backtest"):
        am.write_bulksheet(found.changes(), make_account(), tmp_path / "b.xlsx", marketplace="US")


def daily(text, clicks, day, orders=0):
    return term(text, clicks, orders, start_date=day, end_date=day)


def test_6_the_last_three_days_do_not_count(advise):
    first = date(2025, 5, 1)
    good = [
        daily(text, 30, first + timedelta(day), round(orders / 10))
        for text, orders in zip(GOOD, ORDERS, strict=True)
        for day in range(0, 30, 3)
    ]
    old = [daily("dog bowl", 15, first + timedelta(d)) for d in (1, 2, 3, 4)]
    late = [daily("cat bowl", 20, first + timedelta(d)) for d in (28, 29, 30)]
    report = make_report([*good, *old, *late], Granularity.DAILY)
    found = advise(report=report, about=STRANGE, guard_rails=GuardRails(certainty=0.05))
    assert found.action("dog bowl") == "negate-exact"
    assert found.action("cat bowl") == "watch"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"currency": None}, "currency"),
        ({"start_date": None, "end_date": None}, "dates"),
    ],
)
def test_7_no_export_of_what_is_not_known(advise, tmp_path, change, what):
    rows = [row | change for row in [*background(), term("dog bowl", 60)]]
    found = advise(report=make_report(rows), about=STRANGE).advice
    assert any(what in one for one in found.refusals)
    changes = found.changes(am.Action.NEGATE_EXACT)
    assert len(changes) == 1  # it can be looked at …
    with pytest.raises(InputError, match=what):  # … but not written
        am.write_bulksheet(changes, make_account(), tmp_path / "b.xlsx", marketplace="US")
    with pytest.raises(InputError, match=what):
        am.write_google_editor(changes, tmp_path / "g.csv")


def test_7_a_window_that_the_user_gave_is_noted(advise):
    rows = [*background(), term("dog bowl", 60)]
    report = make_report(rows, window=None)
    assert "window" in advise(report=report, about=STRANGE).advice.refusals[0]
    given = advise(report=report, about=STRANGE, window_days=7).advice
    assert not given.refusals
    assert any("your word" in one for one in given.warnings)


def test_8_an_export_can_be_undone_and_says_where_it_comes_from(advise, tmp_path):
    found = advise(term("dog bowl", 60), about=STRANGE, account=make_account()).advice
    done = am.write_bulksheet(
        found.best(), make_account(), tmp_path / "b.xlsx", marketplace="US",
        settings=found.settings,
    )  # fmt: skip
    assert done.written
    assert not done.refused
    assert done.inverse.is_file()
    manifest = done.manifest.read_text()
    assert found.settings["data"] in manifest
    assert '"target_acos": 0.3' in manifest


def test_8_what_an_earlier_run_changed_is_left_alone(advise):
    earlier = ChangeSet((Change.negative_keyword("dog bowl", MatchType.NEGATIVE_EXACT, HERE),))
    found = advise(term("dog bowl", 60), about=STRANGE, recent=earlier)
    assert found.action("dog bowl") == "watch"
    assert "cooldown" in found.row("dog bowl")["reason"]


def test_9_cell_text_is_data(advise):
    text = '=HYPERLINK("http://x","bowl")'
    found = advise(term(text, 60), about={text: 0.01}).advice
    texts = [name for name, kind in found.frame.schema.items() if kind == pl.String]
    safe = spreadsheet_safe(found.frame.select(texts))
    assert not safe.filter(pl.col("search_term").str.starts_with("=")).height


def test_every_loosened_figure_warns():
    loose = GuardRails(
        certainty=0.5, stranger=0.5, stranger_certainty=0.5, sure_match=0.1, sales_at_risk=0.5,
        campaign_at_risk=0.9, phrase_terms=1, step=0.9, certain_step=0.9, harvest_orders=1,
        coverage=0.1,
    )  # fmt: skip
    assert len(list(loose.warnings())) == len(fields(GuardRails)) - 1 == 11  # a preset is no figure
    assert not list(GuardRails().warnings())
    assert not list(GuardRails(certainty=0.01, phrase_terms=9).warnings())
