from types import SimpleNamespace

import polars as pl
import pytest

from admatch.impact.interval import Interval
from admatch.pipeline.widening import widened, widened_frontier, widening, widening_note

RANGE = Interval(10.0, 8.0, 12.0, 6.0, 14.0, 4.0, 16.0)


def known_of(coverage, groups):
    return SimpleNamespace(coverage=coverage, groups=groups)


@pytest.mark.parametrize("known", [None, known_of(None, 3), known_of(0.8, 40), known_of(0.95, 40)])
def test_ranges_that_held_stay_as_they_are(known):
    assert widening(known) == 1
    assert list(widening_note(known)) == []


def test_the_less_they_held_and_the_more_groups_say_so_the_wider_they_get():
    factors = [widening(known_of(*one)) for one in ((0.7, 20), (0.6, 20), (0.6, 2000))]
    assert factors == sorted(factors)
    # of 2,000 groups 60 % stayed within 1.28 deviations: their error is 1.28 / 0.84 as large
    assert factors[-1] == pytest.approx(1.2816 / 0.8416, abs=0.01)
    (note,) = widening_note(known_of(0.6, 2000))
    assert "60\u00a0% of 2,000 ad groups" in note
    assert "1.5 times" in note


def test_ends_move_away_from_the_mean_and_not_below_nothing():
    wide = widened(RANGE, 2.0, 0.0)
    assert (wide.mean, wide.low80, wide.high80, wide.low95) == (10.0, 2.0, 18.0, 0.0)
    assert widened(RANGE, 1.0) is RANGE
    endless = Interval(float("inf"), 0.5, *[float("inf")] * 5)
    assert widened(endless, 2.0) == endless


def test_the_frontier_is_widened_alike():
    points = pl.DataFrame({"acos": [0.3, None], "acos_low": [0.2, None], "acos_high": [0.5, None]})
    wide = widened_frontier(points, 4.0)
    assert wide["acos_low"].to_list() == [0.0, None]
    assert wide["acos_high"][0] == pytest.approx(1.1)
