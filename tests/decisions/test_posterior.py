"""Decisions show the model's own posterior; guard-rail 6 counts clicks for the chance alone."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from admatch.decisions.recommend import recommend
from admatch.impact.beta import Beta
from admatch.impact.columns import KEY
from admatch.impact.model import ImpactModel
from admatch.reports.records import Granularity
from tests.decisions.conftest import GOOD, ORDERS, make_matches, make_report, term


def daily(text, clicks, day, orders=0):
    return term(text, clicks, orders, start_date=day, end_date=day)


@pytest.fixture(scope="module")
def decided():
    first = date(2025, 5, 1)
    rows = [
        daily(text, 30, first + timedelta(day), round(orders / 10))
        for text, orders in zip(GOOD, ORDERS, strict=True)
        for day in range(0, 31, 3)
    ]
    rows += [daily("late bowl", 20, first + timedelta(day), 1) for day in (28, 29, 30)]
    report = make_report(rows, Granularity.DAILY)
    matches = make_matches(report)
    model = ImpactModel(seed=7).fit(report, matches)
    return model, recommend(report, matches, model, target_acos=0.3)


@pytest.mark.parametrize("name", ["cvr", "cvr_low", "cvr_high", "prior_cvr", "strength"])
def test_the_rate_of_a_decision_is_the_models(decided, name):
    model, advice = decided
    shown = advice.frame.sort(KEY).select(*KEY, name)
    assert shown.equals(model.posteriors.sort(KEY).select(*KEY, name))


def test_clicks_of_the_last_days_count_for_the_rate_and_not_for_the_chance(decided):
    row = decided[1].rows.filter(pl.col("search_term") == "late bowl").row(0, named=True)
    assert row["fresh"] == 60
    assert row["mature_clicks"] == 3  # no click, but an order needs one
    settled = Beta.after(
        *(np.array([value]) for value in (3.0, 3.0, row["prior_cvr"])), row["strength"]
    )
    assert row["chance"] == pytest.approx(settled.above(np.array([row["break_even"]]))[0])
    assert row["rate"] < settled.mean[0]
