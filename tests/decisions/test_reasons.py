"""Every reason and warning can be said in each language, and travels as JSON beside the rows."""

import json
import re

import polars as pl
import pytest

from admatch.decisions.backtest import Backtest
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.reasons import reasons
from admatch.decisions.refusals import note_message
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.messages import Message, from_json
from admatch.reports.account.records import Entity, MatchType
from tests.decisions.conftest import background, entity, make_account, make_report, term

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ROW = {
    "action": "watch", "why": "thin", "currency": "EUR", "clicks": 1, "orders": 1200, "ordered": 3,
    "protected": None, "probability": 0.04, "product_probability": 0.91, "title": "Hose",
    "chance": 0.0261, "clicks_needed": None, "spend_freed": 9.5, "sales_at_risk_high": 11.25,
    "phrase": "bowl", "phrase_terms": 3, "phrase_chance": 0.01, "pooled_clicks": 1075,
    "acos_before": 0.412, "acos_before_low": 0.3, "acos_before_high": None,
    "exact_campaign": "C", "exact_ad_group": "E", "to_campaign": "C", "to_ad_group": "T",
    "targeting": "close-match", "factor": 0.8, "term_kind": "keyword",
}  # fmt: skip
CASES = [
    ({"action": "negate-exact", "why": "none"}, "none of your products fits (p = 0.04), and the"),
    ({"action": "negate-exact", "why": "clicks"}, "the chance that it pays at the target is 3 %"),
    ({"action": "negate-phrase"}, "'bowl' is in 3 terms with 1,075 clicks and no order"),
    (
        {"action": "negate-phrase"},
        "saves about €9.50 in an equally long period, with at most €11.25",
    ),
    ({"action": "harvest-exact"}, "no exact keyword yet; give it an exact keyword in 'T' of 'C'"),
    ({"action": "harvest-exact", "to_ad_group": None}, "in a manual ad group that advertises"),
    ({"action": "isolate"}, "it has an exact keyword in 'E' of 'C'; once that keyword is live"),
    ({"action": "move-to-right-product"}, "'Hose' fits far better (p = 0.91)"),
    ({"action": "bid-down"}, "above the target, and so are all terms of 'close-match' together"),
    ({"action": "bid-up", "factor": 1.15}, "raise its bid by 15 %"),
    ({"action": "fix-listing"}, "check its price, pictures, stock and reviews"),
    (
        {"action": "keep", "why": "below"},
        "ACOS is expected to be 41 % (80 %: 30 % to over 1,000 %)",
    ),
    ({"action": "keep", "why": "target"}, "above the target, but 'close-match' as a whole is not"),
    ({"action": "keep", "why": "spans"}, "that range includes the target"),
    ({"action": "keep", "why": "protected", "protected": "brand"}, "names a brand of yours"),
    ({"action": "keep", "why": "protected", "protected": "own product"}, "a product of yours"),
    ({"action": "keep", "why": "protected", "protected": "protect"}, "a word that you protect"),
    ({"action": "keep", "why": "protected"}, "it is protected, so it stays"),
    ({"why": "odd"}, "contradict each other"),
    ({"why": "recent"}, "within the cooldown"),
    ({"why": "flip"}, "did the opposite"),
    ({"why": "rejected"}, "somebody rejected"),
    ({"why": "unknown"}, "the cost of a click or the value of an order is unknown"),
    ({"why": "elsewhere"}, "the term has 3 orders in other ad groups"),
    ({"why": "strong", "clicks_needed": 12}, "give up on the term; about 12 more clicks would"),
    ({"why": "cap"}, "have reached their cap"),
    ({"acos_before": None, "clicks_needed": 1}, "ACOS is unknown; about 1 more click would decide"),
    ({"action": "not-applicable", "why": "own"}, "the page of a product of yours"),
    ({"action": "not-applicable", "why": "kind", "term_kind": "star"}, "a product page without"),
    ({"action": "not-applicable", "why": "kind", "term_kind": "category"}, "a category, which"),
    ({"action": "not-applicable", "why": "kind", "term_kind": "empty"}, "no term, which"),
]


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(("change", "expected"), CASES)
def test_every_reason_in_both_languages(change, expected):
    (found,) = reasons(pl.DataFrame([ROW | change], infer_schema_length=None))
    assert plain(found).startswith("1 click, 1,200 orders; ")
    assert expected in plain(found)
    assert found.endswith(".")
    chinese = found.in_language("zh")
    assert chinese.startswith("1 次点击，1,200 个订单；")
    words = re.sub(r"ACOS|Hose|bowl|close-match|p = ", "", chinese)
    assert not re.search(r"[a-z]{3}", words), chinese


SHARES = [
    (
        {"action": "harvest-exact", "gain": -1.204, "whole_gain": 9.5, "whole_rows": 3},
        "; 3 ad groups call for this one keyword, which gains €9.50 as a whole; −€1.20 is this"
        " ad group's part of that.",
    ),
    (
        {"action": "bid-down", "gain": -0.03, "whole_gain": 18.24, "whole_rows": 46},
        "; 46 rows share this change, which gains €18.24 as a whole; −€0.03 is this row's part of"
        " that.",
    ),
]


@pytest.mark.parametrize(("change", "expected"), SHARES)
def test_a_part_that_loses_of_a_change_that_gains_says_so(change, expected):
    (found,) = reasons(pl.DataFrame([ROW | change], infer_schema_length=None))
    assert plain(found).endswith(expected)
    assert not re.search(r"[a-z]{3}", re.sub(r"ACOS|close-match", "", found.in_language("zh")))
    for plainly in ({"gain": 1.2}, {"gain": -0.004}, {"whole_gain": -2.0}, {"whole_gain": None}):
        (other,) = reasons(pl.DataFrame([ROW | change | plainly], infer_schema_length=None))
        assert "as a whole; " not in plain(other)


LEVER = {
    "lever_clicks": 1075, "lever_orders": 3, "lever_acos": 0.41, "lever_above": 0.97,
    "lever_share": 0.93, "sales_change": 12.0,
}  # fmt: skip
SETTINGS = [
    (
        {"action": "placement-down", "targeting": "Placement Top", "setting": 45, "new_setting": 0},
        "its clicks in top of search: 1,075 clicks, 3 orders, ACOS expected at 41 % once the other"
        " changes are made, above the target with a chance of 97 %; lower what is added to bids"
        " there from 45 % to 0 %.",
    ),
    (
        {"action": "placement-up", "targeting": "Placement Product Page", "setting": 0,
         "new_setting": 20},
        "raise what is added to bids there from 0 % to 20 %.",
    ),
    (
        {"action": "budget-up", "targeting": "Daily Budget", "setting": 8.0, "new_setting": 9.6,
         "spend_freed": -5.25},
        "it spent its daily budget on about 93 % of its days; 1,075 clicks, 3 orders, ACOS expected"
        " at 41 %, above the target with a chance of 97 %; raise the budget from €8.00 to €9.60,"
        " which is expected to spend €5.25 more in an equally long period and to sell €12.00 more.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), SETTINGS)
def test_reasons_of_settings_in_both_languages(change, expected):
    row = ROW | LEVER | {"factor": None} | change
    (found,) = reasons(pl.DataFrame([row], infer_schema_length=None))
    assert plain(found).startswith("the campaign as a whole; ")
    assert plain(found).endswith(expected)
    assert not re.search(r"[a-z]{3}", found.in_language("zh"))


def test_rows_carry_what_a_page_needs(advise):
    found = advise(term("dog bowl", 60), term("acme bowl", 80), about={"dog bowl": 0.01}).advice
    assert "reason_message" not in found.frame.columns
    for text, message in found.rows.select("reason", "reason_message").iter_rows():
        again = from_json(json.loads(message))
        assert again == text
        assert CHINESE.search(again.in_language("zh"))


def test_without_reasons_the_decisions_are_the_same(advise):
    whole, bare = (
        advise(term("dog bowl", 60), about={"dog bowl": 0.01}, explain=explain).advice
        for explain in (True, False)
    )
    texts = ("reason", "warning", "reason_message", "warning_message")
    assert bare.rows.drop(texts).equals(whole.rows.drop(texts))
    assert bare.rows["reason"].null_count() == len(bare)
    assert bare.totals.equals(whole.totals)


def test_warnings_of_rows_in_both_languages(advise):
    active = entity(Entity.KEYWORD, "Auto", "All", keyword="dog bowls", match_type="broad")
    found = advise(
        term("dog bowl", 60), term("hose reel", 100, 20), about={"dog bowl": 0.01},
        account=make_account(active),
    ).advice  # fmt: skip
    rows = found.rows.drop_nulls("warning")
    assert rows.height > 1
    for text, message in rows.select("warning", "warning_message").iter_rows():
        assert CHINESE.search(from_json(json.loads(message)).in_language("zh"))
        assert from_json(json.loads(message)) == text
    calm = found.rows.filter(pl.col("warning").is_null())
    assert calm["warning_message"].null_count() == calm.height


def test_warnings_and_refusals_are_messages_in_both_languages(advise):
    rows = [row | {"currency": None, "sales": None} for row in [*background(), term("x", 2, 9)]]
    report = make_report(rows, window=None)
    failed = Backtest(False, 0.4, 60, pl.DataFrame())
    found = advise(
        report=report, backtest=failed, guard_rails=GuardRails(step=0.5, sales_at_risk=0.4)
    ).advice
    assert len(found.refusals) == 3
    assert len(found.warnings) > 5
    for one in (*found.warnings, *found.refusals):
        assert isinstance(one, Message)
        assert CHINESE.search(one.in_language("zh")), one


def test_what_withholds_changes_is_one_message(advise):
    rows = [row | {"currency": None} for row in [*background(), term("dog bowl", 60)]]
    found = advise(report=make_report(rows, window=None), about={"dog bowl": 0.01}).advice
    withheld = found.best().withheld
    assert withheld == "; ".join(found.refusals)
    assert withheld.in_language("zh").count("；") == 3


def test_a_note_reads_as_its_problem_does(advise):
    report = make_report([*background(), term("odd", 3, 9)])
    found = advise(report=report)
    assert any(
        "term has more orders than clicks (found 'odd')" in one for one in found.advice.warnings
    )
    assert note_message("kept as a text") == "kept as a text"


def test_a_change_within_its_cooldown_has_its_reason(advise):
    made = Change.negative_keyword("dog bowl", MatchType.NEGATIVE_EXACT, Place("Auto", "All"))
    found = advise(term("dog bowl", 60), recent=ChangeSet((made,)))
    message = found.advice.rows.filter(pl.col("search_term") == "dog bowl")["reason_message"][0]
    assert json.loads(message)["parameters"]["why"]["id"] == "decisions.reason.recent"
