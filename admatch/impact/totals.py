"""What all rows of a currency bring in a period: ``Totals``."""

from dataclasses import dataclass, fields

import numpy as np

from admatch.arrays import Floats, Mask
from admatch.impact.draws import Draws
from admatch.impact.parameters import Parameters


@dataclass(frozen=True)
class Totals:
    """Arrays (n,) of one currency: what all its rows bring in a period."""

    spend: Floats
    orders: Floats
    sales: Floats
    promoted: Floats

    def plus(self, other: "Totals", times: float = 1.0) -> "Totals":
        """Return these sums plus ``times`` the other ones."""
        return Totals(
            self.spend + times * other.spend,
            self.orders + times * other.orders,
            self.sales + times * other.sales,
            self.promoted + times * other.promoted,
        )

    def with_means_of(self, whole: "Totals", less: "Totals") -> "Totals":
        """Return these sums, scaled so that their means are those of ``whole`` less the other."""
        names = [one.name for one in fields(self)]
        own = [(getattr(self, name), getattr(whole, name) - getattr(less, name)) for name in names]
        return Totals(*(to_mean(drawn, float(wanted.mean())) for drawn, wanted in own))

    @classmethod
    def nothing(cls, n: int) -> "Totals":
        """Return n draws of zero."""
        return cls(*(np.zeros(n) for _ in range(4)))


def totals(draws: Draws, parameters: Parameters, among: Mask) -> dict[int, Totals]:
    """Return the sums over the rows ``among`` which are meant, by currency number."""
    sums = {}
    for number in np.unique(parameters.currency[among]):
        own = among & (parameters.currency == number)
        spend, orders, sales = (
            one.T[own].sum(axis=0, dtype=np.float64)
            for one in (draws.spend, draws.orders, draws.sales)
        )
        promoted = parameters.promoted[own] @ draws.sales.T[own]
        sums[int(number)] = Totals(spend, orders, sales, promoted)
    return sums


def to_mean(drawn: Floats, mean: float) -> Floats:
    """Return draws of something positive, scaled so that ``mean`` is theirs."""
    now = float(drawn.mean())
    return drawn * max(mean / now, 0.0) if now > 0 else drawn
