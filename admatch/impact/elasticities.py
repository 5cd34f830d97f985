"""How clicks and costs follow a bid: ``Elasticities``."""

from dataclasses import dataclass

import numpy as np

from admatch.arrays import Floats

# Powers of new bid over old: clicks, and cost per click. No account's own experiments are at hand,
# so the means are cautious and the deviations wide.
VOLUME_POWER, COST_POWER = (0.6, 0.35), (0.7, 0.2)
FARTHEST = np.log(4.0)  # no bid change counts as larger than four times
_STREAM = 4  # of random numbers


@dataclass(frozen=True)
class Elasticities:
    """Draws (n,) of the powers of new bid over old that clicks and cost per click follow."""

    volume: Floats
    cost: Floats

    @classmethod
    def drawn(cls, seed: int, n: int) -> "Elasticities":
        """Return n draws: no power is below zero, and none of cost is above one."""
        rng = np.random.default_rng((seed, _STREAM))
        volume, cost = (rng.normal(*power, size=n) for power in (VOLUME_POWER, COST_POWER))
        return cls(np.clip(volume, 0, None), np.clip(cost, 0, 1))
