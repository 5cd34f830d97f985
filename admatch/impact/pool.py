"""Rows that no question singles out, drawn as one: ``Pool``."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from admatch.arrays import Floats, Ints
from admatch.impact.drift import Drift, Factors
from admatch.impact.parameters import Parameters
from admatch.impact.totals import Totals, to_mean

_POOLS = 4  # a stream of random numbers
_ROWS = -1  # the coefficient that counts rows


@dataclass(frozen=True)
class Pool:
    """Sums over rows by (currency, campaign), from which the moments of their totals follow.

    Given a draw of the factors that a campaign shares, its rows are independent. Means and
    (co)variances of spend, orders and sales then are polynomials in the factors, whose coefficients
    add up over rows (``_coefficients``).
    """

    sums: Mapping[tuple[int, int], Floats]

    @classmethod
    def of(cls, p: Parameters, rows: Ints) -> "Pool":
        """Return the pool of some rows."""
        p = p.take(rows)
        places, number = np.unique(np.stack([p.currency, p.campaign]), axis=1, return_inverse=True)
        added = [np.bincount(number, one, places.shape[1]) for one in _coefficients(p)]
        sums = zip(places.T.tolist(), np.stack(added, axis=1), strict=True)
        return cls({(currency, campaign): own for (currency, campaign), own in sums})

    def without(self, other: "Pool") -> "Pool":
        """Return the pool of the rows that the other one, a part of it, lacks."""
        left = {place: own - other.sums.get(place, 0.0) for place, own in self.sums.items()}
        return Pool({place: own for place, own in left.items() if own[_ROWS] > 0.5})

    def draw(self, drift: Drift) -> dict[int, Totals]:
        """Return draws of the totals of each currency number.

        Pools that differ by a few rows differ by little in each draw.
        """
        moments = dict[int, Floats]()
        for (currency, campaign), sums in self.sums.items():
            own = _moments(sums, drift.factors(currency, campaign))
            moments[currency] = moments.get(currency, 0.0) + own
        return {currency: _draw(own, currency, drift) for currency, own in moments.items()}


def _coefficients(p: Parameters) -> Floats:
    """Return the coefficients of each row, (19, rows): what ``_moments`` multiplies, and a one.

    Clicks N are gamma-Poisson, so E N = cv and E N(N-1) = c(c+1)v² at a volume factor v. Orders are
    those of a binomial at the rate kB with B beta, times 1 + surplus.
    """
    clicks, more = p.clicks, 1 + p.surplus
    square = p.cvr * (p.alpha + 1) / (p.alpha + p.beta + 1)  # E B²
    cost, value = np.exp(p.cpc_deviation**2), np.exp(p.order_value_deviation**2)  # E of squares
    orders = clicks * p.cvr * more
    single = clicks * p.cvr * (more**2 + p.surplus)
    pairs = clicks * (clicks + 1) * square * more**2
    sold = p.order_value**2 * value * (single + orders / p.orders_shape)
    sold_pairs = p.order_value**2 * (value * pairs - orders**2)
    means = [clicks * p.cpc, orders, orders * p.order_value, orders * p.order_value * p.promoted]
    of_factor = [
        p.cpc**2 * cost * clicks, single, sold, sold * p.promoted**2,
        p.cpc * orders, single * p.order_value, sold * p.promoted,
    ]  # fmt: skip
    of_square = [
        p.cpc**2 * (cost * clicks * (clicks + 1) - clicks**2), pairs - orders**2,
        sold_pairs, sold_pairs * p.promoted**2,
        p.cpc * orders, (pairs - orders**2) * p.order_value, sold_pairs * p.promoted,
    ]  # fmt: skip
    return np.stack([*means, *of_factor, *of_square, np.ones(len(p))])


def _moments(sums: Floats, drift: Factors) -> Floats:
    """Return (11, n): four means, four variances, and what each figure shares with the one before.

    Sums of coefficients are multiplied by factors and by their squares.
    """
    volume, value, cost = drift.volume, drift.value, drift.cost
    rate, both = volume * drift.conversion, cost * drift.conversion
    means = np.stack([cost * volume, rate, value * rate, value * rate])
    amounts = np.stack([cost**2, value**0, value**2, value**2, both, value, value**2])
    counts = np.stack([volume, rate, rate, rate, volume, rate, rate])
    squares = sums[11:18, None] * counts**2 + sums[4:11, None] * counts
    return np.concatenate([means * sums[:4, None], amounts * squares])


def _draw(moments: Floats, currency: int, drift: Drift) -> Totals:
    """Return totals with these moments: each given the one before."""
    normal = np.random.default_rng((drift.seed, _POOLS, currency)).standard_normal((4, drift.n))
    means, variances, shared = moments[:4], moments[4:8], moments[8:]
    drawn = [_gamma(means[0], variances[0], normal[0])]
    for at in range(1, 4):  # each given the one before
        slope = _over(shared[at - 1], variances[at - 1])
        mean = means[at] + slope * (drawn[-1] - means[at - 1])
        drawn.append(_gamma(mean, variances[at] - slope * shared[at - 1], normal[at]))
    return Totals(*(to_mean(one, float(m.mean())) for one, m in zip(drawn, means, strict=True)))


def _gamma(mean: Floats, variance: Floats, normal: Floats) -> Floats:
    """Return gamma numbers of these means and variances (Wilson and Hilferty's cube).

    Unlike a generator's, they move little where the moments do.
    """
    mean = np.where(mean < 0, 0.0, mean)
    part = np.maximum(_over(variance, mean**2), 0.0) / 9
    drawn: Floats = mean * np.maximum(1 - part + normal * np.sqrt(part), 0.0) ** 3
    return drawn


def _over(numerator: Floats, denominator: Floats) -> Floats:
    """Return a share, and 0 of nothing; what is unknown stays so."""
    nothing = np.where(np.isnan(numerator + denominator), np.nan, 0.0)
    np.divide(numerator, denominator, out=nothing, where=denominator > 1e-300)
    return nothing
