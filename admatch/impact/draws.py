"""Posterior-predictive draws of what each row will bring in the coming period: ``draw``."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admatch.arrays import Floats, Floats32, Ints
from admatch.impact.drift import Drift, Factors
from admatch.impact.parameters import Parameters
from admatch.tables.threads import at_once

_ROWS = 3  # a stream of random numbers
_AT_ONCE = 64  # rows that a thread draws before it takes others
# Below so many expected clicks a row mostly has none, and inverting their distribution is faster.
_FEW = 4.0


@dataclass(frozen=True)
class Draws:
    """Float32 arrays (n, rows): clicks, spend, orders and sales of a period as long as the report.

    Sales are NaN where the report has none.
    """

    clicks: Floats32
    spend: Floats32
    orders: Floats32
    sales: Floats32

    @property
    def n(self) -> int:
        """Number of draws."""
        return len(self.clicks)


def draw(parameters: Parameters, drift: Drift, rows: Ints) -> Draws:
    """Return as many draws of the given ``rows`` as ``drift`` has.

    A row's draws depend only on their number, the seed and its own number, not on which other rows
    are drawn.
    """
    drawn = np.zeros((4, len(rows), drift.n), np.float32)  # a row's draws are neighbours

    def work(places: Ints, factors: Factors) -> None:
        for place in places:
            row = int(rows[place])
            rng = np.random.default_rng((drift.seed, _ROWS, row))
            _draw_row(parameters.take(slice(row, row + 1)), rng, factors, drawn[:, place])

    at_once(work, _shares(parameters, rows, drift))
    return Draws(*(one.T for one in drawn))


def _shares(p: Parameters, rows: Ints, drift: Drift) -> Iterator[tuple[Ints, Factors]]:
    """Yield some positions in ``rows`` at a time, all of one campaign, with its factors."""
    campaigns = p.campaign[rows]
    for campaign in np.unique(campaigns):
        places = np.flatnonzero(campaigns == campaign)
        factors = drift.factors(int(p.currency[rows[places[0]]]), int(campaign))
        for start in range(0, len(places), _AT_ONCE):
            yield places[start : start + _AT_ONCE], factors


def _draw_row(
    p: Parameters, rng: np.random.Generator, drift: Factors, into: npt.NDArray[np.float32]
) -> None:
    """Write clicks, spend, orders and sales, (4, n), where a draw has any."""
    hit, clicks = _clicks(float(p.clicks[0]), rng, drift)
    rate = rng.beta(p.alpha[0], p.beta[0], len(hit)) * drift.conversion[hit]
    orders = rng.binomial(clicks, np.minimum(rate, 1.0))
    if p.surplus[0]:
        orders = orders + rng.poisson(orders * p.surplus[0])
    cost = _lognormal(rng, p.cpc_deviation[0], len(hit)) * drift.cost[hit]
    into[0, hit], into[1, hit], into[2, hit] = clicks, clicks * cost * p.cpc[0], orders
    if np.isnan(p.order_value[0]):
        into[3] = np.nan
        return
    sold = np.flatnonzero(orders)
    hit, orders = hit[sold], orders[sold]
    level = p.order_value[0] * _lognormal(rng, p.order_value_deviation[0], len(hit))
    shape = p.orders_shape[0]
    into[3, hit] = level * drift.value[hit] * rng.standard_gamma(orders * shape) / shape


def _clicks(mean: float, rng: np.random.Generator, drift: Factors) -> tuple[Ints, Ints]:
    """Return which draws have clicks, and how many: gamma-Poisson ones."""
    n = len(drift.volume)
    if mean < _FEW:
        return _few_clicks(mean, rng.random(n), drift)
    clicks = rng.poisson(rng.standard_gamma(mean, n) * drift.volume)
    hit = np.flatnonzero(clicks)
    return hit, clicks[hit]


def _few_clicks(mean: float, left: Floats, drift: Factors) -> tuple[Ints, Ints]:
    """Return the same from uniform numbers: gamma-Poisson ones are negative binomial.

    Only the draws go on that have more clicks than were counted so far.
    """
    none = np.exp(-np.float32(mean) * drift.log_more)
    hit = np.flatnonzero(left >= none)
    ratio = (drift.volume / (1 + drift.volume))[hit]
    chance = none[hit].astype(np.float64)  # of as many clicks as were counted
    going, left, counts = np.arange(len(hit)), left[hit] - chance, np.zeros(len(hit), np.int64)
    more = 0
    while len(going) and chance.max() > 0:
        counts[going] += 1
        chance = chance * ratio * ((mean + more) / (more + 1))
        more += 1
        further = np.flatnonzero(left >= chance)
        going, ratio, chance = going[further], ratio[further], chance[further]
        left = left[further] - chance
    return hit, counts


def _lognormal(rng: np.random.Generator, deviation: float, n: int) -> Floats:
    """Return factors with mean 1."""
    return np.exp(deviation * rng.standard_normal(n) - deviation**2 / 2)
