from datetime import date

import pytest

from admatch.reports.records import Granularity
from tests.decisions.conftest import background, make_report, term

STRANGE = {"dog bowl": 0.01}


def test_more_orders_than_clicks(advise):
    found = advise(term("hose odd", 3, 9))
    assert found.action("hose odd") == "watch"
    assert "contradict" in found.row("hose odd")["reason"]


def test_a_negative_amount(advise):
    found = advise(term("dog bowl", 60, spend=-5.0), about=STRANGE)
    assert found.action("dog bowl") == "watch"
    assert "contradict" in found.row("dog bowl")["reason"]


def test_nothing_was_sold(advise):
    rows = [term(text, 50) for text in ("dog bowl", "cat bowl", "hose")]
    found = advise(report=make_report(rows), about=STRANGE).advice
    assert any("ACOS cannot be computed" in one for one in found.warnings)
    assert set(found.frame["action"]) == {"watch"}
    assert not len(found.best())


def test_one_day(advise):
    day = date(2025, 5, 1)
    rows = [
        row | {"start_date": day, "end_date": day} for row in [*background(), term("dog bowl", 9)]
    ]
    for granularity in Granularity:
        found = advise(report=make_report(rows, granularity), about=STRANGE)
        assert any("one day" in one for one in found.advice.warnings)
    assert found.action("dog bowl") == "negate-exact" or found.action("dog bowl") == "watch"
    daily = advise(report=make_report(rows, Granularity.DAILY), about=STRANGE)
    assert daily.action("dog bowl") == "watch"


def test_no_click_at_all(advise):
    rows = [term("dog bowl", 0), term("hose", 0)]
    found = advise(report=make_report(rows), about=STRANGE).advice
    assert any("no click" in one for one in found.warnings)
    assert set(found.frame["action"]) == {"watch"}


def test_no_row_at_all(advise):
    found = advise(report=make_report([term("x", 1)][:0]))
    assert len(found.advice) == 0
    assert not len(found.advice.best())


def test_currencies_are_judged_apart(advise):
    euros = [row | {"currency": "EUR", "campaign": "Euro"} for row in background()]
    rows = [*background(), term("dog bowl", 60), *euros]
    alone = advise(term("dog bowl", 60), about=STRANGE)
    found = advise(report=make_report([*rows, euros[0] | {"search_term": "dog toy", "clicks": 60}]),
                   about={**STRANGE, "dog toy": 0.01})  # fmt: skip
    assert found.advice.totals["currency"].to_list() == ["EUR", "USD"]
    assert found.action("dog bowl") == alone.action("dog bowl")
    dollars = found.advice.changes(currency="USD")
    assert {one.place.campaign for one in dollars} == {"Auto"}


@pytest.mark.parametrize("column", ["sales_promoted", "sales_halo", "impressions", "targeting"])
def test_a_column_that_the_report_lacks(advise, column):
    rows = [row | {column: None} for row in [*background(), term("dog bowl", 60)]]
    found = advise(report=make_report(rows), about=STRANGE)
    assert found.action("dog bowl") == "negate-exact"
