import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.decisions.caps import upper_sums
from admatch.decisions.optimise import choose, frontier

SPEND, SALES = 300.0, 800.0


def units(rows):
    names = ("spend_freed", "sales_change", "sales_at_risk", "risk_variance")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64), orient="row")
    return frame.with_row_index("unit").with_columns(
        profit_gain=0.3 * pl.col("sales_change") + pl.col("spend_freed"),
        unit=pl.col("unit").cast(pl.Int64),
    )


def best_of_all(frame, target, cap, most):
    """Return the most profit of any subset inside the caps: the slow, obvious way."""
    rows, found = frame.to_dicts(), None
    for size in range((most if most is not None else len(rows)) + 1):
        for chosen in itertools.combinations(rows, size):
            freed = sum(row["spend_freed"] for row in chosen)
            change = sum(row["sales_change"] for row in chosen)
            risk = np.array([row["sales_at_risk"] for row in chosen])
            upper = upper_sums(risk, np.zeros(size))[-1] if size else 0.0
            if upper > cap * SALES or SPEND - freed > target * (SALES + change) + 1e-9:
                continue
            profit = sum(row["profit_gain"] for row in chosen)
            found = profit if found is None else max(found, profit)
    return found


amount = st.floats(0, 60).map(lambda value: round(value, 2))
row = st.tuples(amount, amount).map(lambda pair: (pair[0], -pair[1], pair[1], 0.0))


@settings(max_examples=40, deadline=None)
@given(st.lists(row, min_size=1, max_size=6), st.sampled_from([None, 2]))
def test_no_other_set_pays_more(rows, most):
    frame = units(rows)
    found = choose(frame, SPEND, SALES, target_acos=0.35, most_at_risk=0.1, most_changes=most)
    best = best_of_all(frame, 0.35, 0.1, most)
    taken = frame.filter(pl.col("unit").is_in(found.units))
    if best is None:
        assert not found.reached
    else:
        assert taken["profit_gain"].sum() >= best * 0.97 - 2.0  # the cap's bound is not linear
    assert taken.height <= (most or 99)
    if taken.height:
        upper = upper_sums(taken["sales_at_risk"].to_numpy(), np.zeros(taken.height))[-1]
        assert upper <= 0.1 * SALES * (1 + 1e-6)


def test_many_units_are_chosen_as_well_by_the_other_method(monkeypatch):
    drawn = np.random.default_rng(7).uniform(0, 2, (400, 2))
    frame = units([(freed, -lost, lost, 0.0) for freed, lost in drawn.tolist()])
    limits = {"target_acos": 0.35, "most_at_risk": 0.1, "most_changes": 200}
    few = choose(frame, SPEND, SALES, **limits)
    monkeypatch.setattr("admatch.decisions.optimise._MANY", 0)
    many = choose(frame, SPEND, SALES, **limits)
    few_worth, many_worth = (
        frame.filter(pl.col("unit").is_in(found.units))["profit_gain"].sum()
        for found in (few, many)
    )
    assert many.reached == few.reached
    assert many_worth == pytest.approx(few_worth, rel=2e-3)


def test_a_change_that_loses_profit_is_taken_where_the_target_needs_it():
    frame = units([(30.0, -10.0, 0.0, 0.0)])
    worth = frame.with_columns(profit_gain=pl.lit(-1.0))
    idle = choose(worth, 230, 800, target_acos=0.3, most_at_risk=1, most_changes=None)
    assert idle.units == ()
    needed = choose(worth, 250, 800, target_acos=0.3, most_at_risk=1, most_changes=None)
    assert needed.units == (0,)
    assert needed.reached


def test_a_target_out_of_reach_is_said():
    found = choose(units([(5.0, 0.0, 0.0, 0.0)]), 300, 800, target_acos=0.1, most_at_risk=1,
                   most_changes=None)  # fmt: skip
    assert not found.reached
    assert found.units == (0,)


def test_nothing_to_choose_from():
    assert choose(units([]), 100, 800, target_acos=0.3, most_at_risk=1, most_changes=None).reached


def test_the_frontier_starts_with_no_change_and_gives_up_ever_more_sales():
    rng = np.random.default_rng(3)
    rows = [(float(rng.uniform(0, 5)), -s, s, s) for s in rng.uniform(0, 3, 90)]
    curve = frontier(units(rows), SPEND, SALES, 0.1)
    assert curve["changes"][0] == 0
    assert curve["acos"][0] == pytest.approx(SPEND / SALES)
    assert curve["sales_kept"].is_sorted(descending=True)
    assert curve["changes"][-1] == 90
    assert (curve["acos_low"] < curve["acos"]).all()


def test_a_sum_is_surer_than_its_parts():
    alone = upper_sums(np.array([1.0]), np.array([4.0]))[0]
    many = upper_sums(np.ones(100), np.full(100, 4.0))[-1]
    assert many < 100 * alone
    assert many > 100
