"""A market is heard where it predicts terms that were left out, and nowhere else."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from admatch.impact.market import deviations, with_market

USUAL = 0.1


def account(terms=600, slope=0.7, seed=1):
    """Return rows, their plain rates, and a market of which ``slope`` is true of the account."""
    rng = np.random.default_rng(seed)
    apart = 0.8 * rng.standard_normal(terms)
    names = [f"Term {number}" for number in range(terms)]
    clicks = rng.poisson(12, terms)
    true = expit(logit(USUAL) + slope * apart)
    rows = pl.DataFrame(
        {"search_term": names, "clicks": clicks, "mature_clicks": clicks.astype(float)}
    ).with_columns(converted=pl.Series(rng.binomial(clicks, true)))
    seen = rng.poisson(2000, terms)
    market = pl.DataFrame(
        {
            "term": [name.lower() for name in names],
            "others_clicks": seen.astype(float),
            "others_purchases": rng.binomial(seen, expit(logit(USUAL) + apart)).astype(float),
            "organic_clicks": np.zeros(terms),
            "organic_purchases": np.zeros(terms),
        }
    )
    return rows, np.full(terms, USUAL), market, true


def test_a_planted_slope_is_found():
    rows, means, market, true = account(1500)
    moved, fit = with_market(rows, means, 60.0, market)
    assert fit.used
    assert fit.slopes[0] == pytest.approx(0.7, abs=0.12)
    assert (
        np.abs(logit(moved) - logit(true)).mean() < 0.5 * np.abs(logit(means) - logit(true)).mean()
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_market_that_says_nothing_changes_nothing(seed):
    rows, means, market, _ = account(slope=0.0, seed=seed)
    moved, fit = with_market(rows, means, 60.0, market)
    assert not fit.used
    assert moved is means


def test_unknown_terms_and_small_markets_are_left_alone():
    rows, means, market, _ = account()
    assert with_market(rows, means, 60.0, market.head(20)) == (means, None)
    moved, fit = with_market(rows, means, 60.0, market.head(400))
    assert fit.used
    assert (moved[400:] == means[400:]).all()


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=1, max_size=30),
)
def test_more_purchases_never_mean_less(counts):
    clicks = [float(max(pair)) for pair in counts]
    bought = [float(min(pair)) for pair in counts]
    market = pl.DataFrame({"others_clicks": clicks, "others_purchases": bought})
    found = deviations(market, "others")
    assert np.isfinite(found).all()
    rates = [b / c if c else None for b, c in zip(bought, clicks, strict=True)]
    for one, other in zip(range(len(counts)), range(1, len(counts)), strict=False):
        if clicks[one] == clicks[other] and rates[one] is not None and rates[one] > rates[other]:
            assert found[one] >= found[other]
