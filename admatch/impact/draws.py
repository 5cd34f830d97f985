"""Posterior-predictive draws of what each row will bring in the coming period: ``draw``."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admatch.arrays import Floats, Floats32, Ints
from admatch.impact.drift import Drift
from admatch.impact.parameters import Parameters
from admatch.tables.threads import at_once

_BLOCK = 256  # rows that share a stream of random numbers
_ROWS = 3


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

    def take(self, columns: npt.NDArray[np.integer]) -> "Draws":
        """Return the draws of some rows."""
        chosen = (one[:, columns] for one in (self.clicks, self.spend, self.orders, self.sales))
        return Draws(*chosen)


def draw(parameters: Parameters, n: int, seed: int, rows: Ints) -> Draws:
    """Return n draws of the given ``rows`` (ascending numbers).

    A row's draws depend only on seed, n and its number, not on which other rows are drawn.
    """
    drift = Drift(seed, n)

    def drawn(block: int, inside: Ints) -> Draws:
        part = parameters.take(slice(block * _BLOCK, (block + 1) * _BLOCK))
        rng = np.random.default_rng((seed, _ROWS, block))
        return _draw_block(part, rng, drift).take(inside)

    parts = [_empty(n), *at_once(drawn, _blocks(rows))]
    names = ("clicks", "spend", "orders", "sales")
    return Draws(*(np.concatenate([getattr(one, name) for one in parts], axis=1) for name in names))


def _blocks(rows: Ints) -> Iterator[tuple[int, Ints]]:
    blocks = rows // _BLOCK
    for block in np.unique(blocks):
        yield int(block), rows[blocks == block] % _BLOCK


def _draw_block(p: Parameters, rng: np.random.Generator, drift: Drift) -> Draws:
    size = (drift.n, len(p))
    volume, conversion, value, cost = drift.factors(p.currency, p.campaign)
    clicks = rng.poisson(rng.standard_gamma(np.maximum(p.clicks, 1e-9), size) * volume)
    rate = np.clip(rng.beta(p.alpha, p.beta, size) * conversion, 0.0, 1.0)
    converted = rng.binomial(clicks, rate)
    # nothing is drawn for a mean of zero, so that leaving it out changes no other draw
    orders = converted + rng.poisson(converted * p.surplus) if p.surplus.any() else converted
    cpc = p.cpc * _lognormal(rng, p.cpc_deviation, size) * cost
    level = p.order_value * _lognormal(rng, p.order_value_deviation, size) * value
    # the sum of m orders of one spread is gamma, with a shape that grows with m
    narrow = 1 / np.expm1(np.maximum(p.order_noise, 0.02) ** 2)
    sales = level * rng.standard_gamma(orders * narrow) / narrow
    as_float = (one.astype(np.float32) for one in (clicks, clicks * cpc, orders, sales))
    return Draws(*as_float)


def _lognormal(rng: np.random.Generator, deviation: Floats, size: tuple[int, int]) -> Floats:
    """Return factors with mean 1."""
    return np.exp(deviation * rng.standard_normal(size) - deviation**2 / 2)


def _empty(n: int) -> Draws:
    return Draws(*(np.empty((n, 0), np.float32) for _ in range(4)))
