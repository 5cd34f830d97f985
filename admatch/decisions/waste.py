"""What is expected to be spent beyond the target, how surely, and why: ``waste_of``."""

from dataclasses import dataclass

import polars as pl

from admatch.decisions.actions import NEGATIONS, Action
from admatch.decisions.caps import SHARED
from admatch.decisions.levels import FEWEST
from admatch.decisions.recommendations import Recommendations
from admatch.impact.columns import AD_GROUP, CURRENCY, TARGET
from admatch.impact.interval import DEVIATIONS
from admatch.reports.records import TermKind


@dataclass(frozen=True, slots=True)
class Waste:
    """Expected spend beyond the target with its 80 % interval; ``causes`` add up to the mean."""

    mean: float
    low: float
    high: float
    causes: tuple[tuple[str, float], ...]


def waste_of(advice: Recommendations, currency: str | None) -> Waste:
    """Return the waste of a currency and its causes, the greatest first.

    It is counted where it is acted on: of a term that is negated on its own, of all others for
    their targeting as a whole, or for their ad group where a targeting is thin, so that shortfalls
    make up for excess. So chance alone wastes little: an account below its target has next to no
    waste. The amounts are of a period as long as the report.
    """
    rows = advice.rows.filter(pl.col("currency").eq_missing(pl.lit(currency, pl.String)))
    allowed = _known(pl.col("target_acos") * pl.col("expected_sales"))
    rows = rows.with_columns(allowed=allowed, cause=_cause(), place=_place()).with_columns(
        excess=_known(pl.col("expected_spend")) - pl.col("allowed"),
        variance=_known(pl.col("target_acos") * pl.col("sales_deviation")) ** 2,
    )
    net = pl.col("excess").sum().over("place")
    beyond = rows.filter(net > 0).with_columns(net=net, own=pl.col("excess").clip(0))
    share = pl.col("net") * pl.col("own") / pl.col("own").sum().over("place")
    shared = beyond.select("cause", excess=share)
    sums = shared.group_by("cause", maintain_order=True).agg(pl.col("excess").sum())
    ordered = sums.filter(pl.col("excess") > 0).sort("excess", "cause", descending=[True, False])
    mean = float(ordered["excess"].sum())
    together = SHARED * float(beyond["allowed"].sum())
    wide = DEVIATIONS * (float(beyond["variance"].sum()) + together**2) ** 0.5
    return Waste(mean, max(mean - wide, 0.0), mean + wide, tuple(ordered.iter_rows()))


def _known(amount: pl.Expr) -> pl.Expr:
    return amount.fill_null(0.0).fill_nan(0.0)


def _place() -> pl.Expr:
    """Return a name for what each row's excess is counted with."""
    negated = pl.col("action").is_in([one.value for one in NEGATIONS])
    thin = pl.col("targeting_clicks") < FEWEST["targeting"]
    few = pl.col("mature_clicks").sum().over(*AD_GROUP, thin) < FEWEST["group"]
    named = [
        (negated, "term", ("row",)),
        (~thin, "targeting", TARGET),
        (~few, "ad group", AD_GROUP),
        (pl.lit(True), "rest", CURRENCY),
    ]
    name = pl.lit(None, pl.String)
    for condition, level, columns in reversed(named):
        of_level = pl.concat_str(pl.lit(level), *columns, separator="\t", ignore_nulls=True)
        name = pl.when(condition).then(of_level).otherwise(name)
    return name


def _cause() -> pl.Expr:
    """Return the first cause that fits a row."""
    asin = pl.col("term_kind") == TermKind.ASIN.value
    action = pl.col("action")
    return (
        pl.when(pl.col("own_asin"))
        .then(pl.lit("own product pages"))
        .when(asin)
        .then(pl.lit("others' product pages"))
        .when(pl.col("term_kind") != TermKind.KEYWORD.value)
        .then(pl.lit("no term known"))
        .when(action == Action.MOVE.value)
        .then(pl.lit("another product fits better"))
        .when(action == Action.FIX_LISTING.value)
        .then(pl.lit("listing does not sell"))
        .when(pl.col("outcome") == "none")
        .then(pl.lit("none of my products"))
        .when(pl.col("orders") > 0)
        .then(pl.lit("sells, but costs too much"))
        .when(action.is_in([Action.NEGATE_EXACT.value, Action.NEGATE_PHRASE.value]))
        .then(pl.lit("fits, but does not sell"))
        .otherwise(pl.lit("fits, not sold yet"))
    )
