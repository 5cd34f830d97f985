"""Posterior-predictive draws of what each row will bring in the period to come."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admatch.impact.drift import Drift
from admatch.impact.parameters import Parameters
from admatch.tables.threads import at_once

Draw = npt.NDArray[np.float32]
_BLOCK = 256  # rows that share a stream of chance
_ROWS = 3


@dataclass(frozen=True)
class Draws:
    """Float32 arrays (n, rows): clicks, spend, orders and sales of a period as long as the report.

    Sales are NaN where the report tells none.
    """

    clicks: Draw
    spend: Draw
    orders: Draw
    sales: Draw

    @property
    def n(self) -> int:
        """Number of draws."""
        return len(self.clicks)

    def take(self, columns: npt.NDArray[np.integer]) -> "Draws":
        """Return the draws of some rows."""
        chosen = (one[:, columns] for one in (self.clicks, self.spend, self.orders, self.sales))
        return Draws(*chosen)


def draw(parameters: Parameters, n: int, seed: int, rows: npt.NDArray[np.int64]) -> Draws:
    """Return n draws of the given ``rows`` (ascending numbers).

    A row's draws depend on seed, n and its number only, not on which others are asked for.
    """
    drift = Drift(seed, n)

    def drawn(block: int, wanted: npt.NDArray[np.int64]) -> Draws:
        part = parameters.take(slice(block * _BLOCK, (block + 1) * _BLOCK))
        rng = np.random.default_rng((seed, _ROWS, block))
        return _draw_block(part, rng, drift).take(wanted)

    parts = [_empty(n), *at_once(drawn, _blocks(rows))]
    names = ("clicks", "spend", "orders", "sales")
    return Draws(*(np.concatenate([getattr(one, name) for one in parts], axis=1) for name in names))


def _blocks(rows: npt.NDArray[np.int64]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    blocks = rows // _BLOCK
    for block in np.unique(blocks):
        yield int(block), rows[blocks == block] % _BLOCK


def _draw_block(p: Parameters, rng: np.random.Generator, drift: Drift) -> Draws:
    size = (drift.n, len(p))
    volume, conversion, value, cost = drift.factors(p.currency, p.campaign)
    clicks = rng.poisson(rng.standard_gamma(np.maximum(p.clicks, 1e-9), size) * volume)
    rate = np.clip(rng.beta(p.alpha, p.beta, size) * conversion, 0.0, 1.0)
    converted = rng.binomial(clicks, rate)
    # no chance is drawn for a mean of nothing, so that leaving it out changes no other draw
    orders = converted + rng.poisson(converted * p.surplus) if p.surplus.any() else converted
    cpc = p.cpc * _lognormal(rng, p.cpc_deviation, size) * cost
    level = p.order_value * _lognormal(rng, p.order_value_deviation, size) * value
    # the sum of m orders of one spread is gamma, with a shape that grows with m
    narrow = 1 / np.expm1(np.maximum(p.order_noise, 0.02) ** 2)
    sales = level * rng.standard_gamma(orders * narrow) / narrow
    as_float = (one.astype(np.float32) for one in (clicks, clicks * cpc, orders, sales))
    return Draws(*as_float)


def _lognormal(
    rng: np.random.Generator, deviation: npt.NDArray[np.float64], size: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Return factors with mean 1."""
    return np.exp(deviation * rng.standard_normal(size) - deviation**2 / 2)


def _empty(n: int) -> Draws:
    return Draws(*(np.empty((n, 0), np.float32) for _ in range(4)))
