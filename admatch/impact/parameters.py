"""The distributions of every row's conversion, order value, cost per click and volume."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from admatch.arrays import Floats, Ints


@dataclass(frozen=True)
class Parameters:
    """Arrays, one entry a row; ``currency`` and ``campaign`` are numbers of groups that drift.

    Volume is gamma (``clicks``, its mean, is its shape), conversion beta (``alpha``, ``beta``),
    cost per click and order value lognormal about their means. ``order_noise`` is the deviation of
    a single order's logarithm, ``surplus`` the orders beyond one a click, as a share of those.
    """

    clicks: Floats
    alpha: Floats
    beta: Floats
    surplus: Floats
    order_value: Floats
    order_value_deviation: Floats
    order_noise: Floats
    cpc: Floats
    cpc_deviation: Floats
    promoted: Floats  # share of sales that fall on the advertised product; NaN where unknown
    currency: Ints
    campaign: Ints

    def __len__(self) -> int:
        return len(self.clicks)

    @property
    def cvr(self) -> Floats:
        """Mean conversion rate."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def orders_a_click(self) -> Floats:
        """Mean orders of a click, those beyond one included."""
        return self.cvr * (1 + self.surplus)

    def take(self, rows: npt.NDArray[np.integer] | slice) -> "Parameters":
        """Return the entries of some rows."""
        return Parameters(*(getattr(self, one.name)[rows] for one in fields(self)))

    def joined(self, other: "Parameters") -> "Parameters":
        """Return both, one after the other."""
        pairs = ((getattr(self, one.name), getattr(other, one.name)) for one in fields(self))
        return Parameters(*(np.concatenate(pair) for pair in pairs))

    def as_one(self, campaign: int) -> "Parameters":
        """Return one entry that stands for all: their volume, average conversion and amounts."""
        orders = self.clicks * self.orders_a_click
        strength = float((self.alpha + self.beta).sum())
        rate = float(np.clip(_average(self.cvr, self.clicks), 1e-9, 1 - 1e-9))
        small = 1 / np.sqrt(len(self))
        return Parameters(
            clicks=self.clicks.sum(keepdims=True),
            alpha=np.array([rate * strength]),
            beta=np.array([(1 - rate) * strength]),
            surplus=self.surplus[:1],
            order_value=np.array([_average(self.order_value, orders)]),
            order_value_deviation=small * self.order_value_deviation.mean(keepdims=True),
            order_noise=self.order_noise.mean(keepdims=True),
            cpc=np.array([_average(self.cpc, self.clicks)]),
            cpc_deviation=small * self.cpc_deviation.mean(keepdims=True),
            promoted=np.array([_average(self.promoted, orders)]),
            currency=self.currency[:1],
            campaign=np.array([campaign]),
        )


def _average(values: Floats, weights: Floats) -> float:
    total = weights.sum()
    return float((values * weights).sum() / total) if total > 0 else float(values.mean())
