"""The figures of one currency with their intervals, from draws."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admatch.impact.baseline import Totals

Floats = npt.NDArray[np.float64]
_LEVELS = (50, 80, 95)


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure's mean and the ranges that hold it with 50, 80 and 95 % probability.

    The mean of a ratio is the ratio of the means; without sales it is infinite.
    """

    mean: float
    low50: float
    high50: float
    low80: float
    high80: float
    low95: float
    high95: float

    @classmethod
    def of(cls, draws: Floats, mean: float | None = None) -> "Interval":
        """Return the interval of draws; ``mean`` where it is not theirs."""
        tails = [side for level in _LEVELS for side in (50 - level / 2, 50 + level / 2)]
        # "lower" keeps infinite draws from becoming NaN between two of them
        bounds = np.percentile(draws, tails, method="lower")
        return cls(float(draws.mean()) if mean is None else mean, *map(float, bounds))


@dataclass(frozen=True, slots=True)
class Figures:
    """One currency's figures in a period as long as the report; None is what cannot be told.

    ``acos_promoted`` counts the sales of the advertised products only.
    """

    spend: Interval
    orders: Interval
    sales: Interval | None
    acos: Interval | None
    acos_promoted: Interval | None
    tacos: Interval | None
    profit: Interval | None


@dataclass(frozen=True)
class Money:
    """What turns sales into profit and TACOS; None where it is not known."""

    margin: float | None
    total_sales: Mapping[str | None, float]


Drawn = dict[str, tuple[Floats, float]]  # draws of a figure, and its mean


def ratios(after: Totals, before: Totals, total: float | None, money: Money) -> Drawn:
    """Return draws and mean of every figure that can be told."""
    drawn: Drawn = {
        "spend": (after.spend, float(after.spend.mean())),
        "orders": (after.orders, float(after.orders.mean())),
    }
    if np.isnan(after.sales).any():
        return drawn
    drawn["sales"] = (after.sales, float(after.sales.mean()))
    drawn["acos"] = _ratio(after.spend, after.sales)
    if not np.isnan(after.promoted).any():
        drawn["acos_promoted"] = _ratio(after.spend, after.promoted)
    if total is not None:
        drawn["tacos"] = _ratio(after.spend, total + after.sales - before.sales)
    if money.margin is not None:
        profit = money.margin * after.sales - after.spend
        drawn["profit"] = (profit, float(profit.mean()))
    return drawn


def _ratio(spend: Floats, sales: Floats) -> tuple[Floats, float]:
    """Return spend over sales, infinite without sales and 0 where nothing is spent either."""
    earned, idle = sales > 0, (sales <= 0) & (spend <= 0)
    draws = np.full(len(spend), np.inf)
    with np.errstate(over="ignore"):
        np.divide(spend, sales, out=draws, where=earned)
    draws[idle] = 0.0
    with np.errstate(over="ignore"):
        mean = spend.mean() / sales.mean() if sales.mean() > 0 else float("inf")
    return draws, float(mean) if spend.mean() > 0 else 0.0


def differences(first: Drawn, second: Drawn) -> Drawn:
    """Return what the second draws add to the first, one by one."""
    found: Drawn = {}
    for name in first.keys() & second.keys():
        before, after = first[name], second[name]
        draws = np.zeros(len(before[0]))
        # infinite before and after is no difference
        np.subtract(after[0], before[0], out=draws, where=after[0] != before[0])
        mean = 0.0 if after[1] == before[1] else after[1] - before[1]
        found[name] = (draws, mean)
    return found


def figures(drawn: Drawn) -> Figures:
    """Return the intervals of draws; a figure without draws is None."""
    told = {name: Interval.of(*one) for name, one in drawn.items()}
    return Figures(
        told["spend"],
        told["orders"],
        *(told.get(name) for name in ("sales", "acos", "acos_promoted", "tacos", "profit")),
    )
