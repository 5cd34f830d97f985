import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.decisions.optimise import choose, frontier

SPEND, SALES = 300.0, 800.0
NAMES = ("spend_freed", "sales_change", "net_risk")


def units(rows, worth=0.3, target=0.3):
    """Return units of (spend freed, change of sales, net risk)."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.Float64), orient="row")
    return frame.with_row_index("unit").with_columns(
        gain=worth * pl.col("sales_change") + pl.col("spend_freed"),
        sales_allowed=target * pl.col("sales_change"),
        unit=pl.col("unit").cast(pl.Int64),
    )


def sums(frame, numbers):
    return frame.filter(pl.col("unit").is_in(list(numbers))).sum().row(0, named=True)


def best_of_all(frame, target, cap, most):
    """Return the most profit of any subset inside the caps: the slow, obvious way."""
    found = None
    for size in range((len(frame) if most is None else min(most, len(frame))) + 1):
        for chosen in itertools.combinations(frame["unit"], size):
            one = sums(frame, chosen)
            acos_kept = SPEND - one["spend_freed"] <= target * (SALES + one["sales_change"]) + 1e-9
            if one["net_risk"] <= cap + 1e-9 and acos_kept:
                found = max(found if found is not None else -1e18, one["gain"])
    return found


amount = st.floats(0, 60).map(lambda value: round(value, 2))
share = st.floats(0, 1).map(lambda value: round(value, 2))
lower = st.tuples(amount, amount, share).map(lambda one: (one[0], -one[1], one[1] * one[2]))
higher = st.tuples(amount, amount, share).map(lambda one: (-one[0], one[1], one[0] * one[2]))
few = st.lists(lower | higher, min_size=1, max_size=6)


@settings(max_examples=30, deadline=None)
@given(few, st.sampled_from([None, 2]), st.sampled_from([0.3, 0.45]))
def test_no_other_set_pays_more(rows, most, worth):
    frame = units(rows, worth, 0.35)
    found = choose(frame, SPEND, SALES, target_acos=0.35, most_at_risk=0.02, most_changes=most)
    best = best_of_all(frame, 0.35, 0.02 * SALES, most)
    taken = sums(frame, found.units)
    assert found.reached == (best is not None)
    if best is not None:
        assert taken["gain"] >= best - 0.002 * abs(best) - 1e-6
        assert SPEND - taken["spend_freed"] <= 0.35 * (SALES + taken["sales_change"]) + 1e-6
    assert len(found.units) <= (most or 99)
    assert taken["net_risk"] <= 0.02 * SALES * (1 + 1e-6)


def test_many_units_are_chosen_as_well_by_the_other_method(monkeypatch):
    drawn = np.random.default_rng(7).uniform(0, 2, (400, 2))
    frame = units([(freed, -lost, lost / 3) for freed, lost in drawn.tolist()])
    limits = {"target_acos": 0.35, "most_at_risk": 0.1, "most_changes": 200}
    few = choose(frame, SPEND, SALES, **limits)
    monkeypatch.setattr("admatch.decisions.optimise._MANY", 0)
    many = choose(frame, SPEND, SALES, **limits)
    few_worth, many_worth = (
        frame.filter(pl.col("unit").is_in(found.units))["gain"].sum() for found in (few, many)
    )
    assert many.reached == few.reached
    assert many_worth == pytest.approx(few_worth, rel=2e-3)


def test_a_change_that_loses_profit_is_taken_where_the_target_needs_it():
    frame = units([(30.0, -10.0, 0.0)])
    worth = frame.with_columns(gain=pl.lit(-1.0))
    idle = choose(worth, 230, 800, target_acos=0.3, most_at_risk=1, most_changes=None)
    assert idle.units == ()
    needed = choose(worth, 250, 800, target_acos=0.3, most_at_risk=1, most_changes=None)
    assert needed.units == (0,)
    assert needed.reached


def test_a_target_out_of_reach_is_said():
    found = choose(units([(5.0, 0.0, 0.0)]), 300, 800, target_acos=0.1, most_at_risk=1,
                   most_changes=None)  # fmt: skip
    assert not found.reached
    assert found.units == (0,)


def test_nothing_to_choose_from():
    assert choose(units([]), 100, 800, target_acos=0.3, most_at_risk=1, most_changes=None).reached


def test_the_frontier_starts_with_no_change_and_gives_up_ever_more_sales():
    rng = np.random.default_rng(3)
    rows = [(float(rng.uniform(1, 5)), -s, s / 3) for s in rng.uniform(0, 3, 90)]
    curve = frontier(units(rows), (), SPEND, SALES, deviation=0.1)
    assert curve.height <= 40
    assert curve["changes"][0] == 0
    assert curve["acos"][0] == pytest.approx(SPEND / SALES)
    assert curve["sales_kept"].is_sorted(descending=True)
    assert curve["changes"][-1] == 90
    assert (curve["acos_low"] < curve["acos"]).all()


@settings(max_examples=30, deadline=None)
@given(few, st.sampled_from([None, 1, 3]), st.sampled_from([0.2, 0.3, 0.45]))
def test_each_point_of_the_frontier_is_a_set_that_can_be_chosen(rows, most, worth):
    """No set of the changes that spend less pays more at the risk of a point, or at its ACOS."""
    frame = units(rows, worth)
    limits = {"target_acos": 0.3, "most_at_risk": 0.02, "most_changes": most}
    best = choose(frame, SPEND, SALES, **limits)
    curve = frontier(frame, best.units, SPEND, SALES, deviation=0.1)
    own = sums(frame, best.units)
    here = curve.filter(
        (pl.col("changes") == len(best.units))
        & ((pl.col("spend") - SPEND + own["spend_freed"]).abs() < 1e-4)
        & ((pl.col("sales") - SALES - own["sales_change"]).abs() < 1e-4)
    )
    assert here.height == 1
    taken = pl.col("unit").is_in(list(best.units))
    raised = frame.filter(taken & (pl.col("spend_freed") <= 0))
    free = frame.filter(pl.col("spend_freed") > 0)
    for point in curve.filter(pl.col("changes") > 0).to_dicts():
        if point["changes"] == len(best.units) and here["gain"][0] == point["gain"]:
            continue
        profit = point["gain"] - raised["gain"].sum()
        cap = point["net_risk"] - raised["net_risk"].sum()
        slack = SPEND - point["spend"] - 0.3 * (SALES - point["sales"])
        slack -= (raised["spend_freed"] + 0.3 * raised["sales_change"]).sum()
        best_of_free = _most(free, cap, slack, point["changes"] - raised.height)
        assert profit == pytest.approx(best_of_free, abs=1e-6)


def _most(frame, cap, slack, most):
    """Return the most profit within a risk by so many changes, or at least as near the target."""
    within, near = 0.0, -1e18
    for size in range(len(frame) + 1):
        for chosen in itertools.combinations(frame["unit"], size):
            one = sums(frame, chosen)
            if size <= most and one["net_risk"] <= cap + 1e-9:
                within = max(within, one["gain"])
            if one["spend_freed"] + 0.3 * one["sales_change"] >= slack - 1e-9:
                near = max(near, one["gain"])
    return min(within, near)
