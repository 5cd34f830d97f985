"""The effect of the chosen set, equal to the sums of its decisions: ``effect_of``."""

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from admatch.decisions.recommendations import Recommendations
from admatch.impact.interval import Interval
from admatch.impact.what_if import WhatIf
from admatch.pipeline.widening import widened, widening

if TYPE_CHECKING:
    from admatch.pipeline.analyse import Understood

_LEVELS = ("before", "after")  # figures that cannot fall below nothing, as a difference can


def effect_of(known: "Understood", advice: Recommendations) -> WhatIf:
    """Return the account before and after the chosen set.

    Draws give the width of the ranges. Their means differ from the sums of the decisions by Monte
    Carlo error and by terms that several targetings serve, so every range is moved to have the
    sums of ``advice.totals`` as its mean: the chart shows what the headline says. Where such ranges
    held less often than promised they are drawn wider (``widening``).
    """
    factor = widening(known.fit.backtest)
    totals = {total["currency"]: total for total in advice.totals.to_dicts()}
    margins = {code: total["margin"] for code, total in totals.items() if total["margin"]}
    drawn = known.what_if(advice.best(), margins=margins)
    return replace(
        drawn,
        by_currency={
            code: _widened(_aligned(effect, totals[code]) if code in totals else effect, factor)
            for code, effect in drawn.by_currency.items()
        },
    )


def _aligned(effect: Any, total: dict[str, Any]) -> Any:  # noqa: ANN401 - a BeforeAfter
    sides = {}
    before = (total["margin"] or 0.0) * total["sales_before"] - total["spend_before"]
    profit = {"before": before, "after": before + (total["profit_gain"] or 0.0)}
    for side, name in (("before", "before"), ("after", "after")):
        figures = getattr(effect, side)
        sides[side] = replace(
            figures,
            spend=_moved(figures.spend, total[f"spend_{name}"]),
            sales=figures.sales and _moved(figures.sales, total[f"sales_{name}"]),
            acos=figures.acos and _moved(figures.acos, total[f"acos_{name}"]),
            profit=figures.profit and _moved(figures.profit, profit[name]),
        )
    change = effect.difference
    moved = {
        name: (old := getattr(change, name))
        and _moved(old, total[f"{name}_after"] - total[f"{name}_before"])
        for name in ("spend", "sales")
    }
    if change.acos and total["acos_after"] is not None and total["acos_before"] is not None:
        moved["acos"] = _moved(change.acos, total["acos_after"] - total["acos_before"])
    if change.profit:
        moved["profit"] = _moved(change.profit, profit["after"] - profit["before"])
    risk = effect.sales_at_risk and _moved(effect.sales_at_risk, total["sales_at_risk"])
    again = _moved(effect.spent_again, total["spent_again"])
    return replace(
        effect, **sides, difference=replace(change, **moved), sales_at_risk=risk, spent_again=again
    )


def _widened(effect: Any, factor: float) -> Any:  # noqa: ANN401 - a BeforeAfter
    least = {"spend": 0.0, "orders": 0.0, "sales": 0.0, "acos": 0.0}
    sides = {
        side: replace(
            figures := getattr(effect, side),
            **{
                one.name: widened(value, factor, least.get(one.name) if side in _LEVELS else None)
                for one in fields(figures)
                if (value := getattr(figures, one.name)) is not None
            },
        )
        for side in (*_LEVELS, "difference")
    }
    risk = effect.sales_at_risk and widened(effect.sales_at_risk, factor, 0.0)
    return replace(effect, **sides, sales_at_risk=risk)


def _moved(interval: Interval, mean: float | None) -> Interval:
    """Return the interval around another mean."""
    if mean is None:
        return interval
    by = mean - interval.mean
    return Interval(
        mean,
        interval.low50 + by, interval.high50 + by,
        interval.low80 + by, interval.high80 + by,
        interval.low95 + by, interval.high95 + by,
    )  # fmt: skip
