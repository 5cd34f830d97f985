"""What a run's first page tells, as JSON can hold it."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from admatch.decisions.backtest import Backtest
from admatch.decisions.recommendations import Recommendations
from admatch.decisions.waste import waste_by_cause
from admatch.impact.changes import ChangeSet
from admatch.impact.figures import Interval
from admatch.impact.model import ImpactModel
from admatch.impact.what_if import WhatIf
from admatch.match.records import Matches


def headline(
    advice: Recommendations, matches: Matches, effect: WhatIf, tested: Backtest | None
) -> dict[str, Any]:
    """Return spend, ACOS, waste by cause and the expected change, a currency at a time."""
    told = {
        "rows": len(advice),
        "terms": matches.terms.height,
        "target_acos": advice.target_acos,
        "margin": advice.margin,
        "rho": advice.rho,
        "warnings": list(advice.warnings),
        "refusals": list(advice.refusals),
        "counts": {action.value: count for action, count in advice.counts.items()},
        "outcomes": outcomes(matches),
        "currencies": [_currency(advice, effect, total) for total in advice.totals.to_dicts()],
        "backtest": None if tested is None else _backtest(tested),
    }
    clean: dict[str, Any] = finite(told)
    return clean


def outcomes(matches: Matches) -> list[dict[str, Any]]:
    """Return terms, clicks, spend, orders and sales by currency and outcome."""
    groups = matches.frame.group_by("currency", "outcome").agg(
        pl.col("search_term").n_unique().alias("terms"),
        pl.col("clicks", "spend", "orders", "sales").sum(),
    )
    return groups.sort("currency", "outcome").to_dicts()


def _currency(advice: Recommendations, effect: WhatIf, total: dict[str, Any]) -> dict[str, Any]:
    code = total["currency"]
    own = pl.col("currency").eq_missing(pl.lit(code, pl.String))
    sums = advice.frame.filter(own).select(
        pl.col("impressions", "clicks", "spend", "orders", "sales").sum()
    )
    seen = sums.row(0, named=True)
    causes = waste_by_cause(advice, code)
    wasted = sum(amount for _, amount in causes)
    outlook = effect.by_currency.get(code)
    return {
        "currency": code,
        "seen": seen | {"acos": seen["spend"] / seen["sales"] if seen["sales"] else None},
        "wasted": wasted,
        "wasted_share": wasted / seen["spend"] if seen["spend"] else None,
        "causes": [{"cause": cause, "amount": amount} for cause, amount in causes],
        "expected": total,
        "before": _figures(outlook.before) if outlook else None,
        "after": _figures(outlook.after) if outlook else None,
        "difference": _figures(outlook.difference) if outlook else None,
        "sales_at_risk": _interval(outlook.sales_at_risk) if outlook else None,
        "frontier": advice.frontier.filter(own).drop("currency").to_dicts(),
    }


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


def save_before(model: ImpactModel, folder: Path) -> None:
    """Write what a what-if needs of the model: its posteriors, and the account unchanged."""
    model.posteriors.write_parquet(folder / "posteriors.parquet")
    outlooks = model.what_if(ChangeSet(())).by_currency
    draws: dict[str, Any] = {
        f"{number}/{name}": np.asarray(getattr(outlook.before_draws, name))
        for number, outlook in enumerate(outlooks.values())
        for name in ("spend", "sales")
    }
    np.savez(folder / "before.npz", **draws)
    told = {
        "basis": model.basis,
        "seed": model.seed,
        "currencies": list(outlooks),
        "notes": [str(note) for note in model.notes],
    }
    (folder / "model.json").write_text(json.dumps(told), encoding="utf-8")


def finite(value: Any) -> Any:  # noqa: ANN401 - any tree of JSON
    """Return a tree in which numbers that JSON has no word for are null."""
    if isinstance(value, dict):
        return {str(name): finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
