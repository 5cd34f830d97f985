"""How campaigns and accounts move as a whole from one period to the next: ``Drift``."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from admatch.arrays import Floats, Floats32

# Deviations of logarithms from one period to the next (volume, conversion, order value, cost per
# click), for an account and on top of it for a campaign. They stand for season, stock, prices and
# rivals, and are assumed, not fitted; tests/benchmarks/time_split.py measures how well the
# resulting intervals cover.
ACCOUNT = (0.20, 0.08, 0.05, 0.05)
CAMPAIGN = (0.30, 0.12, 0.08, 0.08)
_ACCOUNTS, _CAMPAIGNS = 1, 2  # streams of random numbers
_KEPT = 500  # campaigns whose factors are kept, 64 kB each


@dataclass(frozen=True)
class Factors:
    """Arrays (n,) of factors with mean 1, shared by every row of a campaign."""

    volume: Floats
    conversion: Floats
    value: Floats
    cost: Floats

    @cached_property
    def log_more(self) -> Floats32:
        """The logarithm of 1 + volume."""
        return np.log1p(self.volume).astype(np.float32)


@dataclass(frozen=True)
class Drift:
    """Factors of ``n`` draws; each account and campaign has its own stream of random numbers."""

    seed: int
    n: int
    _accounts: dict[int, Floats] = field(default_factory=dict, compare=False)
    _campaigns: dict[tuple[int, int], Factors] = field(default_factory=dict, compare=False)

    def factors(self, currency: int, campaign: int) -> Factors:
        """Return the factors of a campaign, whatever other campaigns there are."""
        if currency not in self._accounts:
            self._accounts[currency] = self._spread(_ACCOUNTS, currency, ACCOUNT)
        place = currency, campaign
        if place not in self._campaigns:
            own = self._accounts[currency] * self._spread(_CAMPAIGNS, campaign, CAMPAIGN)
            if len(self._campaigns) >= _KEPT:
                self._campaigns.clear()
            self._campaigns[place] = Factors(*own)
        return self._campaigns[place]

    def _spread(self, stream: int, group: int, deviations: tuple[float, ...]) -> Floats:
        """Return (4, n)."""
        rng = np.random.default_rng((self.seed, stream, group))
        wide = np.array(deviations)[:, None]
        factors: Floats = np.exp(wide * rng.normal(size=(4, self.n)) - wide**2 / 2)
        return factors
