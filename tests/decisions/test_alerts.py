"""What is unlike before is said once, on the day on which it shows; usual weeks say nothing."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.decisions.alerts.find import find_alerts, week_alerts
from admatch.decisions.alerts.records import AlertKind
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport

FIRST = date(2026, 1, 1)
LAST = FIRST + timedelta(days=69)


def rows(days=70, clicks=40, cost=0.5, rate=0.1, group="one", campaign="C", term="drink", seed=1):
    """Return a row a day, with a few clicks and orders more or less."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(days):
        count = int(rng.poisson(clicks))
        orders = int(rng.binomial(count, rate))
        found.append(
            {
                "start_date": FIRST + timedelta(days=number), "currency": "USD",
                "end_date": FIRST + timedelta(days=number), "campaign": campaign,
                "ad_group": group, "search_term": term, "clicks": count, "orders": orders,
                "spend": count * cost, "sales": orders * 20.0,
            }
        )  # fmt: skip
    return found


def report(*parts):
    frame = pl.DataFrame([row for part in parts for row in part], schema=REPORT_SCHEMA)
    return SearchTermReport(frame, (), Granularity.DAILY, 7)


def changed(part, since, **factors):
    """Return the rows with figures multiplied from a day on."""
    return [
        row | {name: row[name] * factor for name, factor in factors.items()}
        if row["start_date"] >= FIRST + timedelta(days=since)
        else row
        for part in [part]
        for row in part
    ]


def said(found, since=None):
    return [(one.kind, one.campaign) for one in find_alerts(found, None, since)]


@pytest.mark.parametrize("seed", range(6))
def test_usual_weeks_say_nothing(seed):
    found = report(rows(seed=seed), rows(group="two", campaign="D", seed=seed + 50))
    assert find_alerts(found, None, FIRST) == ()


@pytest.mark.parametrize(
    ("kind", "factors"),
    [
        (AlertKind.SPEND, {"spend": 3, "clicks": 3, "orders": 3}),
        (AlertKind.CPC, {"spend": 1.7}),
        (AlertKind.CONVERSION, {"orders": 0}),
    ],
)
def test_a_planted_change_is_said_of_its_campaign(kind, factors):
    other = rows(group="two", campaign="D", seed=9, clicks=200)
    found = report(changed(rows(), 62, **factors), other)
    assert (kind, "C") in said(found)
    assert (kind, "D") not in said(found)


def test_an_ad_group_that_stops_is_said_unless_it_was_paused():
    part, other = rows(days=66), rows(group="two", seed=4)
    (alert,) = find_alerts(report(part, other))
    assert (alert.kind, alert.campaign, alert.ad_group) == (AlertKind.STOPPED, "C", "one")
    assert "no click in 3 days, where about 117 are usual" in alert.message
    paused = [{"entity": Entity.AD_GROUP.value, "campaign": "C", "ad_group": "one",
               "state": "paused"}]  # fmt: skip
    account = Account(pl.DataFrame(paused, schema=ACCOUNT_SCHEMA), (), ())
    assert find_alerts(report(part, other), account) == ()


def test_an_account_that_ends_early_is_not_out_of_stock():
    assert find_alerts(report(rows(days=60), rows(days=60, group="two"))) == ()


def test_a_new_dear_term_is_said_and_one_that_sells_is_not():
    dear = [row | {"orders": 0, "sales": 0.0} for row in rows(term="new", cost=0.6)[64:]]
    usual = rows(clicks=400, seed=3)
    (alert,) = find_alerts(report(usual, dear))
    assert (alert.kind, alert.search_term) == (AlertKind.NEW_TERM, "new")
    good = rows(term="new", cost=0.6, rate=0.2)[64:]
    assert find_alerts(report(usual, good)) == ()


def test_the_same_thing_is_said_once():
    found = report(changed(rows(), 45, spend=1.7), rows(group="two", campaign="D", seed=9))
    days = [one.day for one in find_alerts(found, None, FIRST + timedelta(days=40))
            if (one.kind, one.campaign) == (AlertKind.CPC, "C")]  # fmt: skip
    assert len(days) == 1
    later = find_alerts(found, None, days[0])
    assert (AlertKind.CPC, "C") not in [(one.kind, one.campaign) for one in later]


def test_night_after_night_says_what_one_look_back_says():
    found = report(changed(rows(), 50, spend=1.7), rows(days=66, group="two", seed=4))
    start = LAST - timedelta(days=25)
    at_once = {(one.key, one.day) for one in find_alerts(found, None, start)}
    nightly = set()
    for number in range(1, 26):
        day = start + timedelta(days=number)
        known = report([row for row in found.frame.to_dicts() if row["end_date"] <= day])
        nightly |= {(one.key, one.day)
                    for one in find_alerts(known, None, day - timedelta(days=1))}  # fmt: skip
    assert {key for key, _ in nightly} == {key for key, _ in at_once}


@pytest.mark.parametrize("ended", [4, 6, 9])
def test_a_week_has_what_each_of_its_nights_would_have_said_first(ended):
    """The oracle: every day alone, each on a report that ends on it.

    Orders are left out: those of earlier days have come in by now, and count.
    """
    found = report(
        changed(rows(), 62, spend=1.7),
        rows(days=70 - ended, group="two", campaign="D", seed=4),
        changed(rows(group="three", campaign="E", seed=7), 61, spend=4, clicks=4, orders=4),
    )
    expected = {}
    for age in reversed(range(7)):
        day = LAST - timedelta(days=age)
        known = report([row for row in found.frame.to_dicts() if row["end_date"] <= day])
        expected |= {one.key: day for one in find_alerts(known)}
    week = week_alerts(found)
    orders = AlertKind.CONVERSION.value
    said = {one.key: one.day for one in week if one.kind != orders}
    assert said == {key: day for key, day in expected.items() if key[0] != orders}
    assert {one.kind for one in week} >= {AlertKind.CPC, AlertKind.SPEND}
    assert [one.day for one in week] == sorted((one.day for one in week), reverse=True)
    assert [one for one in week if one.day == LAST] == list(find_alerts(found))


def test_a_report_without_days_says_nothing():
    whole = [row | {"start_date": FIRST, "end_date": LAST} for row in rows(days=3)]
    assert find_alerts(report(whole)) == ()
    assert find_alerts(report([])) == ()
    assert week_alerts(report(whole)) == week_alerts(report([])) == ()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 69), st.integers(-3, 400), st.integers(0, 9)), max_size=80)
)
def test_any_rows_are_judged(given_rows):
    part = [
        {"start_date": FIRST + timedelta(days=day), "end_date": FIRST + timedelta(days=day),
         "campaign": "C", "clicks": clicks, "orders": orders, "spend": float(clicks)}
        for day, clicks, orders in given_rows
    ]  # fmt: skip
    for alert in find_alerts(report(part), None, FIRST):
        assert str(alert.message)
        assert np.isfinite([alert.was, alert.now]).all()
