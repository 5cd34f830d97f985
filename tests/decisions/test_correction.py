"""Expected effects are corrected by what earlier ones came to, carefully."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from admatch.decisions.correction import Correction, correct, corrected
from admatch.decisions.holdout import Experiment
from admatch.decisions.outcomes import ChangeOutcome
from admatch.impact.interval import DEVIATIONS


def outcome(expected, observed, error=1.0, factor=1.0, lost=(5.0, 5.0)):
    wide = DEVIATIONS * error
    return ChangeOutcome(
        "n", date(2026, 3, 1), 4, expected, observed, observed - wide, observed + wide,
        lost[0], lost[1], lost[1] - wide, lost[1] + wide, freed_factor=factor,
    )  # fmt: skip


def test_without_outcomes_nothing_is_corrected():
    assert correct([]) == Correction(1.0, 1.0, 0)


def test_one_outcome_counts_for_little_and_a_vague_one_for_nothing():
    assert 0.85 < correct([outcome(10.0, 5.0)]).freed < 1
    assert correct([outcome(10.0, -90.0, error=500.0)]).freed == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("truth", [0.6, 1.0, 1.5])
def test_many_outcomes_bring_the_known_factor(truth):
    """Sets whose own factors scatter around the truth; the posterior mean comes near it."""
    rng = np.random.default_rng(3)
    expected = rng.uniform(5, 50, 400)
    seen = expected * rng.normal(truth, 0.3, 400) + rng.normal(0, 2, 400)
    found = correct([outcome(e, o, 2.0) for e, o in zip(expected, seen, strict=True)])
    assert found.freed == pytest.approx(truth, abs=0.05)


def test_the_factor_is_that_of_ridge_regression():
    """The same as least squares with a row for the prior, each row divided by its deviation."""
    pairs = [(10.0, 4.0, 1.0), (20.0, 30.0, 6.0), (3.0, 2.0, 0.5)]
    found = correct([outcome(e, o, s) for e, o, s in pairs]).freed
    deviation = [np.hypot(s, 0.5 * e) for e, _, s in pairs]
    design = np.array([1 / 0.25, *(e / d for (e, _, _), d in zip(pairs, deviation, strict=True))])
    target = np.array([1 / 0.25, *(o / d for (_, o, _), d in zip(pairs, deviation, strict=True))])
    assert found == pytest.approx(float(np.linalg.lstsq(design[:, None], target)[0][0]))


def test_what_was_corrected_before_is_not_corrected_twice():
    plain = [outcome(10.0, 6.0)] * 5
    again = [outcome(6.0, 6.0, factor=0.6)] * 5
    assert correct(again).freed == pytest.approx(correct(plain).freed)


def test_it_stays_within_bounds_and_never_loosens_a_guard_rail():
    assert correct([outcome(10.0, -100.0)] * 50).freed == 0.5
    assert correct([outcome(10.0, 100.0)] * 50).freed == 2.0
    assert correct([outcome(10.0, 10.0, lost=(10.0, 0.0))] * 50).lost == 1.0
    assert correct([outcome(10.0, 10.0, lost=(10.0, 15.0))] * 50).lost > 1.2


def test_what_was_held_out_counts_alone():
    outcomes = [outcome(10.0, 10.0)] * 8  # as expected, by luck: see test_holdout
    experiment = Experiment(8, 32, 30, 1.0, 0.9, 1.1, 1.0, 0.9, 1.1)  # 2.5 a change were expected
    assert correct(outcomes, experiment).freed < 0.9


def test_effects_are_multiplied_and_profit_follows():
    rows = pl.DataFrame(
        {"spend_freed": [10.0, -4.0], "sales_change": [-5.0, 8.0], "sales_at_risk": [5.0, 0.0],
         "sales_value": [-1.5, 2.4], "sales_allowed": [-1.5, 2.4], "gain": [0.0, 0.0]}
    )  # fmt: skip
    found = corrected(rows, Correction(0.5, 2.0, 9))
    assert found["spend_freed"].to_list() == [5.0, -2.0]
    assert found["sales_change"].to_list() == [-10.0, 8.0]  # no gain is made larger
    assert found["sales_at_risk"].to_list() == [10.0, 0.0]
    assert found["gain"].to_list() == pytest.approx([2.0, 0.4])
