import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from admatch.decisions.economics import clicks_until_distinct, clicks_until_sure
from admatch.impact.beta import Beta

rate = st.floats(0.005, 0.5)


def one(value):
    return np.array([float(value)])


def test_a_worked_example():
    """Beta(1.6, 18.4), break-even 8.3 %: 39 % at 0 clicks, 19 % at 10, 13.5 % at 15, 9 % at 20."""
    for clicks, chance in ((0, 0.39), (10, 0.19), (15, 0.135), (20, 0.09)):
        posterior = Beta(one(1.6), one(18.4 + clicks))
        assert abs(posterior.above(one(1 / 12))[0] - chance) < 0.01
    assert 18 <= clicks_until_sure(Beta(one(1.6), one(18.4)), one(1 / 12), one(0.10))[0] <= 20


@given(rate, st.floats(2, 500), rate)
def test_clicks_needed_are_the_fewest_that_do(mean, weight, limit):
    posterior, certainty = Beta.of(one(mean), one(weight)), one(0.1)
    needed = clicks_until_sure(posterior, one(limit), certainty)[0]
    if np.isfinite(needed):
        after = Beta(posterior.a, posterior.b + needed)
        assert after.above(one(limit))[0] <= 0.1 + 1e-9
        if needed >= 1:
            before = Beta(posterior.a, posterior.b + needed - 1)
            assert before.above(one(limit))[0] >= 0.1 - 1e-9


@given(rate, st.floats(2, 500), rate)
def test_excess_is_what_chance_and_mean_bound(mean, weight, limit):
    posterior = Beta.of(one(mean), one(weight))
    excess = posterior.excess(one(limit))[0]
    assert max(mean - limit, 0) - 1e-9 <= excess <= mean + 1e-9


def test_equal_rates_are_never_distinct():
    posterior = Beta.of(one(0.1), one(50))
    assert np.isinf(clicks_until_distinct(posterior, one(0.1))[0])
    assert np.isfinite(clicks_until_distinct(posterior, one(0.2))[0])
