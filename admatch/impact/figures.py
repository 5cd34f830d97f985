"""The figures of one currency with their intervals, from draws."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from admatch.arrays import Floats
from admatch.impact.interval import Interval as Interval  # for those who read figures
from admatch.impact.totals import Totals


@dataclass(frozen=True, slots=True)
class Figures:
    """One currency's figures in a period as long as the report; None where one is unknown.

    ``acos_promoted`` counts only the sales of the advertised products.
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
    """What turns sales into profit and TACOS; None where it is unknown."""

    margins: Mapping[str | None, float]  # by currency
    total_sales: Mapping[str | None, float]


Drawn = dict[str, tuple[Floats, float]]  # draws of a figure, and its mean


def ratios(after: Totals, before: Totals, currency: str | None, money: Money) -> Drawn:
    """Return draws and mean of every figure that is known."""
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
    total, margin = money.total_sales.get(currency), money.margins.get(currency)
    if total is not None:
        drawn["tacos"] = _ratio(after.spend, total + after.sales - before.sales)
    if margin is not None:
        profit = margin * after.sales - after.spend
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
    added: Drawn = {}
    for name in (one for one in first if one in second):
        before, after = first[name], second[name]
        draws = np.zeros(len(before[0]))
        # infinite before and after is no difference
        np.subtract(after[0], before[0], out=draws, where=after[0] != before[0])
        mean = 0.0 if after[1] == before[1] else after[1] - before[1]
        added[name] = (draws, mean)
    return added


def figures(drawn: Drawn) -> Figures:
    """Return the intervals of draws; a figure without draws is None."""
    known = {name: Interval.of(*one) for name, one in drawn.items()}
    return Figures(
        known["spend"],
        known["orders"],
        *(known.get(name) for name in ("sales", "acos", "acos_promoted", "tacos", "profit")),
    )
