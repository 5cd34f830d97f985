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
    def orders_shape(self) -> Floats:
        """The shape of the gamma value of one order: the sum of m of them has m times as much."""
        shape: Floats = 1 / np.expm1(np.maximum(self.order_noise, 0.02) ** 2)
        return shape

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
