"""What goes into the file for upload once people have had their say: ``accepted_set``."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from admatch.decisions.propose import structure_of

# Warnings that say why a change is not written; others only ask for a second look.
_REFUSED = (
    r'^\{"id": "(export\.|pipeline\.upload\.|decisions\.refusal\.'
    r'|decisions\.warning\.(bid|destination)")'
)


def writable(warning_message: str = "warning_message") -> pl.Expr:
    """Return whether the change of a saved row can be written for upload."""
    return ~pl.col(warning_message).fill_null("").str.contains(_REFUSED)


def accepted_set(rows: pl.DataFrame, units: list[int], line: Mapping[str, Any]) -> dict[str, Any]:
    """Return one currency's headline with the totals of other units than the chosen ones.

    ``rows`` are the saved rows of that currency, ``line`` its headline as
    ``summary.summarise_analysis`` made it. Sums are those of the rows; ranges keep the width that
    was drawn for the chosen set, those of a difference in proportion to what it frees.
    """
    taken = _complete(rows).filter(pl.col("unit").is_in(units))
    was = line["expected"]
    expected = was | _totals(taken, was)
    moved = {name: _sum(expected, was, name) for name in ("spend", "sales")}
    acos = _gap(expected["acos_after"], was["acos_after"])
    freed, before = (was["spend_before"] - one["spend_after"] for one in (expected, was))
    scale = freed / before if before else 0.0
    return {
        "currency": line["currency"],
        "expected": expected,
        "before": line["before"],
        "after": _shifted(line["after"], moved | {"acos": acos}),
        "difference": _scaled(line["difference"], expected, scale),
    }


def count_changes(taken: pl.DataFrame) -> int:
    """Return the rows of a bulk file that saved rows come to: new campaigns and ads count, too."""
    return taken["unit"].n_unique() + len(structure_of(taken))


def _totals(taken: pl.DataFrame, was: Mapping[str, Any]) -> dict[str, Any]:
    sums = taken.select(pl.col("spend_freed", "sales_change", "sales_at_risk").sum()).row(
        0, named=True
    )
    spend = was["spend_before"] - sums["spend_freed"]
    sales = was["sales_before"] + sums["sales_change"]
    known, gain = pl.col("margin").is_not_null(), pl.col("gain")
    profit, contribution = taken.select(
        gain.filter(known).sum().alias("profit"), gain.filter(~known).sum().alias("contribution")
    ).row(0)
    target = was.get("target_acos")
    return {
        "spend_after": spend,
        "sales_after": sales,
        "acos_after": spend / sales if sales > 0 else None,
        "sales_at_risk": sums["sales_at_risk"],
        "spent_again": float(taken["spent_again"].sum()),
        "profit_gain": None if was.get("profit_gain") is None else profit,
        "contribution_gain": None if was.get("contribution_gain") is None else contribution,
        "changes": count_changes(taken),
        "reached": sales > 0 and target is not None and spend <= target * sales * (1 + 1e-9),
    }


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of an analysis by an earlier admatch with the columns of this one."""
    usual = {
        "sales_change": -pl.col("sales_at_risk")
        if "sales_at_risk" in rows.columns
        else pl.lit(0.0),
        "spent_again": pl.lit(0.0),
        "gain": pl.col("profit_gain") if "profit_gain" in rows.columns else pl.lit(0.0),
        "margin": pl.lit(None, pl.Float64),
    }
    return rows.with_columns(
        value.alias(name) for name, value in usual.items() if name not in rows.columns
    )


def _sum(expected: Mapping[str, Any], was: Mapping[str, Any], name: str) -> float:
    return float(expected[f"{name}_after"] - was[f"{name}_after"])


def _gap(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else new - old


def _shifted(figures: Mapping[str, Any] | None, by: Mapping[str, float | None]) -> Any:  # noqa: ANN401 - JSON
    """Return the ranges around other means."""
    if figures is None:
        return None
    return {
        name: one
        if one is None or by.get(name) is None
        else {side: None if at is None else at + by[name] for side, at in one.items()}
        for name, one in figures.items()
    }


def _scaled(figures: Mapping[str, Any] | None, now: Mapping[str, Any], scale: float) -> Any:  # noqa: ANN401 - JSON
    """Return the ranges of a difference: around its new mean, as wide as what it frees demands."""
    if figures is None:
        return None
    means = {
        "spend": now["spend_after"] - now["spend_before"],
        "sales": now["sales_after"] - now["sales_before"],
        "acos": _gap(now["acos_after"], now["acos_before"]),
    }
    return {
        name: one if one is None or means.get(name) is None else _around(one, means[name], scale)
        for name, one in figures.items()
    }


def _around(interval: Mapping[str, Any], mean: float, scale: float) -> dict[str, Any]:
    old = interval["mean"]
    return {
        side: None if at is None or old is None else mean + (at - old) * abs(scale)
        for side, at in interval.items()
    }
