"""The share of own terms that an account's probabilities show."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logit

from admatch.match.share import USUAL, with_share


def calibrated(share, n, seed=7):
    """Terms of which ``share`` are own, with probabilities that count on ``USUAL``."""
    rng = np.random.default_rng(seed)
    own = rng.random(n) < share
    seen = rng.normal(np.where(own, 1.5, -1.5))
    return own, expit(3 * seen + logit(USUAL))  # the log-odds of two normals three apart


@pytest.mark.parametrize("share", [0.1, 0.4, 0.75, 0.9])
def test_the_share_is_found_and_probabilities_are_right_on_average(share):
    own, prior = calibrated(share, 4_000)
    found = with_share(prior)
    assert abs(found.mean() - own.mean()) < 0.02
    assert abs(found.mean() - own.mean()) <= abs(prior.mean() - own.mean()) + 0.005
    likely = found > 0.5
    assert (likely == own).mean() >= ((prior > 0.5) == own).mean() - 0.002


def test_a_few_terms_say_little():
    prior = np.array([0.9, 0.8, 0.95])
    assert np.abs(with_share(prior) - prior).max() < 0.02
    assert with_share(np.array([])).shape == (0,)


@given(arrays(np.float64, st.integers(1, 300), elements=st.floats(0, 1)))
def test_the_order_stays(prior):
    found = with_share(prior)
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
    order = np.argsort(prior, kind="stable")
    assert (np.diff(found[order]) >= -1e-12).all()
