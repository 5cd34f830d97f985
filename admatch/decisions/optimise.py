"""The set of changes that pays best within limits: ``choose``, and its ``frontier``."""

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import linprog

from admatch.arrays import Floats, Mask
from admatch.impact.interval import DEVIATIONS

_POINTS = 40
_NODES, _WORK = 64, 8000  # of branch and bound: relaxations solved, and relaxations × units
_MANY = 50_000  # units: 200,000 take the interior point method 4 s, the simplex method 16
_GAP = 1e-3  # share of profit that may be left over


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
    nearest: bool = False,
) -> Chosen:
    """Return the units of most expected profit; ``spend`` and ``sales`` are those without them.

    There are three caps: spend at most what sales allow, ``target_acos`` of those without the units
    and ``sales_allowed`` for what they change; ``net_risk`` at most ``most_at_risk`` of sales; at
    most ``most_changes`` units. Where no set reaches the target, the set of most gain is returned,
    or the ``nearest`` to the target.
    """
    if units.is_empty():
        return Chosen((), spend <= target_acos * sales)
    profit = units["gain"].to_numpy()
    slack = (units["sales_allowed"] + units["spend_freed"]).to_numpy()
    risk, needed = units["net_risk"].to_numpy(), spend - target_acos * sales
    taken = _solve(profit, slack, risk, needed, most_at_risk * sales, most_changes)
    reached = taken is not None
    if taken is None:
        wanted = slack if nearest else profit
        taken = _solve(wanted, slack, risk, -np.inf, most_at_risk * sales, most_changes)
    if taken is None:
        return Chosen((), False)
    return Chosen(tuple(units["unit"].filter(pl.Series(taken)).to_list()), reached)


@dataclass(frozen=True, slots=True)
class _Programme:
    """Most ``profit`` under limits: each row of ``weights`` may not exceed its ``most``."""

    profit: Floats
    weights: Floats
    most: Floats

    def fits(self, taken: Mask) -> bool:
        """Return whether the units taken keep every limit."""
        return bool((self.weights[:, taken].sum(axis=1) <= self.most + 1e-9).all())

    def relaxed(self, low: Floats, high: Floats) -> Floats | None:
        """Return the best shares of the units between two bounds, or None where nothing fits."""
        bounds = np.column_stack([low, high])
        method = "highs-ipm" if len(self.profit) > _MANY else "highs"
        solved = linprog(-self.profit, self.weights, self.most, bounds=bounds, method=method)
        shares: Floats = solved.x
        return shares if solved.status == 0 else None

    def best(self) -> Mask | None:
        """Return which units to take by branch and bound, or None where no set fits.

        A relaxed solution breaks no more units than there are limits, so few branches are needed;
        after ``_NODES`` of them the best set so far is returned. (scipy's ``milp`` would write
        lines of its solver to stdout.)
        """
        best: Mask | None = None
        nodes = [(np.zeros(len(self.profit)), np.ones(len(self.profit)))]
        for _ in range(int(np.clip(_WORK // len(self.profit), 4, _NODES))):
            if not nodes:
                break
            low, high = nodes.pop()
            shares = self.relaxed(low, high)
            profit = self._profit(best)
            if shares is None or self.profit @ shares <= profit + _GAP * abs(profit):
                continue
            for rounded in _roundings(shares):
                if self.fits(rounded) and self._profit(rounded) > self._profit(best):
                    best = rounded
            unit = int(np.abs(shares - 0.5).argmin())
            if 1e-6 < shares[unit] < 1 - 1e-6:
                without, with_it = high.copy(), low.copy()
                without[unit], with_it[unit] = 0.0, 1.0
                nodes += [(low, without), (with_it, high)]
        return best

    def _profit(self, taken: Mask | None) -> float:
        return -1e18 if taken is None else float(self.profit[taken].sum())


def _roundings(shares: Floats) -> Iterator[Mask]:
    """Yield the whole units, alone and with every combination of the first few broken ones."""
    whole: Mask = shares > 1 - 1e-6
    broken = np.flatnonzero(~whole & (shares > 1e-6))[:4]
    for choice in itertools.product((False, True), repeat=len(broken)):
        taken = whole.copy()
        taken[broken] = choice
        yield taken


def _solve(
    profit: Floats, slack: Floats, risk: Floats, needed: float, cap: float, most: int | None
) -> Mask | None:
    """Return which units to take, or None where no set fits."""
    # A change that loses profit is still a candidate: the target may need it.
    # Every row is scaled to the size of 1, as the solver's tolerances require.
    weights, limits = [], list[float]()
    if np.isfinite(cap):
        weights.append(risk / _size(risk))
        limits.append(max(cap, 0.0) / _size(risk))
    if np.isfinite(needed):
        weights.append(-slack / _size(slack))
        limits.append(-needed / _size(slack))
    if most is not None:
        weights.append(np.ones(len(profit)))
        limits.append(float(most))
    if not weights:
        return profit > 0
    return _Programme(profit / _size(profit), np.array(weights), np.array(limits)).best()


def _size(values: Floats) -> float:
    return max(float(np.abs(values).max()), 1e-9)


def frontier(
    units: pl.DataFrame,
    chosen: Collection[int],
    spend: float,
    sales: float,
    *,
    deviation: float,
) -> pl.DataFrame:
    """Return ACOS against sales kept: the set that pays most at each risk, and ``chosen`` itself.

    Columns: changes, spend, sales, sales_kept (share), acos, acos_low, acos_high (80 %), gain,
    net_risk. The first line is without any change. Changes that spend more are in every other line
    where they are among ``chosen``, else in none: a line tells what the others do for ACOS.
    ``deviation`` is that of the logarithm of the account's ACOS. There are at most ``_POINTS``
    lines.
    """
    taken = pl.col("unit").is_in(list(chosen))
    raised = units.filter(taken & (pl.col("spend_freed") <= 0))
    lowering = _by_worth(units.filter(pl.col("spend_freed") > 0))
    steps = np.unique(np.linspace(0, lowering.height, _POINTS - 2).round().astype(int))
    along = {
        name: (float(raised[name].sum()) + _running_sum(lowering[name].to_numpy()))[steps]
        for name in _SUMMED
    }
    along["changes"] = steps + raised.height
    best = units.filter(taken)
    own = {name: float(best[name].sum()) for name in _SUMMED} | {"changes": best.height}
    nothing = dict.fromkeys(along, 0.0)
    lines = {
        name: np.concatenate([[nothing[name]], values, [own[name]]])
        for name, values in along.items()
    }
    points = pl.DataFrame(lines).with_columns(pl.col("changes").cast(pl.Int64))
    # The chosen set may be one of the steps, and the first step may be without any change.
    same = pl.struct("changes", pl.col("spend_freed", "sales_change").round(6))
    points = points.filter(same.is_last_distinct())
    first, others = points.filter(pl.col("changes") == 0), points.filter(pl.col("changes") > 0)
    ordered = others.sort("sales_change", "spend_freed", descending=[True, False])
    return _figures(pl.concat([first, ordered]), spend, sales, deviation)


_SUMMED = ("spend_freed", "sales_change", "gain", "net_risk")


def _by_worth(units: pl.DataFrame) -> pl.DataFrame:
    """Return the units that some set needs: first by profit for their risk, the most first.

    What loses profit follows, by the profit lost for each step towards the target.
    """
    slack = pl.col("sales_allowed") + pl.col("spend_freed")
    gains = pl.col("gain") > 0
    useful = units.filter(gains | (slack > 0))
    return useful.sort(
        gains,
        pl.col("gain") / pl.when(gains).then("net_risk").otherwise(slack).clip(1e-12),
        "unit",
        descending=[True, True, False],
    )


def _running_sum(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


def _figures(points: pl.DataFrame, spend: float, sales: float, deviation: float) -> pl.DataFrame:
    """Return the figures of the account at each point."""
    spend_left = spend - points["spend_freed"].to_numpy()
    sales_left = sales + points["sales_change"].to_numpy()
    wide = np.exp(DEVIATIONS * deviation)
    with np.errstate(divide="ignore", invalid="ignore"):
        acos = np.where(sales_left > 0, spend_left / sales_left, np.nan)
        share = np.where(sales > 0, sales_left / sales, np.nan)
    return pl.DataFrame(
        {
            "changes": points["changes"],
            "spend": spend_left,
            "sales": sales_left,
            "sales_kept": share,
            "acos": acos,
            "acos_low": acos / wide,
            "acos_high": acos * wide,
            "gain": points["gain"],
            "net_risk": points["net_risk"],
        }
    )
