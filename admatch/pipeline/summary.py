"""An analysis → its figures as JSON: ``summarise_analysis``."""

import math
from dataclasses import asdict
from typing import Any

import polars as pl

from admatch.decisions.backtest import Backtest
from admatch.decisions.recommendations import Recommendations
from admatch.decisions.waste import waste_of
from admatch.impact.figures import Interval
from admatch.impact.what_if import BeforeAfter, WhatIf
from admatch.match.records import Matches
from admatch.messages import as_json
from admatch.pipeline.analyse import Analysis


def summarise_analysis(analysis: Analysis) -> dict[str, Any]:
    """Return spend, ACOS, waste by cause and the expected change, a currency at a time."""
    advice, tested = analysis.advice, analysis.backtest
    summary = {
        "rows": len(advice),
        "terms": analysis.matches.terms.height if analysis.matches else 0,
        "target_acos": advice.target_acos,
        "margin": advice.margin,
        "rho": advice.rho,
        "warnings": [as_json(one) for one in advice.warnings],
        "refusals": [as_json(one) for one in advice.refusals],
        "counts": {action.value: count for action, count in advice.counts.items()},
        "outcomes": outcome_sums(analysis.matches) if analysis.matches else [],
        "currencies": [
            _currency(advice, analysis.effect, total) for total in advice.totals.to_dicts()
        ],
        "backtest": None if tested is None else _backtest(tested),
    }
    clean: dict[str, Any] = finite(summary)
    return clean


def summarise_advice(advice: Recommendations) -> dict[str, Any]:
    """Return counts, totals and frontiers of advice for other targets and caps."""
    summary = {
        "target_acos": advice.target_acos,
        "rho": advice.rho,
        "counts": {action.value: count for action, count in advice.counts.items()},
        "currencies": [
            {
                "currency": total["currency"],
                "expected": total,
                "frontier": _frontier(advice, total["currency"]),
            }
            for total in advice.totals.to_dicts()
        ],
        "warnings": [as_json(one) for one in advice.warnings if one.startswith("GUARD-RAIL")],
    }
    clean: dict[str, Any] = finite(summary)
    return clean


def outcome_sums(matches: Matches) -> list[dict[str, Any]]:
    """Return terms, clicks, spend, orders and sales by currency and outcome."""
    groups = matches.frame.group_by("currency", "outcome", maintain_order=True).agg(
        pl.col("search_term").n_unique().alias("terms"),
        pl.col("clicks", "spend", "orders", "sales").sum(),
    )
    return groups.sort("currency", "outcome").to_dicts()


def finite(value: Any) -> Any:  # noqa: ANN401 - any tree of JSON
    """Return a tree in which numbers that JSON cannot hold are null."""
    if isinstance(value, dict):
        return {str(name): finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _currency(advice: Recommendations, effect: WhatIf, total: dict[str, Any]) -> dict[str, Any]:
    code = total["currency"]
    own = pl.col("currency").eq_missing(pl.lit(code, pl.String))
    seen = (
        advice.frame.filter(own)
        .select(pl.col("impressions", "clicks", "spend", "orders", "sales").sum())
        .row(0, named=True)
    )
    waste = waste_of(advice, code)
    change = effect.by_currency.get(code)
    return {
        "currency": code,
        "seen": seen | {"acos": seen["spend"] / seen["sales"] if seen["sales"] else None},
        "wasted": waste.mean,
        "wasted_low": waste.low,
        "wasted_high": waste.high,
        "wasted_share": waste.mean / seen["spend"] if seen["spend"] else None,
        "causes": [{"cause": cause, "amount": amount} for cause, amount in waste.causes],
        "expected": total,
        "remarks": [as_json(one) for one in advice.remarks(total)],
        "risks": [as_json(one) for one in advice.risks(total)],
        "left_out": [as_json(one) for one in advice.left_out(total)],
        "before": _figures(change.before) if change else None,
        "after": _figures(change.after) if change else None,
        "difference": _figures(change.difference) if change else None,
        "sales_at_risk": _interval(change.sales_at_risk) if change else None,
        "frontier": _with_ends(_frontier(advice, code), change, total["changes"]),
    }


def _with_ends(
    points: list[dict[str, Any]], change: BeforeAfter | None, chosen: int
) -> list[dict[str, Any]]:
    """Return the frontier whose ends have the ranges of the account before and after the changes.

    Between them ranges are those of a quicker computation, which is a few tenths of a point off.
    """
    ends = {} if change is None else {0: change.before, chosen: change.after}
    for point in points:
        figures = ends.get(point["changes"])
        if figures is not None and figures.acos is not None:
            point["acos_low"], point["acos_high"] = figures.acos.low80, figures.acos.high80
    return points


def _frontier(advice: Recommendations, code: str | None) -> list[dict[str, Any]]:
    own = pl.col("currency").eq_missing(pl.lit(code, pl.String))
    return advice.frontier.filter(own).drop("currency").to_dicts()


def _figures(figures: Any) -> dict[str, Any]:  # noqa: ANN401 - Figures, whose parts may be None
    names = ("acos", "spend", "orders", "sales", "profit")
    return {name: _interval(getattr(figures, name)) for name in names}


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    return None if interval is None else asdict(interval)


def _backtest(tested: Backtest) -> dict[str, Any]:
    return {
        "by_time": tested.by_time,
        "coverage": tested.coverage,
        "groups": tested.groups,
        "calibration": tested.calibration.to_dicts(),
    }
