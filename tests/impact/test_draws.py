"""Draws beside slow, obvious ones: of every row by itself, and by the definition of each number."""

import numpy as np
import pytest

import admatch as am
from admatch.impact import baseline
from admatch.impact.baseline import Baseline
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.impact.draws import draw
from admatch.impact.drift import Drift
from admatch.impact.model import ImpactModel
from admatch.impact.parameters import Parameters
from admatch.impact.pool import Pool
from admatch.impact.totals import Totals, totals
from admatch.reports.account.records import MatchType
from tests.impact.accounts import made, row

N = 4000
FIGURES = ("spend", "orders", "sales", "promoted")
NAMES = ("clicks", "spend", "orders", "sales")
MIDDLE = (10, 25, 50, 75, 90)


def parameters(rows=600, seed=5) -> Parameters:
    """Return rows of two accounts: few have many clicks, most next to none."""
    rng = np.random.default_rng(seed)
    clicks = np.sort(rng.pareto(1.1, rows))[::-1] * 0.5
    rate = rng.beta(2, 14, rows)
    strength = rng.uniform(8, 60, rows)
    return Parameters(
        clicks=clicks,
        alpha=rate * strength,
        beta=(1 - rate) * strength,
        surplus=np.full(rows, 0.1),
        order_value=rng.uniform(5, 60, rows),
        order_value_deviation=rng.uniform(0.05, 0.4, rows),
        order_noise=np.full(rows, 0.4),
        cpc=rng.uniform(0.2, 2, rows),
        cpc_deviation=rng.uniform(0.05, 0.3, rows),
        promoted=rng.uniform(0, 1, rows),
        currency=np.arange(rows) % 2,
        campaign=np.arange(rows) % 7 * 2 + np.arange(rows) % 2,
    )


def oracle(p: Parameters, drift: Drift) -> tuple[np.ndarray, ...]:
    """Return clicks, spend, orders and sales, (n, rows), each number as it is defined."""
    rng = np.random.default_rng(99)
    of = [drift.factors(*map(int, place)) for place in zip(p.currency, p.campaign, strict=True)]
    volume, conversion, value, cost = (
        np.stack([getattr(one, name) for one in of], axis=1)
        for name in ("volume", "conversion", "value", "cost")
    )
    size = volume.shape
    clicks = rng.poisson(rng.gamma(p.clicks, size=size) * volume)
    converted = rng.binomial(clicks, np.minimum(rng.beta(p.alpha, p.beta, size) * conversion, 1))
    orders = converted + rng.poisson(converted * p.surplus)
    spend = clicks * p.cpc * cost * rng.lognormal(-(p.cpc_deviation**2) / 2, p.cpc_deviation, size)
    spread = p.order_value_deviation
    level = p.order_value * value * rng.lognormal(-(spread**2) / 2, spread, size)
    shape = 1 / np.expm1(p.order_noise**2)
    return clicks, spend, orders, level * rng.gamma(orders * shape) / shape


def summed(drawn, p: Parameters, number: int, among=slice(None)) -> Totals:
    _, spend, orders, sales = drawn
    own = np.flatnonzero(p.currency == number)
    own = own[np.isin(own, np.arange(len(p))[among])]
    spend, orders, sales = (one[:, own] for one in (spend, orders, sales))
    return Totals(spend.sum(1), orders.sum(1), sales.sum(1), sales @ p.promoted[own])


def assert_alike(found: Totals, expected: Totals) -> None:
    """Both have the same mean, spread and quantiles, as far as so many draws can say."""
    for name in FIGURES:
        one, other = getattr(found, name), getattr(expected, name)
        error = other.std() / np.sqrt(N)
        assert one.mean() == pytest.approx(other.mean(), abs=4 * error), name
        assert one.std() == pytest.approx(other.std(), rel=0.08), name
        for share in MIDDLE:
            below = (one <= np.percentile(other, share)).mean()
            assert below == pytest.approx(share / 100, abs=0.035), (name, share)
    ratio, expected_ratio = found.spend / found.sales, expected.spend / expected.sales
    assert np.percentile(ratio, MIDDLE) == pytest.approx(
        np.percentile(expected_ratio, MIDDLE), rel=0.03
    )


def test_rows_are_drawn_as_they_are_defined():
    p, drift = parameters(), Drift(3, N)
    drawn, expected = draw(p, drift, np.arange(len(p))), oracle(p, drift)
    some = np.r_[0:6, 100:106, 590:600]
    for row_number in some:
        for name, other in zip(NAMES, expected, strict=True):
            one, two = getattr(drawn, name)[:, row_number], other[:, row_number]
            error = np.hypot(one.std(), two.std()) / np.sqrt(N) + 1e-9
            assert one.mean() == pytest.approx(two.mean(), abs=4.5 * error)
            assert (one == 0).mean() == pytest.approx((two == 0).mean(), abs=0.045)
    for number in (0, 1):
        own = totals(drawn, p, np.ones(len(p), bool))[number]
        assert_alike(own, summed(expected, p, number))


def test_a_row_is_drawn_alike_beside_any_others():
    p, drift = parameters(), Drift(3, 50)
    every = draw(p, drift, np.arange(len(p)))
    some = np.array([3, 77, 78, 400])
    alone = draw(p, Drift(3, 50), some)
    for name in NAMES:
        assert np.array_equal(getattr(alone, name), getattr(every, name)[:, some])


def test_a_pool_comes_to_what_its_rows_do():
    p, drift = parameters(), Drift(3, N)
    expected, pooled = oracle(p, drift), np.arange(60, len(p))
    drawn = Pool.of(p, pooled).draw(drift)
    for number in (0, 1):
        assert_alike(drawn[number], summed(expected, p, number, slice(60, None)))


def test_a_pool_without_rows_is_that_of_the_others():
    p, drift = parameters(), Drift(3, 200)
    out = np.r_[100:150, 300:301]
    left = Pool.of(p, np.arange(60, len(p))).without(Pool.of(p, out))
    others = np.setdiff1d(np.arange(60, len(p)), out)
    found, expected = left.draw(drift), Pool.of(p, others).draw(drift)
    for number in (0, 1):
        for name in FIGURES:
            assert np.allclose(getattr(found[number], name), getattr(expected[number], name))
    assert not left.without(left).sums


def test_a_pool_without_sales_has_none():
    p, drift = parameters(80), Drift(3, 20)
    unknown = np.full(80, np.nan)
    fields = {name: getattr(p, name) for name in p.__dataclass_fields__}
    lacking = Parameters(**(fields | {"order_value": unknown, "promoted": unknown}))
    drawn = Pool.of(lacking, np.arange(80)).draw(drift)[0]
    assert np.isnan(drawn.sales).all()
    assert np.isnan(drawn.promoted).all()
    assert (drawn.orders > 0).any()
    assert np.isnan(draw(lacking, drift, np.arange(80)).sales).all()


TERMS = [f"lamp {number}" for number in range(60)]
DESK = Place("Lamps", "Desk")


def model() -> ImpactModel:
    rows = [row(term, 400 - 6 * at, 20 - at // 3) for at, term in enumerate(TERMS)]
    return ImpactModel(seed=11).fit(made(*rows))


def negatives(*terms: str) -> ChangeSet:
    exact = MatchType.NEGATIVE_EXACT
    return ChangeSet(tuple(Change.negative_keyword(term, exact, DESK) for term in terms))


def effects(changes: ChangeSet) -> am.WhatIf:
    return model().what_if(changes, draws=N)


@pytest.mark.parametrize("blocked", [TERMS[40:50], TERMS[:3], [*TERMS[2:8], *TERMS[30:]]])
def test_pooled_rows_change_an_effect_as_rows_alone_do(monkeypatch, blocked):
    alone = effects(negatives(*blocked))
    monkeypatch.setattr(baseline, "DETAILED", 15)
    pooled = effects(negatives(*blocked))
    for name in ("spend", "orders", "sales", "acos"):
        for when in ("before", "after", "difference"):
            one, other = (getattr(getattr(it, when), name) for it in (pooled, alone))
            wide = abs(other.high80 - other.low80) + 1e-9
            assert one.mean == pytest.approx(other.mean, abs=0.05 * wide), (name, when)
            for end in ("low80", "high80"):
                assert getattr(one, end) == pytest.approx(getattr(other, end), abs=0.12 * wide)


def test_what_was_before_does_not_depend_on_the_pooled_rows_that_change(monkeypatch):
    monkeypatch.setattr(baseline, "DETAILED", 15)
    nothing, some = effects(ChangeSet(())), effects(negatives(*TERMS[20:45]))
    assert some.before == nothing.before
    assert some.before.spend.mean + some.difference.spend.mean == pytest.approx(
        some.after.spend.mean, rel=1e-9
    )


def test_an_account_of_which_everything_is_blocked_spends_nothing(monkeypatch):
    monkeypatch.setattr(baseline, "DETAILED", 15)
    base = Baseline.of(model()._known, 11)
    after = effects(negatives(*TERMS)).only.after_draws
    unseen = len(base.parameters) - len(TERMS)
    assert unseen == 1
    assert (after.spend > -1e-3).all()
    assert (after.sales > -1e-2).all()
