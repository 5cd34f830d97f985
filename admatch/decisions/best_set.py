"""The chosen set, its totals and its frontier, a currency at a time: ``best_sets``."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.decisions.actions import Action
from admatch.decisions.evidence import FittedModel
from admatch.decisions.guard_rails import GuardRails, Preset
from admatch.decisions.optimise import choose, frontier
from admatch.decisions.propose import structure_of
from admatch.impact.changes import ChangeSet
from admatch.messages import Message

_TOTALS = {
    "currency": pl.String,
    **dict.fromkeys(("spend_before", "sales_before", "acos_before"), pl.Float64),
    **dict.fromkeys(("spend_after", "sales_after", "acos_after"), pl.Float64),
    **dict.fromkeys(("profit_gain", "contribution_gain", "sales_at_risk"), pl.Float64),
    **dict.fromkeys(("target_acos", "margin"), pl.Float64),
    "preset": pl.String,
    **dict.fromkeys(("profit_at_risk", "most_at_risk"), pl.Float64),
    "nearest_changes": pl.Int64,
    **dict.fromkeys(("nearest_acos", "nearest_at_risk", "nearest_sales_lost"), pl.Float64),
    "spent_again": pl.Float64,
    "changes": pl.Int64,
    "reached": pl.Boolean,
    "unwritable": pl.Int64,
    "unwritable_freed": pl.Float64,
}


def best_sets(
    rows: pl.DataFrame,
    units: pl.DataFrame,
    unwritable: Mapping[int, Message],
    model: FittedModel,
    guard_rails: GuardRails,
    most_changes: int | None,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the rows with ``chosen``, the totals and the frontiers, a currency at a time."""
    before = model.what_if(ChangeSet(())).by_currency if rows.height else {}
    chosen: list[int] = []
    left_out: list[int] = []
    totals, curves = [], []
    for currency, effect in before.items():
        here = rows.filter(pl.col("currency").eq_missing(pl.lit(currency, pl.String)))
        own = units.filter(pl.col("currency").eq_missing(pl.lit(currency, pl.String)))
        own = own.filter(pl.col("gain").is_finite())
        spend = effect.before.spend.mean
        sales = effect.before.sales.mean if effect.before.sales else 0.0
        goals = _goals(here.filter(~_UNPRICED))
        best_of = partial(
            choose, spend=spend, sales=sales, target_acos=goals["target_acos"] or 0.0,
            most_changes=most_changes,
        )  # fmt: skip
        capped = partial(
            best_of, most_at_risk=guard_rails.sales_at_risk,
            nearest=guard_rails.preset is Preset.TARGET_FIRST,
        )  # fmt: skip
        possible = own.filter(~pl.col("unit").is_in(list(unwritable)))
        best = capped(possible)
        nearest = best_of(possible, most_at_risk=np.inf, nearest=True)
        taken = possible.filter(pl.col("unit").is_in(best.units))
        room = None if most_changes is None else most_changes - len(best.units)
        ended = here.filter(_UNPRICED, ~pl.col("unit").is_in(list(unwritable)))["unit"]
        ended = ended if room is None else ended.head(room)
        chosen += [*best.units, *ended]
        total = _total(spend, sales, taken, best.reached) | goals | _gains(taken, goals)
        total |= _risks(taken, guard_rails, sales, goals)
        total |= _nearest(possible.filter(pl.col("unit").is_in(nearest.units)), spend, sales)
        if possible.height < own.height:
            wished = [one for one in capped(own).units if one in unwritable]
            total |= _left_out(own.filter(pl.col("unit").is_in(wished)))
            left_out += wished
        made = (rows_of(here, units.units) for units in (best, nearest))
        for name, more in zip(("changes", "nearest_changes"), made, strict=True):
            total[name] += len(ended) + len(structure_of(more))
        totals.append({"currency": currency} | total)
        deviation = _deviation(effect.before_draws.spend, effect.before_draws.sales)
        curve = frontier(possible, best.units, spend, sales, deviation=deviation)
        curve = _with_unpriced(curve, len(ended), len(best.units))
        curves.append(curve.select(pl.lit(currency, pl.String).alias("currency"), pl.all()))
    marked = rows.with_columns(
        chosen=pl.col("unit").is_in(chosen), unwritable=pl.col("unit").is_in(left_out)
    )
    frontiers = pl.concat(curves) if curves else _no_frontier(units)
    return marked, pl.DataFrame(totals, schema=_TOTALS), frontiers


def rows_of(rows: pl.DataFrame, units: Collection[int]) -> pl.DataFrame:
    """Return the rows of some units."""
    return rows.filter(pl.col("unit").is_in(list(units)))


# Ended negatives bring back what no report shows: they count as changes, without a figure.
_UNPRICED = pl.col("action") == Action.ARCHIVE_NEGATIVE.value


def _with_unpriced(curve: pl.DataFrame, count: int, priced: int) -> pl.DataFrame:
    """Return the frontier with the changes that have no figure counted in every set."""
    more = pl.when(pl.col("changes") > 0).then(pl.col("changes") + count).otherwise("changes")
    counted = curve.with_columns(more)
    if not count or priced:
        return counted
    alone = curve.head(1).with_columns(changes=pl.lit(count, pl.Int64))
    return pl.concat([counted.head(1), alone, counted[1:]])


def _total(spend: float, sales: float, taken: pl.DataFrame, reached: bool) -> dict[str, Any]:
    """Return what spend and sales become with the changes that are taken."""
    left = spend - float(taken["spend_freed"].sum())
    sold = sales + float(taken["sales_change"].sum())
    return {
        "spend_before": spend,
        "sales_before": sales,
        "acos_before": spend / sales if sales > 0 else None,
        "spend_after": left,
        "sales_after": sold,
        "acos_after": left / sold if sold > 0 else None,
        "sales_at_risk": float(taken["sales_at_risk"].sum()),
        "spent_again": float(taken["spent_again"].sum()),
        "changes": taken.height,
        "reached": reached,
    } | _left_out(taken.clear())


def _risks(
    taken: pl.DataFrame, guard_rails: GuardRails, sales: float, goals: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the expected loss of profit, and how large the preset lets it be."""
    worth = goals["margin"] or goals["target_acos"] or 0.0
    return {
        "preset": guard_rails.preset.value,
        "profit_at_risk": _at_risk(taken),
        "most_at_risk": guard_rails.sales_at_risk * sales * worth,
    }


def _at_risk(units: pl.DataFrame) -> float:
    return float((units["net_risk"] * units["worth"]).sum())


def _nearest(units: pl.DataFrame, spend: float, sales: float) -> dict[str, Any]:
    """Return what the set nearest to the target comes to, whatever it puts at risk."""
    left = spend - float(units["spend_freed"].sum())
    change = float(units["sales_change"].sum())
    return {
        "nearest_changes": units.height,
        "nearest_acos": left / (sales + change) if sales + change > 0 else None,
        "nearest_at_risk": _at_risk(units),
        "nearest_sales_lost": -change,
    }


def _goals(rows: pl.DataFrame) -> dict[str, Any]:
    """Return target and margin of a currency as a whole: those of its rows, by expected sales.

    The margin is null where that of any row is unknown.
    """
    sold = pl.col("expected_sales").fill_null(0.0).clip(1e-12)
    mean = [(pl.col(name) * sold).sum() / sold.sum() for name in ("target_acos", "margin")]
    whole = pl.col("margin").is_not_null().all()
    goals = rows.select(mean[0], pl.when(whole).then(mean[1]).alias("margin"), _SOME, _LACKING)
    return goals.row(0, named=True)


def _gains(taken: pl.DataFrame, goals: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the profit gained where margins are known, and the contribution gained elsewhere."""
    profit, gain = float(taken["profit_gain"].sum()), float(taken["gain"].sum())
    return {
        "profit_gain": profit if goals["some_margin"] else None,
        "contribution_gain": gain - profit if goals["lacks_margin"] else None,
    }


_SOME = pl.col("margin").is_not_null().any().alias("some_margin")
_LACKING = pl.col("margin").is_null().any().alias("lacks_margin")


def _left_out(units: pl.DataFrame) -> dict[str, Any]:
    """Return how many changes would be chosen if they could be written, and what they free."""
    freed = float(units["spend_freed"].sum())
    return {"unwritable": units.height, "unwritable_freed": freed}


def _deviation(spend: Floats, sales: Floats) -> float:
    """Return the standard deviation of the logarithm of ACOS over draws."""
    both = (spend > 0) & (sales > 0)
    if both.sum() < 2:
        return 0.0
    return float(np.std(np.log(spend[both] / sales[both])))


def _no_frontier(units: pl.DataFrame) -> pl.DataFrame:
    """Return the frontier of an account without any row: no change, and no figure."""
    return frontier(units.clear(), (), 0.0, 0.0, deviation=0.0)
