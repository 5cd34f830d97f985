"""A plan → draws of what it adds to each currency's spend, orders and sales, and takes away."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array

from admatch.impact.baseline import Baseline, Totals
from admatch.impact.draws import Draws
from admatch.impact.plan import Gain, Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_LINES = 512  # drawn at a time
_ELASTICITY, _RETURN, _GAIN = 4, 5, 6  # streams of chance
# What a bid does, as powers of new bid over old: clicks, and cost per click. No account's own
# experiments are at hand, so the means are cautious and the deviations wide.
VOLUME_POWER, COST_POWER = (0.6, 0.35), (0.7, 0.2)
# Of clicks blocked elsewhere a new keyword catches two in three, of those that are not it takes
# one in three over: beta distributions, assumed.
CAUGHT, SHARED = (4.0, 2.0), (2.0, 4.0)


@dataclass(frozen=True)
class Delta:
    """Of one currency: what changes at rho 0, what returns at rho 1, and sales lost and caught."""

    change: Totals
    returned: Totals
    blocked_sales: Floats
    caught_sales: Floats


def outcome(ground: Baseline, plan: Plan, n: int) -> dict[str | None, Delta]:
    """Return n draws of the difference that a plan makes, by currency; {} where it makes none."""
    sums: dict[int, Delta] = {}
    bids = Elasticities.drawn(ground.seed, n)
    caught = np.zeros(len(ground.parameters), dtype=np.bool_)
    for gain in plan.gains:
        caught[gain.sources[gain.blocked]] = True
    destinations = _destinations(ground, plan, caught)
    touched, blocked = plan.touched, plan.blocked()
    for start in range(0, len(touched), _LINES):
        lines = touched[start : start + _LINES]
        drawn = ground.draws(n, lines)
        volume, cost = _factors(plan, lines, bids)
        change = _scaled(drawn, volume - 1, cost - 1)
        home = np.where(destinations.home[lines], blocked[lines], 0.0)
        back = _scaled(drawn, home, home)
        _add(sums, ground, lines, change, back, blocked[lines])
        _add_returns(sums, ground, destinations, lines, drawn, blocked)
    for gain in plan.gains:
        _add_gain(sums, ground, gain, bids, n)
    return {ground.currencies[number]: delta for number, delta in sums.items()}


@dataclass(frozen=True)
class Elasticities:
    """Powers (n,) of new bid over old that clicks and cost per click go with."""

    volume: Floats
    cost: Floats

    @classmethod
    def drawn(cls, seed: int, n: int) -> "Elasticities":
        """Return n draws, none below zero, of cost none above one."""
        rng = np.random.default_rng((seed, _ELASTICITY))
        volume, cost = (rng.normal(*power, size=n) for power in (VOLUME_POWER, COST_POWER))
        return cls(np.clip(volume, 0, None), np.clip(cost, 0, 1))


@dataclass(frozen=True)
class _Lines:
    """Figures (n, lines) of some lines."""

    spend: Floats
    orders: Floats
    sales: Floats


@dataclass(frozen=True)
class _Destinations:
    """Where blocked clicks may reappear: lines of the same term, else other own ad groups.

    ``pairs`` has source, target and weight; ``home`` marks sources that keep their own figures.
    """

    pairs: pl.DataFrame
    home: npt.NDArray[np.bool_]


def _scaled(drawn: Draws, volume: Floats, cost: Floats) -> _Lines:
    return _Lines(drawn.spend * cost, drawn.orders * volume, drawn.sales * volume)


def _factors(plan: Plan, lines: Ints, bids: Elasticities) -> tuple[Floats, Floats]:
    """Return what is left of clicks and of spend, (n, lines), after blocks and bids."""
    inside = plan.entries(lines)
    inside = inside[plan.kept[inside]]
    place = np.searchsorted(lines, plan.row[inside])
    share, log_bid = plan.share[inside], plan.log_bid[inside]
    spread = csr_array((share, (np.arange(len(place)), place)), shape=(len(place), len(lines)))
    still = log_bid == 0
    plain = spread[still].sum(axis=0)
    bid_on, ratios = spread[~still], log_bid[~still]
    volume = np.exp(np.outer(bids.volume, ratios)) @ bid_on + plain
    cost = np.exp(np.outer(bids.volume + bids.cost, ratios)) @ bid_on + plain
    return volume, cost


def _destinations(ground: Baseline, plan: Plan, caught: npt.NDArray[np.bool_]) -> _Destinations:
    blocked = plan.blocked()
    sources = np.flatnonzero((blocked > 0) & ~caught)
    sources = sources[sources < ground.fitted.posteriors.height]
    key = ["currency", "term_kind", "folded", "asin"]
    lines = ground.terms.select("row", *key)
    open_lines = lines.filter(pl.Series(blocked < 1) & pl.col("term_kind").is_not_null())
    pairs = (
        lines[sources]
        .join(open_lines.rename({"row": "target"}), on=key, nulls_equal=True)
        .filter(pl.col("row") != pl.col("target"))
        .sort("row", "target")
    )
    # where nothing is expected of any of them, they share alike
    expected = ground.parameters.clicks[pairs["target"].to_numpy()] + 1e-9
    total = pl.col("expected").sum().over("row")
    pairs = pairs.with_columns(expected=pl.Series(expected)).with_columns(
        weight=pl.col("expected") / total
    )
    home = np.zeros(len(ground.parameters), dtype=np.bool_)
    lonely = np.setdiff1d(sources, pairs["row"].to_numpy())
    groups = np.bincount(ground.parameters.currency[ground.fitted.posteriors.height :])
    home[lonely] = groups[ground.parameters.currency[lonely]] > plan.scope[lonely]
    return _Destinations(pairs.select("row", "target", "weight"), home)


def _add(
    sums: dict[int, Delta],
    ground: Baseline,
    lines: Ints,
    change: _Lines,
    back: _Lines,
    blocked: Floats,
) -> None:
    """Add what changes in some lines to the sums of their currencies."""
    p = ground.parameters.take(lines)
    for number in np.unique(p.currency):
        own = p.currency == number
        delta = sums.setdefault(int(number), _nothing(len(change.spend)))
        lost = np.where(blocked > 0, -change.sales, 0.0)[:, own].sum(axis=1)
        sums[int(number)] = Delta(
            delta.change.plus(_sum(change, own, p.promoted)),
            delta.returned.plus(_sum(back, own, p.promoted)),
            delta.blocked_sales + lost,
            delta.caught_sales,
        )


def _add_returns(
    sums: dict[int, Delta],
    ground: Baseline,
    destinations: _Destinations,
    lines: Ints,
    drawn: Draws,
    blocked: Floats,
) -> None:
    """Add the clicks that reappear where the same term is served already, at its figures there."""
    first, last = np.searchsorted(destinations.pairs["row"].to_numpy(), (lines[0], lines[-1] + 1))
    pairs = destinations.pairs[int(first) : int(last)]
    if not pairs.height:
        return
    sources, targets = (pairs[name].to_numpy().astype(np.int64) for name in ("row", "target"))
    p = ground.parameters.take(targets)
    clicks = drawn.clicks[:, np.searchsorted(lines, sources)] * (
        blocked[sources] * pairs["weight"].to_numpy()
    )
    rng = np.random.default_rng((ground.seed, _RETURN, int(lines[0])))
    rate = rng.beta(p.alpha, p.beta, clicks.shape) * (1 + p.surplus)
    back = _Lines(clicks * p.cpc, clicks * rate, clicks * rate * p.order_value)
    nothing = _Lines(*(np.zeros_like(one) for one in (back.spend, back.orders, back.sales)))
    _add(sums, ground, targets, nothing, back, np.zeros(len(targets)))


def _add_gain(
    sums: dict[int, Delta], ground: Baseline, gain: Gain, bids: Elasticities, n: int
) -> None:
    """Add what a new keyword brings, less what it takes over from where it is not blocked."""
    rng = np.random.default_rng((ground.seed, _GAIN, gain.number))
    for lines, part in _ascending(gain.sources):
        p, drawn = ground.parameters.take(lines), ground.draws(n, lines)
        blocked = gain.blocked[part]
        catch, take = rng.beta(*CAUGHT, (n, 1)), rng.beta(*SHARED, (n, 1))
        stronger = np.exp(np.outer(bids.volume, gain.log_bid[part]))
        share = np.minimum(np.where(blocked, catch, take) * stronger, 1.0)
        clicks = drawn.clicks * share
        rate = rng.beta(gain.alpha[part], gain.beta[part], share.shape) * (1 + p.surplus)
        costs = gain.cpc[part] * np.exp(np.outer(bids.cost, gain.log_bid[part]))
        orders = clicks * rate
        new = _Lines(
            clicks * np.minimum(costs, gain.most[part]), orders, orders * gain.order_value[part]
        )
        taken = np.where(blocked, 0.0, share)
        old = _scaled(drawn, taken, taken)
        change = _Lines(new.spend - old.spend, new.orders - old.orders, new.sales - old.sales)
        none = _Lines(*(np.zeros_like(share) for _ in range(3)))
        _add(sums, ground, lines, change, none, np.zeros(len(lines)))
        for number in np.unique(p.currency):
            own = (p.currency == number) & blocked
            delta = sums[int(number)]
            caught = delta.caught_sales + new.sales[:, own].sum(axis=1)
            sums[int(number)] = Delta(delta.change, delta.returned, delta.blocked_sales, caught)


def _ascending(sources: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield some lines at a time in ascending order, and where they stand in ``sources``."""
    order = np.argsort(sources, kind="stable")
    for start in range(0, len(order), _LINES):
        part = order[start : start + _LINES]
        yield sources[part], part


def _sum(lines: _Lines, own: npt.NDArray[np.bool_], promoted: Floats) -> Totals:
    sales = lines.sales[:, own]
    return Totals(
        lines.spend[:, own].sum(axis=1),
        lines.orders[:, own].sum(axis=1),
        sales.sum(axis=1),
        sales @ promoted[own],
    )


def _nothing(n: int) -> Delta:
    return Delta(Totals.nothing(n), Totals.nothing(n), np.zeros(n), np.zeros(n))
