"""The set of changes that pays best within limits: ``choose``, and its ``frontier``."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp

from admatch.recommend.caps import UPPER, upper_sums

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
_POINTS = 40
_EXACT = (
    400  # units up to which whole numbers are asked for: beyond, rounding costs next to nothing
)
_ROUNDS = 8  # of a tighter linear cap, until the cap on the upper bound holds
# Without presolve: with it, HiGHS writes a line of its own to stdout for some sets.
_OPTIONS = {"time_limit": 10.0, "mip_rel_gap": 1e-4, "presolve": False}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The numbers of the units taken, and whether the target ACOS is expected to be reached."""

    units: tuple[int, ...]
    reached: bool


def choose(
    units: pl.DataFrame,
    spend: float,
    sales: float,
    *,
    target_acos: float,
    most_at_risk: float,
    most_changes: int | None,
) -> Chosen:
    """Return the units of most expected profit; ``spend`` and ``sales`` are those without them.

    Under three caps: spend over sales at most ``target_acos``; the upper bound of sales at risk at
    most ``most_at_risk`` of sales; ``most_changes`` units. A mixed integer programme; of more than
    ``_EXACT`` units its relaxation, rounded. Where no set reaches the target, the one of most
    profit is returned.
    """
    if units.is_empty():
        return Chosen((), spend <= target_acos * sales)
    profit = units["profit_gain"].to_numpy()
    slack = (target_acos * units["sales_change"] + units["spend_freed"]).to_numpy()
    risk, variance = units["sales_at_risk"].to_numpy(), units["risk_variance"].to_numpy()
    needed, cap = spend - target_acos * sales, most_at_risk * sales
    limit = cap
    for _ in range(_ROUNDS):
        taken = _solve(profit, slack, risk, needed, limit, most_changes)
        reached = taken is not None
        if taken is None:
            taken = _solve(profit, slack, risk, -np.inf, limit, most_changes)
        if taken is None:
            return Chosen((), False)
        upper = float(upper_sums(risk[taken], variance[taken])[-1]) if taken.any() else 0.0
        if upper <= cap * (1 + 1e-9):
            return Chosen(tuple(units["unit"].filter(pl.Series(taken)).to_list()), reached)
        limit = min(limit, float(risk[taken].sum())) * min(cap / upper, 0.98)
    return Chosen((), needed <= 0)


def _solve(
    profit: Floats, slack: Floats, risk: Floats, needed: float, cap: float, most: int | None
) -> Bools | None:
    """Return which units to take, or None where none will do."""
    # A change that loses profit is still a candidate: it may be what reaches the target.
    # Every row is brought to the size of 1, which the solver needs for its tolerances.
    scale, width = _size(profit), _size(risk)
    limits = [LinearConstraint(risk[None, :] / width, -np.inf, max(cap, 0.0) / width)]
    if np.isfinite(needed):
        depth = _size(slack)
        limits.append(LinearConstraint(slack[None, :] / depth, needed / depth, np.inf))
    if most is not None:
        limits.append(LinearConstraint(np.ones((1, len(profit))), 0, most))
    whole = len(profit) <= _EXACT
    found = milp(
        -profit / scale,
        constraints=limits,
        integrality=np.full(len(profit), int(whole)),
        bounds=Bounds(0, 1),
        options=_OPTIONS,
    )
    if found.x is None:
        return None
    # Of a relaxed solution as many units are broken as there are limits: they are left out, or
    # taken whole where the target would be missed without them.
    taken: Bools = found.x > (0.5 if whole else 1 - 1e-6)
    for unit in np.flatnonzero(~taken & (found.x > 1e-6)):
        short = float(slack[taken].sum()) < needed
        room = most is None or taken.sum() < most
        if short and slack[unit] > 0 and room and risk[taken].sum() + risk[unit] <= cap:
            taken[unit] = True
    return taken


def _size(values: Floats) -> float:
    return max(float(np.abs(values).max()), 1e-9)


def frontier(units: pl.DataFrame, spend: float, sales: float, deviation: float) -> pl.DataFrame:
    """Return ACOS against sales kept, as ever more changes are made, the best for their risk first.

    Columns: changes, spend, sales, sales_kept (share), acos, acos_low, acos_high (80 %), profit.
    ``deviation`` is the relative one of the account's sales. New bids upwards are left out: they
    cost no sales. At most ``_POINTS`` lines, the first without any change.
    """
    cutting = units.filter(pl.col("sales_change") <= 0)
    density = pl.col("profit_gain") / (pl.col("sales_at_risk") + 1e-9 * max(sales, 1.0))
    ordered = cutting.with_columns(density=density).sort(
        "density", "unit", descending=[True, False]
    )
    sums = {
        name: np.concatenate([[0.0], np.cumsum(ordered[name].to_numpy())])
        for name in ("spend_freed", "sales_change", "profit_gain")
    }
    places = np.unique(np.linspace(0, ordered.height, _POINTS).round().astype(int))
    kept_spend = spend - sums["spend_freed"][places]
    kept_sales = sales + sums["sales_change"][places]
    wide = np.exp(UPPER * deviation)
    with np.errstate(divide="ignore", invalid="ignore"):
        acos = np.where(kept_sales > 0, kept_spend / kept_sales, np.nan)
        share = np.where(sales > 0, kept_sales / sales, np.nan)
    return pl.DataFrame(
        {
            "changes": places,
            "spend": kept_spend,
            "sales": kept_sales,
            "sales_kept": share,
            "acos": acos,
            "acos_low": acos / wide,
            "acos_high": acos * wide,
            "profit": sums["profit_gain"][places],
        }
    )
