"""The beta distribution of a conversion rate, before and after its clicks: ``Beta``."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betainc, betaincinv

from admatch.arrays import Floats, Mask


@dataclass(frozen=True, slots=True)
class Beta:
    """Distributions of orders a click: ``a`` orders and ``b`` clicks without one, prior included.

    Both are arrays with an entry a row.
    """

    a: Floats
    b: Floats

    @classmethod
    def of(cls, mean: Floats, worth: Floats) -> "Beta":
        """Return the distributions with these means that are worth so many clicks."""
        rate = np.clip(mean, 1e-7, 1 - 1e-7)
        clicks = np.maximum(worth, 1e-3)
        return cls(rate * clicks, (1 - rate) * clicks)

    @classmethod
    def after(
        cls, orders: Floats, clicks: Floats, mean: Floats, strength: float | Floats
    ) -> "Beta":
        """Return the posteriors after ``clicks`` with ``orders``, at most one order a click.

        The prior has this ``mean`` and is worth ``strength`` clicks. This is the only place where
        clicks and orders meet a prior.
        """
        rate = np.clip(mean, 1e-6, 1 - 1e-6)
        return cls(
            strength * rate + orders, strength * (1 - rate) + np.maximum(clicks - orders, 0.0)
        )

    def take(self, rows: Mask) -> "Beta":
        """Return the distributions of some rows."""
        return Beta(self.a[rows], self.b[rows])

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
        return 1 - _below(self.a, self.b, rate)

    def excess(self, rate: Floats) -> Floats:
        """Return the expected orders a click beyond ``rate``, counted as 0 below it."""
        beyond = self.mean * (1 - _below(self.a + 1, self.b, rate)) - rate * self.above(rate)
        return np.maximum(beyond, 0.0)

    def quantile(self, share: float) -> Floats:
        """Return the rate that orders a click stay below with probability ``share``."""
        a, b = (np.asarray(one, dtype=np.float64).tobytes() for one in (self.a, self.b))
        return _quantile(a, b, share)


@lru_cache(maxsize=8)  # rates do not depend on the target, which may be moved again and again
def _quantile(a: bytes, b: bytes, share: float) -> Floats:
    found: Floats = betaincinv(np.frombuffer(a), np.frombuffer(b), share)
    found.setflags(write=False)
    return found


def _below(a: Floats, b: Floats, rate: Floats) -> Floats:
    found: Floats = betainc(a, b, np.clip(rate, 0.0, 1.0))
    return found
