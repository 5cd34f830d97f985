"""Ranges of an account that held less often than promised, made wider: ``widening``."""

from collections.abc import Iterator
from dataclasses import astuple
from math import isfinite
from statistics import NormalDist

import polars as pl

from admatch.decisions.backtest import Backtest
from admatch.display.money import percent
from admatch.impact.interval import CREDIBLE, DEVIATIONS, Interval
from admatch.messages import Message, say

_PRIOR = 10  # ad groups that count as having held as promised: a few that did not say little
_NOTED = 1.05  # narrower than that, nobody sees it


def widening(backtest: Backtest | None) -> float:
    """Return how many times as wide ranges are drawn: 1 where they held as often as promised.

    A normal error that stays within an 80 % range in a share h of cases is as many times larger
    than that range says as the 80 % quantile is larger than that of h.
    """
    if backtest is None or backtest.coverage is None:
        return 1.0
    inside = backtest.coverage * backtest.groups + CREDIBLE * _PRIOR
    held = inside / (backtest.groups + _PRIOR)
    return DEVIATIONS / NormalDist().inv_cdf((1 + held) / 2) if held < CREDIBLE - 1e-9 else 1.0


def widening_note(backtest: Backtest | None) -> Iterator[Message]:
    """Yield a sentence that says so, where ranges are widened."""
    factor = widening(backtest)
    if backtest is not None and factor > _NOTED:
        yield say(
            "pipeline.widened",
            coverage=percent(backtest.coverage, 0),
            groups=backtest.groups,
            times=f"{factor:.1f}",
        )


def widened(interval: Interval, factor: float, least: float | None = None) -> Interval:
    """Return the interval with ends so many times as far from the mean, none below ``least``."""
    mean, *ends = astuple(interval)
    if factor == 1 or not isfinite(mean):  # without sales ACOS is endless
        return interval
    moved = [mean + factor * (one - mean) for one in ends]
    return Interval(mean, *(one if least is None else max(least, one) for one in moved))


def widened_frontier(frontier: pl.DataFrame, factor: float) -> pl.DataFrame:
    """Return the points of a frontier with the ranges of ACOS widened."""
    mean = pl.col("acos")
    return frontier.with_columns(
        (mean + factor * (pl.col(name) - mean)).clip(0).alias(name)
        for name in ("acos_low", "acos_high")
    )
