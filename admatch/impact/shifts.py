"""New percentages of placements: what they leave of the clicks and spend of a campaign's rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from admatch.arrays import Floats, Ints
from admatch.impact.beta import Beta
from admatch.impact.changes import Change
from admatch.impact.elasticities import FARTHEST, Elasticities
from admatch.impact.placements import SalesShares

_STREAM = 7  # of random numbers


@dataclass(frozen=True, slots=True)
class Shift:
    """A placement that gets another percentage: the rows of its campaign, its shares of them.

    ``log_bid`` is the logarithm of the new bid there over the old one. ``number`` is that of its
    change, for its random numbers.
    """

    number: int
    rows: Ints
    spend_share: float
    sales: SalesShares
    log_bid: float

    @classmethod
    def of(cls, number: int, change: Change, rows: Ints, known: pl.DataFrame) -> "Shift":
        """Return the shift that a change makes; ``known`` is its one line of ``placements``."""
        before = known["percentage"][0] if change.before is None else change.before
        ratio = np.log((1 + (change.setting or 0.0) / 100) / (1 + before / 100))
        share = float(known["spend_share"][0])
        return cls(
            number, rows, share, SalesShares.of(known), float(np.clip(ratio, -FARTHEST, FARTHEST))
        )

    def sales_share(self, seed: int, n: int) -> Floats:
        """Return n draws of the share of its campaign's sales that the placement brings."""
        rng = np.random.default_rng((seed, _STREAM, self.number))
        rate: Beta = self.sales.rate
        drawn: Floats = rng.beta(rate.a, rate.b, (n, 1))[:, 0] * self.sales.per_rate
        return np.minimum(drawn, 1.0)


def left_by(
    shifts: Sequence[Shift], rows: Ints, bids: Elasticities, seed: int
) -> tuple[Floats, Floats]:
    """Return what is left of the sales and of the spend of some rows, each (n, rows).

    Shares of a campaign's placements add up, so its shifts do, too.
    """
    n = len(bids.volume)
    volume, cost = np.ones((n, len(rows))), np.ones((n, len(rows)))
    for one in shifts:
        own = np.isin(rows, one.rows)
        if not own.any():
            continue
        clicks = np.exp(bids.volume * one.log_bid)
        spend = np.exp((bids.volume + bids.cost) * one.log_bid)
        volume[:, own] += (one.sales_share(seed, n) * (clicks - 1))[:, None]
        cost[:, own] += (one.spend_share * (spend - 1))[:, None]
    return volume.clip(0), cost.clip(0)
