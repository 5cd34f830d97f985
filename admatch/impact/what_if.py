"""``WhatIf``: an account before and after a change set, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.errors import InputError
from admatch.impact.changes import ChangeSet
from admatch.impact.ground import Ground, Totals
from admatch.impact.outcome import Delta, outcome
from admatch.impact.plan import BLAST_SCHEMA, Plan, Unknown, lay_out
from admatch.match.records import RETRIEVED

Floats = npt.NDArray[np.float64]
RHOS = (0.0, 0.25, 0.5, 0.75, 1.0)
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
class Outlook:
    """One currency before and after; ``difference`` is after less before, draw by draw.

    ``sales_at_risk`` are sales of blocked traffic that neither reappear (rho) nor are caught by a
    new keyword. ``break_even`` is the margin below which the change pays: spend saved over sales
    lost; None where no sales are lost. ``before_draws`` and ``after_draws`` are the draws
    themselves.
    """

    before: Figures
    after: Figures
    difference: Figures
    sales_at_risk: Interval | None
    break_even: Interval | None
    before_draws: Totals
    after_draws: Totals


@dataclass(frozen=True)
class WhatIf:
    """What a change set does, by currency (None where the report names none).

    ``blast_radius``: every row that each change touches, with its figures and the own product that
    its term retrieves. ``sensitivity``: ACOS, spend, sales and sales at risk after, over rho.
    ``unknown``: changes that the report gives no number for, with the reason; they count as
    changing nothing.
    """

    by_currency: Mapping[str | None, Outlook]
    rho: float
    blast_radius: pl.DataFrame
    sensitivity: pl.DataFrame
    unknown: tuple[Unknown, ...]

    @property
    def only(self) -> Outlook:
        """The outlook of an account with one currency; raises InputError where it has several."""
        if len(self.by_currency) != 1:
            names = ", ".join(str(name) for name in self.by_currency) or "none"
            raise InputError(
                f"the report has several currencies or none ({names}); look at by_currency"
            )
        return next(iter(self.by_currency.values()))

    @property
    def before(self) -> Figures:
        """Figures if nothing is changed."""
        return self.only.before

    @property
    def after(self) -> Figures:
        """Figures with the changes."""
        return self.only.after

    @property
    def difference(self) -> Figures:
        """After less before."""
        return self.only.difference

    @property
    def sales_at_risk(self) -> Interval | None:
        """Sales of blocked traffic that neither reappear nor are caught."""
        return self.only.sales_at_risk

    @property
    def break_even(self) -> Interval | None:
        """The margin below which the change pays."""
        return self.only.break_even


@dataclass(frozen=True)
class Money:
    """What turns sales into profit and TACOS; None where it is not known."""

    margin: float | None
    total_sales: Mapping[str | None, float]


def judge(
    ground: Ground,
    changes: ChangeSet,
    rho: float,
    margin: float | None,
    total_sales: float | Mapping[str | None, float] | None,
    n: int,
) -> WhatIf:
    """Return what the changes do; raises InputError for values out of range."""
    _check(rho, margin, n)
    money = Money(margin, _by_currency(total_sales, ground.currencies))
    plan = lay_out(ground, changes)
    deltas, before = outcome(ground, plan, n), ground.before(n)
    outlooks = {
        currency: _outlook(currency, before[currency], deltas.get(currency), rho, money)
        for currency in ground.currencies
    }
    sensitivity = [
        _sensitive(currency, one, before[currency], deltas.get(currency), money)
        for currency in ground.currencies
        for one in RHOS
    ]
    return WhatIf(outlooks, rho, _blast(plan), pl.DataFrame(sensitivity), tuple(plan.unknown))


def _check(rho: float, margin: float | None, n: int) -> None:
    if not 0 <= rho <= 1:
        raise InputError(f"rho is a share from 0 to 1, not {rho}")
    if margin is not None and not 0 < margin <= 1:
        raise InputError(f"margin is profit before advertising over sales, 0 to 1, not {margin}")
    if n < 1:
        raise InputError(f"at least one draw is needed, not {n}")


def _by_currency(
    total: float | Mapping[str | None, float] | None, currencies: list[str | None]
) -> Mapping[str | None, float]:
    if total is None:
        return {}
    if not isinstance(total, Mapping):
        if len(currencies) > 1:
            raise InputError("the report has several currencies; give total_sales of each by name")
        total = dict.fromkeys(currencies, total)
    wrong = [name for name, value in total.items() if not value > 0 or np.isinf(value)]
    if wrong:
        raise InputError(f"total_sales is an amount above zero, not {total[wrong[0]]}")
    return total


def _outlook(
    currency: str | None, before: Totals, delta: Delta | None, rho: float, money: Money
) -> Outlook:
    after = before if delta is None else _after(before, delta, rho)
    total = money.total_sales.get(currency)
    first, second = _ratios(before, before, total, money), _ratios(after, before, total, money)
    risk, even = _at_risk(before, delta, rho), _break_even(before, after)
    return Outlook(
        _figures(first),
        _figures(second),
        _figures(_differences(first, second)),
        risk,
        even,
        before,
        after,
    )


def _after(before: Totals, delta: Delta, rho: float) -> Totals:
    return before.plus(delta.change).plus(delta.returned, rho)


Drawn = dict[str, tuple[Floats, float]]  # draws of a figure, and its mean


def _ratios(after: Totals, before: Totals, total: float | None, money: Money) -> Drawn:
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
    np.divide(spend, sales, out=draws, where=earned)
    draws[idle] = 0.0
    if sales.mean() > 0:
        return draws, float(spend.mean() / sales.mean())
    return draws, 0.0 if spend.mean() <= 0 else float("inf")


def _differences(first: Drawn, second: Drawn) -> Drawn:
    found: Drawn = {}
    for name in first.keys() & second.keys():
        before, after = first[name], second[name]
        draws = np.zeros(len(before[0]))
        # infinite before and after is no difference
        np.subtract(after[0], before[0], out=draws, where=after[0] != before[0])
        mean = 0.0 if after[1] == before[1] else after[1] - before[1]
        found[name] = (draws, mean)
    return found


def _figures(drawn: Drawn) -> Figures:
    told = {name: Interval.of(*one) for name, one in drawn.items()}
    return Figures(
        told["spend"],
        told["orders"],
        *(told.get(name) for name in ("sales", "acos", "acos_promoted", "tacos", "profit")),
    )


def _at_risk(before: Totals, delta: Delta | None, rho: float) -> Interval | None:
    if np.isnan(before.sales).any():
        return None
    if delta is None:
        return Interval.of(np.zeros(len(before.sales)))
    kept = rho * delta.returned.sales + delta.caught_sales
    return Interval.of(np.maximum(delta.blocked_sales - kept, 0.0))


def _break_even(before: Totals, after: Totals) -> Interval | None:
    lost = before.sales - after.sales
    if np.isnan(lost).any() or lost.mean() <= 0:
        return None
    saved = before.spend - after.spend
    draws = np.where(saved > 0, np.inf, 0.0)
    np.divide(saved, lost, out=draws, where=lost > 0)
    return Interval.of(draws, float(saved.mean() / lost.mean()))


def _sensitive(
    currency: str | None, rho: float, before: Totals, delta: Delta | None, money: Money
) -> dict[str, object]:
    outlook = _outlook(currency, before, delta, rho, money)
    after = outlook.after
    row: dict[str, object] = {"currency": currency, "rho": rho}
    figures = {
        "acos": after.acos,
        "spend": after.spend,
        "orders": after.orders,
        "sales": after.sales,
        "profit": after.profit,
        "sales_at_risk": outlook.sales_at_risk,
    }
    for name, interval in figures.items():
        row[name] = None if interval is None else interval.mean
        row[f"{name}_low80"] = None if interval is None else interval.low80
        row[f"{name}_high80"] = None if interval is None else interval.high80
    return row


def _blast(plan: Plan) -> pl.DataFrame:
    """Return change, effect, share, the row's place, term and figures, and its own product."""
    fitted = plan.ground.fitted
    told = pl.concat([pl.DataFrame(schema=BLAST_SCHEMA), *plan.blast])
    columns = ("currency", "campaign", "ad_group", "search_term", "term_kind")
    figures = ("clicks", "spend", "orders", "sales", "cvr")
    rows = fitted.posteriors[told["row"].to_numpy()].select(*columns, *figures)
    wide = pl.concat([told.drop("row"), rows], how="horizontal")
    if fitted.matches is None:
        nothing = (pl.lit(None, pl.String).alias(name) for name in ("product_id", "title"))
        return wide.with_columns(*nothing)
    best = fitted.matches.products.filter(
        (pl.col("rank") == 1) & (pl.col("probability") >= RETRIEVED)
    )
    own = best.select("search_term", "product_id", "title")
    return wide.join(own, on="search_term", how="left", maintain_order="left")
