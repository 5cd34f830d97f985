"""What a change did is separated from what happened to everything."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from admatch.decisions.outcomes import AFTER, BEFORE, AppliedChanges, drifted, observe, reaches
from admatch.impact.changes import Change, Place
from admatch.reports.account.records import MatchType

PLACE = Place("C", "G")
PROPOSED = date(2026, 3, 1)
SEEN = PROPOSED + timedelta(3)
NEGATIVE = Change.negative_keyword("red shoes", MatchType.NEGATIVE_EXACT, PLACE)


def facts(after, trend=1.0, seed=1):
    """Return daily rows: 'red shoes' costs 10 a day and then ``after``, all else 100 × trend."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in range(-BEFORE, 3 + AFTER):
        late = day >= 3
        noise = rng.normal(1, 0.05, 2)
        day_row = {"start_date": PROPOSED + timedelta(day), "campaign": "C", "ad_group": "G"}
        spend = (after if late else 10.0) * noise[0]
        rows.append(day_row | {"search_term": "red shoes", "targeting": "shoes", "spend": spend})
        spend = 100.0 * (trend if late else 1.0) * noise[1]
        rows.append(day_row | {"search_term": "milk", "targeting": "milk", "spend": spend})
    return pl.DataFrame(rows).with_columns(sales=pl.col("spend") * 3)


def made(*changes, freed=10.0):
    return AppliedChanges("n", PROPOSED, SEEN, changes, freed, 0.0)


def test_a_negation_that_worked(tmp_path):
    found = observe(facts(0.0), made(NEGATIVE), [NEGATIVE], seed=7)
    assert found.freed == pytest.approx(10, rel=0.05)
    assert found.freed_low < found.freed < found.freed_high
    assert found.as_expected
    assert found.lost == pytest.approx(30, rel=0.05)


def test_a_season_is_not_taken_for_an_effect():
    # everything halves; what the change would have freed is half as well
    found = observe(facts(5.0, trend=0.5), made(NEGATIVE), [NEGATIVE], seed=7)
    assert found.freed == pytest.approx(0, abs=0.5)
    assert not found.as_expected


def test_what_was_expected_of_a_bid_follows_the_elasticities():
    bid = replace(Change.keyword_bid("shoes", MatchType.BROAD, PLACE, 0.8), before=1.0)
    found = observe(facts(10 * 0.8**1.3), made(bid, freed=0.0), [bid], seed=7)
    assert found.freed_expected == pytest.approx(10 * (1 - 0.8**1.3), rel=0.05)
    assert found.freed == pytest.approx(found.freed_expected, rel=0.2)


def test_new_keywords_and_rows_without_clicks_are_not_judged():
    keyword = Change.keyword("red shoes", MatchType.EXACT, PLACE, 1.0)
    assert observe(facts(0.0), made(keyword), [keyword], seed=7) is None
    other = replace(NEGATIVE, text="blue shoes")
    assert observe(facts(0.0), made(other), [other], seed=7) is None


def test_what_each_change_reaches():
    rows = pl.DataFrame(
        {
            "campaign": ["C", "C", "C", "D"], "ad_group": ["G", "G", "G", "G"],
            "search_term": ["red shoes", "buy red shoes", "b0abcdefg1", "red shoes"],
            "targeting": ["close-match"] * 4,
        }
    )  # fmt: skip
    phrase = Change.negative_keyword("red shoes", MatchType.NEGATIVE_PHRASE, PLACE)
    product = Change.negative_product("B0ABCDEFG1", PLACE)
    target = Change.target_bid("close-match", PLACE, 1.0)
    expected = {NEGATIVE: [0], phrase: [0, 1], product: [2], target: [0, 1, 2]}
    for change, places in expected.items():
        hit = rows.select(reaches(change)).to_series().arg_true().to_list()
        assert hit == places, change


def test_many_disappointments_are_a_drift():
    bad = observe(facts(5.0, trend=0.5), made(NEGATIVE), [NEGATIVE], seed=7)
    good = observe(facts(0.0), made(NEGATIVE), [NEGATIVE], seed=7)
    assert not drifted([bad] * 4, 0.7)  # too few to say
    assert drifted([bad] * 5, 0.7)
    assert not drifted([good] * 5 + [bad], 0.7)
