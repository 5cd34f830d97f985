"""What moves together: a campaign's and an account's days are not alike from period to period."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# Deviations of logarithms from one period to the next (volume, conversion, order value, cost per
# click), for an account and for a campaign beside it. Assumed, not fitted: season, stock, prices
# and rivals; tests/benchmarks/time_split.py tells how the intervals that come of them cover.
ACCOUNT = (0.20, 0.08, 0.05, 0.05)
CAMPAIGN = (0.30, 0.12, 0.08, 0.08)
_ACCOUNTS, _CAMPAIGNS = 1, 2  # streams of chance


@dataclass(frozen=True)
class Drift:
    """Factors of ``n`` draws with mean 1, the same for every row of a campaign."""

    seed: int
    n: int

    def factors(self, currency: Ints, campaign: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the factors of volume, conversion, order value and cost per click, (n, rows)."""
        account = self._spread(_ACCOUNTS, currency, ACCOUNT)
        own = self._spread(_CAMPAIGNS, campaign, CAMPAIGN)
        volume, conversion, value, cost = account * own
        return volume, conversion, value, cost

    def _spread(self, stream: int, group: Ints, deviations: tuple[float, ...]) -> Floats:
        """Return (4, n, rows): each group has a stream of its own, whatever others there are."""
        distinct, place = np.unique(group, return_inverse=True)
        wide = np.array(deviations)[:, None, None]
        chance = np.stack(
            [
                np.random.default_rng((self.seed, stream, int(one))).normal(size=(4, self.n))
                for one in distinct
            ],
            axis=2,
        )
        factors: Floats = np.exp(wide * chance - wide**2 / 2)[:, :, place]
        return factors
