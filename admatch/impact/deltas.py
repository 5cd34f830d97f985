"""A plan → draws of the difference it makes to each currency's spend, orders and sales."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from admatch.arrays import Floats, Ints, Mask
from admatch.impact.baseline import Baseline
from admatch.impact.budgets import TAKEN, Respending
from admatch.impact.draws import Draws
from admatch.impact.elasticities import Elasticities
from admatch.impact.plan import Budget, Gain, Plan
from admatch.impact.shifts import left_by
from admatch.impact.totals import Totals, totals

_ROWS = 512  # drawn at a time
_RETURN, _GAIN, _BUDGET = 5, 6, 8  # streams of random numbers
# A new keyword catches two in three clicks that are blocked elsewhere, and takes over one in three
# of those that are not. Beta distributions, assumed.
CAUGHT, SHARED = (4.0, 2.0), (2.0, 4.0)


@dataclass(frozen=True)
class Delta:
    """One currency: what changes at rho 0, what returns at rho 1, sales blocked and caught.

    ``spent_again`` is what was freed and is no part of the change any more. ``singled`` is what the
    changed rows that else are pooled bring before the change.
    """

    change: Totals
    returned: Totals
    blocked_sales: Floats
    caught_sales: Floats
    spent_again: Floats
    singled: Totals


def deltas(
    baseline: Baseline, plan: Plan, n: int, capped: Mapping[str, float]
) -> dict[str | None, Delta]:
    """Return n draws of the difference that a plan makes by currency; {} where it makes none.

    ``capped`` campaigns spend again what is freed (``budgets.capped_campaigns``).
    """
    sums: dict[int, Delta] = {}
    bids = Elasticities.drawn(baseline.seed, n)
    caught = np.zeros(len(baseline.parameters), dtype=np.bool_)
    for gain in plan.gains:
        caught[gain.sources[gain.blocked]] = True
    destinations = _destinations(baseline, plan, caught)
    touched, blocked = plan.touched, plan.blocked()
    again = Respending.of(plan, capped) if capped else None
    for start in range(0, len(touched), _ROWS):
        rows = touched[start : start + _ROWS]
        drawn = baseline.draws(n, rows)
        volume, cost = _left(baseline, plan, rows, bids)
        change = _scaled(drawn, volume - 1, cost - 1)
        home = np.where(destinations.home[rows], blocked[rows], 0.0)
        back = _scaled(drawn, home, home)
        _add(sums, baseline, rows, change, back, blocked[rows])
        _add_singled(sums, baseline, rows, drawn)
        if again is not None:
            _add_spent_again(sums, baseline, rows, change, again)
        _add_returns(sums, baseline, destinations, rows, drawn, blocked)
    for gain in plan.gains:
        _add_gain(sums, baseline, gain, bids, n)
    if again is not None:
        for budget in plan.budgets:
            _add_budget(sums, baseline, plan, budget, again, bids)
    return {baseline.currencies[number]: delta for number, delta in sums.items()}


@dataclass(frozen=True)
class _Figures:
    """Figures (n, rows) of some rows."""

    spend: Floats
    orders: Floats
    sales: Floats


@dataclass(frozen=True)
class _Destinations:
    """Where blocked clicks may reappear: at rows of the same term, else in other own ad groups.

    ``pairs`` has row, target and weight; ``home`` marks rows whose clicks keep their own figures.
    """

    pairs: pl.DataFrame
    home: Mask


def _scaled(drawn: Draws, volume: Floats, cost: Floats) -> _Figures:
    return _Figures(drawn.spend * cost, drawn.orders * volume, drawn.sales * volume)


def _factors(plan: Plan, rows: Ints, bids: Elasticities) -> tuple[Floats, Floats]:
    """Return what is left of clicks and of spend, (n, rows), after blocks and bids."""
    inside = plan.entries(rows)
    inside = inside[plan.running[inside]]
    column = np.searchsorted(rows, plan.row[inside])
    share, log_bid = plan.share[inside], plan.log_bid[inside]
    shape = (len(column), len(rows))
    spread = csr_array((share, (np.arange(len(column)), column)), shape=shape)
    same = log_bid == 0
    plain = spread[same].sum(axis=0)
    bid_on, ratios = spread[~same], log_bid[~same]
    volume = np.exp(np.outer(bids.volume, ratios)) @ bid_on + plain
    cost = np.exp(np.outer(bids.volume + bids.cost, ratios)) @ bid_on + plain
    return volume, cost


def _left(baseline: Baseline, plan: Plan, rows: Ints, bids: Elasticities) -> tuple[Floats, Floats]:
    """Return what is left of clicks and of spend, (n, rows), after all but new budgets."""
    volume, cost = _factors(plan, rows, bids)
    if not plan.shifts:
        return volume, cost
    sales, spend = left_by(plan.shifts, rows, bids, baseline.seed)
    return volume * sales, cost * spend


def _destinations(baseline: Baseline, plan: Plan, caught: Mask) -> _Destinations:
    blocked = plan.blocked()
    sources = np.flatnonzero((blocked > 0) & ~caught)
    sources = sources[sources < baseline.fitted.posteriors.height]
    key = ["currency", "term_kind", "folded", "asin"]
    terms = baseline.terms.select("row", *key)
    open_terms = terms.filter(pl.Series(blocked < 1) & pl.col("term_kind").is_not_null())
    pairs = (
        terms[sources]
        .join(open_terms.rename({"row": "target"}), on=key, nulls_equal=True)
        .filter(pl.col("row") != pl.col("target"))
        .sort("row", "target")
    )
    # where nothing is expected of any of them, they share equally
    expected = baseline.parameters.clicks[pairs["target"].to_numpy()] + 1e-9
    total = pl.col("expected").sum().over("row")
    pairs = pairs.with_columns(expected=pl.Series(expected)).with_columns(
        weight=pl.col("expected") / total
    )
    home = np.zeros(len(baseline.parameters), dtype=np.bool_)
    alone = np.setdiff1d(sources, pairs["row"].to_numpy())
    groups = np.bincount(baseline.parameters.currency[baseline.fitted.posteriors.height :])
    home[alone] = groups[baseline.parameters.currency[alone]] > plan.scope[alone]
    return _Destinations(pairs.select("row", "target", "weight"), home)


def _add(
    sums: dict[int, Delta],
    baseline: Baseline,
    rows: Ints,
    change: _Figures,
    back: _Figures,
    blocked: Floats,
) -> None:
    """Add what changes in some rows to the sums of their currencies."""
    p = baseline.parameters.take(rows)
    for number in np.unique(p.currency):
        own = p.currency == number
        delta = sums.setdefault(int(number), _nothing(len(change.spend)))
        lost = np.where(blocked > 0, -change.sales, 0.0)[:, own].sum(axis=1)
        sums[int(number)] = replace(
            delta,
            change=delta.change.plus(_sum(change, own, p.promoted)),
            returned=delta.returned.plus(_sum(back, own, p.promoted)),
            blocked_sales=delta.blocked_sales + lost,
        )


def _add_singled(sums: dict[int, Delta], baseline: Baseline, rows: Ints, drawn: Draws) -> None:
    """Add what some rows bring before the change, those that else are pooled."""
    own = totals(drawn, baseline.parameters.take(rows), baseline.pooled[rows])
    for number, total in own.items():
        sums[number] = replace(sums[number], singled=sums[number].singled.plus(total))


def _add_spent_again(
    sums: dict[int, Delta], baseline: Baseline, rows: Ints, change: _Figures, again: Respending
) -> None:
    """Add what capped campaigns buy for what is freed in some rows, at the figures they have left.

    A change that would spend more takes its spend from those clicks.
    """
    spend = -change.spend * again.share[rows]
    bought = _Figures(spend, spend * again.orders[rows], spend * again.sales[rows])
    nothing = _Figures(*(np.zeros_like(spend) for _ in range(3)))
    _add(sums, baseline, rows, bought, nothing, np.zeros(len(rows)))
    currency = baseline.parameters.currency[rows]
    for number in np.unique(currency):
        delta = sums[int(number)]
        more = delta.spent_again + spend[:, currency == number].sum(axis=1)
        sums[int(number)] = replace(delta, spent_again=more)


def _add_budget(
    sums: dict[int, Delta],
    baseline: Baseline,
    plan: Plan,
    budget: Budget,
    again: Respending,
    bids: Elasticities,
) -> None:
    """Add what a new daily budget buys, on clicks like those that its campaign has left.

    Of a higher one only the share ``TAKEN`` finds clicks; a lower one loses all of the difference.
    """
    n = len(bids.volume)
    rng = np.random.default_rng((baseline.seed, _BUDGET, budget.number))
    taken = rng.beta(*TAKEN, (n, 1)) if budget.growth > 0 else np.ones((n, 1))
    for rows, _ in _ascending(budget.rows):
        drawn = baseline.draws(n, rows)
        _, cost = _left(baseline, plan, rows, bids)
        share = again.share[rows]
        left = drawn.spend * (cost + share * (1 - cost))  # what is freed is spent again
        spend = share * left * budget.growth * taken
        bought = _Figures(spend, spend * again.orders[rows], spend * again.sales[rows])
        nothing = _Figures(*(np.zeros_like(spend) for _ in range(3)))
        _add(sums, baseline, rows, bought, nothing, np.zeros(len(rows)))


def _add_returns(
    sums: dict[int, Delta],
    baseline: Baseline,
    destinations: _Destinations,
    rows: Ints,
    drawn: Draws,
    blocked: Floats,
) -> None:
    """Add the clicks that reappear where the same term is already served, at its figures there."""
    first, last = np.searchsorted(destinations.pairs["row"].to_numpy(), (rows[0], rows[-1] + 1))
    pairs = destinations.pairs[int(first) : int(last)]
    if not pairs.height:
        return
    sources, targets = (pairs[name].to_numpy().astype(np.int64) for name in ("row", "target"))
    p = baseline.parameters.take(targets)
    clicks = drawn.clicks[:, np.searchsorted(rows, sources)] * (
        blocked[sources] * pairs["weight"].to_numpy()
    )
    rng = np.random.default_rng((baseline.seed, _RETURN, int(rows[0])))
    rate = rng.beta(p.alpha, p.beta, clicks.shape) * (1 + p.surplus)
    back = _Figures(clicks * p.cpc, clicks * rate, clicks * rate * p.order_value)
    nothing = _Figures(*(np.zeros_like(one) for one in (back.spend, back.orders, back.sales)))
    _add(sums, baseline, targets, nothing, back, np.zeros(len(targets)))


def _add_gain(
    sums: dict[int, Delta], baseline: Baseline, gain: Gain, bids: Elasticities, n: int
) -> None:
    """Add what a new keyword brings, less what it takes over where nothing is blocked."""
    rng = np.random.default_rng((baseline.seed, _GAIN, gain.number))
    for rows, part in _ascending(gain.sources):
        p, drawn = baseline.parameters.take(rows), baseline.draws(n, rows)
        blocked = gain.blocked[part]
        catch, take = rng.beta(*CAUGHT, (n, 1)), rng.beta(*SHARED, (n, 1))
        stronger = np.exp(np.outer(bids.volume, gain.log_bid[part]))
        share = np.minimum(np.where(blocked, catch, take) * stronger, 1.0)
        clicks = drawn.clicks * share
        rate = rng.beta(gain.alpha[part], gain.beta[part], share.shape) * (1 + p.surplus)
        costs = gain.cpc[part] * np.exp(np.outer(bids.cost, gain.log_bid[part]))
        orders = clicks * rate
        new = _Figures(
            clicks * np.minimum(costs, gain.most[part]), orders, orders * gain.order_value[part]
        )
        taken = np.where(blocked, 0.0, share)
        old = _scaled(drawn, taken, taken)
        change = _Figures(new.spend - old.spend, new.orders - old.orders, new.sales - old.sales)
        none = _Figures(*(np.zeros_like(share) for _ in range(3)))
        _add(sums, baseline, rows, change, none, np.zeros(len(rows)))
        for number in np.unique(p.currency):
            own = (p.currency == number) & blocked
            delta = sums[int(number)]
            caught = delta.caught_sales + new.sales[:, own].sum(axis=1)
            sums[int(number)] = replace(delta, caught_sales=caught)


def _ascending(sources: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield some rows at a time in ascending order, and their positions in ``sources``."""
    order = np.argsort(sources, kind="stable")
    for start in range(0, len(order), _ROWS):
        part = order[start : start + _ROWS]
        yield sources[part], part


def _sum(drawn: _Figures, own: Mask, promoted: Floats) -> Totals:
    sales = drawn.sales[:, own]
    return Totals(
        drawn.spend[:, own].sum(axis=1),
        drawn.orders[:, own].sum(axis=1),
        sales.sum(axis=1),
        sales @ promoted[own],
    )


def _nothing(n: int) -> Delta:
    nothing, none = Totals.nothing(n), np.zeros(n)
    return Delta(nothing, nothing, none, none, none, nothing)
