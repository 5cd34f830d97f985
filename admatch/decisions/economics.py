"""How many more clicks would decide about a term, from its beta posterior."""

import numpy as np

from admatch.arrays import Floats, Mask
from admatch.impact.beta import Beta
from admatch.impact.interval import DEVIATIONS

MOST_CLICKS = 2**14  # further clicks that are still shown as a number


def clicks_until_sure(posterior: Beta, rate: Floats, certainty: Floats) -> Floats:
    """Return how many more clicks without an order bring P(above ``rate``) below ``certainty``.

    0 where it is there already, infinite beyond ``MOST_CLICKS``.
    """
    most = np.full_like(rate, float(MOST_CLICKS))
    already = _sure(posterior, rate, certainty, np.zeros_like(rate))
    never = ~_sure(posterior, rate, certainty, most)
    needed = np.where(already, 0.0, np.where(never, np.inf, most))
    open_ = ~(already | never)  # the only ones that are searched
    beta, limit, bound = posterior.take(open_), rate[open_], certainty[open_]
    low, high = np.zeros_like(limit), most[open_]
    for _ in range(15):
        middle = np.floor((low + high) / 2)
        enough = _sure(beta, limit, bound, middle)
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    needed[open_] = high
    return needed


def _sure(posterior: Beta, rate: Floats, certainty: Floats, more: Floats) -> Mask:
    """Return whether so many clicks without an order would decide."""
    sure: Mask = Beta(posterior.a, posterior.b + more).above(rate) < certainty
    return sure


def clicks_until_distinct(posterior: Beta, rate: Floats) -> Floats:
    """Return how many more clicks at the same rate leave ``rate`` outside the 80 % interval.

    0 where it is outside already, infinite beyond ``MOST_CLICKS`` or where the two are equal.
    """
    mean, apart = posterior.mean, np.abs(posterior.mean - rate)
    with np.errstate(divide="ignore"):
        needed = DEVIATIONS**2 * mean * (1 - mean) / apart**2
    more = np.maximum(np.ceil(needed - posterior.a - posterior.b), 0.0)
    return np.where(more <= MOST_CLICKS, more, np.inf)
