"""What a term's clicks are worth, from its beta posterior; arrays with an entry a row."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincinv

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
MOST_CLICKS = 2**14  # further clicks that are still told as a number


@dataclass(frozen=True, slots=True)
class Beta:
    """Posterior of orders a click: ``a`` orders and ``b`` clicks without, prior included."""

    a: Floats
    b: Floats

    @classmethod
    def of(cls, cvr: Floats, weight: Floats) -> "Beta":
        """Return the posteriors of mean ``cvr`` that are worth ``weight`` clicks."""
        mean = np.clip(cvr, 1e-7, 1 - 1e-7)
        worth = np.maximum(weight, 1e-3)
        return cls(mean * worth, (1 - mean) * worth)

    def take(self, places: Bools) -> "Beta":
        """Return the posteriors at ``places``."""
        return Beta(self.a[places], self.b[places])

    @property
    def mean(self) -> Floats:
        """Expected orders a click."""
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> Floats:
        """Variance of orders a click."""
        return self.mean * (1 - self.mean) / (self.a + self.b + 1)

    def above(self, rate: Floats) -> Floats:
        """Return the probability that orders a click exceed ``rate``."""
        return 1 - _inside(self.a, self.b, rate)

    def excess(self, rate: Floats) -> Floats:
        """Return the expected orders a click beyond ``rate``, counted as 0 below it."""
        beyond = self.mean * (1 - _inside(self.a + 1, self.b, rate)) - rate * self.above(rate)
        return np.maximum(beyond, 0.0)

    def quantile(self, share: float) -> Floats:
        """Return the rate that orders a click stay below with probability ``share``."""
        found: Floats = betaincinv(self.a, self.b, share)
        return found


def _inside(a: Floats, b: Floats, rate: Floats) -> Floats:
    found: Floats = betainc(a, b, np.clip(rate, 0.0, 1.0))
    return found


def clicks_until_sure(posterior: Beta, rate: Floats, certainty: Floats) -> Floats:
    """Return how many more clicks without an order bring P(above ``rate``) below ``certainty``.

    0 where it is there already, infinite beyond ``MOST_CLICKS``.
    """
    low, high = np.zeros_like(rate), np.full_like(rate, float(MOST_CLICKS))

    def sure(more: Floats) -> Bools:
        return Beta(posterior.a, posterior.b + more).above(rate) < certainty

    never, already = ~sure(high), sure(low)
    for _ in range(15):
        middle = np.floor((low + high) / 2)
        enough = sure(middle)
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    return np.where(already, 0.0, np.where(never, np.inf, high))


def clicks_until_told_apart(posterior: Beta, rate: Floats) -> Floats:
    """Return how many more clicks at the same rate leave ``rate`` outside the 80 % interval.

    0 where it is outside already, infinite beyond ``MOST_CLICKS`` or where the two are equal.
    """
    mean, apart = posterior.mean, np.abs(posterior.mean - rate)
    with np.errstate(divide="ignore"):
        wanted = 1.2816**2 * mean * (1 - mean) / apart**2
    more = np.maximum(np.ceil(wanted - posterior.a - posterior.b), 0.0)
    return np.where(more <= MOST_CLICKS, more, np.inf)
