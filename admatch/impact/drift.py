"""How campaigns and accounts move as a whole from one period to the next: ``Drift``."""

from dataclasses import dataclass

import numpy as np

from admatch.arrays import Floats, Ints

# Deviations of logarithms from one period to the next (volume, conversion, order value, cost per
# click), for an account and on top of it for a campaign. They stand for season, stock, prices and
# rivals, and are assumed, not fitted; tests/benchmarks/time_split.py measures how well the
# resulting intervals cover.
ACCOUNT = (0.20, 0.08, 0.05, 0.05)
CAMPAIGN = (0.30, 0.12, 0.08, 0.08)
_ACCOUNTS, _CAMPAIGNS = 1, 2  # streams of random numbers


@dataclass(frozen=True)
class Drift:
    """Factors with mean 1 of ``n`` draws, shared by every row of a campaign."""

    seed: int
    n: int

    def factors(self, currency: Ints, campaign: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the factors of volume, conversion, order value and cost per click, (n, rows)."""
        account = self._spread(_ACCOUNTS, currency, ACCOUNT)
        own = self._spread(_CAMPAIGNS, campaign, CAMPAIGN)
        volume, conversion, value, cost = account * own
        return volume, conversion, value, cost

    def _spread(self, stream: int, group: Ints, deviations: tuple[float, ...]) -> Floats:
        """Return (4, n, rows): each group has its own stream, whatever other groups there are."""
        distinct, number = np.unique(group, return_inverse=True)
        wide = np.array(deviations)[:, None, None]
        drawn = np.stack(
            [
                np.random.default_rng((self.seed, stream, int(one))).normal(size=(4, self.n))
                for one in distinct
            ],
            axis=2,
        )
        factors: Floats = np.exp(wide * drawn - wide**2 / 2)[:, :, number]
        return factors
