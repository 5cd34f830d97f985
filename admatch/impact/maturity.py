"""How many of a click's orders a report can know already: the lag from click to order."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from admatch.display.money import percent
from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.records import Granularity, SearchTermReport

# Amazon publishes no curve. Half of all orders within a day is Criteo's figure (Chapelle 2014), and
# after a quarter of the window nine in ten are there. Daily reports may say otherwise.
LATE_SHARE, LATE_SPREAD = 0.5, 0.25
_DAYS_OF_WINDOW = 3.5  # the window over the time constant: 1.5 % are missing at its end
_WINDOW = 7
_FEWEST_DAYS, _FEWEST_ORDERS = 14, 50


@dataclass(frozen=True, slots=True)
class LagCurve:
    """Of the orders of a click ``age`` days old, the share 1 - late * exp(-age / days) is known.

    Ages count up to ``as_of``, the day on which the report was made; None where no row has dates.
    """

    late: float
    days: float
    as_of: date | None

    def known(self) -> pl.Expr:
        """Return the share of orders known (0 … 1) of rows with ``start_date`` and ``end_date``.

        Clicks are assumed to spread evenly over a row's days. Without dates all orders count as
        known.
        """
        if self.as_of is None:
            return pl.lit(1.0)
        newest = (pl.lit(self.as_of) - pl.col("end_date")).dt.total_days().clip(0)
        length = (pl.col("end_date") - pl.col("start_date")).dt.total_days().clip(0) + 1
        step = math.exp(-1 / self.days)
        missing = (-newest / self.days).exp() * (1 - step**length) / (length * (1 - step))
        return (1 - self.late * missing).clip(0.05, 1.0).fill_null(1.0)


def fit_lag(
    rows: pl.DataFrame, report: SearchTermReport, as_of: date | None
) -> tuple[LagCurve, list[Problem]]:
    """Return the curve and what to know about it; ``rows`` have dates, clicks and orders.

    The share of late orders is fitted to a daily report with enough days and orders (binomial by
    day, with a prior at ``LATE_SHARE``); any other report takes ``LATE_SHARE``. Without ``as_of``
    the report is assumed to have been made on the day after its last.
    """
    path = report.sources[0] if report.sources else Path("report")
    last = rows["end_date"].max()
    days = (report.window_days or _WINDOW) / _DAYS_OF_WINDOW
    if not isinstance(last, date):
        problem = Problem(path, say("impact.lag.no_dates"), say("impact.lag.all_known"))
        return LagCurve(0.0, days, None), [problem]
    made = as_of or last + timedelta(days=1)
    daily = rows.group_by("end_date").agg(pl.col("clicks", "orders").sum()).sort("end_date")
    enough = daily.height >= _FEWEST_DAYS and daily["orders"].sum() >= _FEWEST_ORDERS
    if report.granularity is Granularity.DAILY and enough:
        return LagCurve(_late_share(daily, made, days), days, made), []
    remedy = say("impact.lag.assumed", share=percent(LATE_SHARE, 0))
    problem = Problem(path, say("impact.lag.too_few"), remedy)
    return LagCurve(LATE_SHARE, days, made), [problem]


def _late_share(daily: pl.DataFrame, made: date, days: float) -> float:
    """Return the most likely share of late orders, on a grid; days vary more than binomially."""
    clicks = daily["clicks"].to_numpy().astype(float)
    orders = np.minimum(daily["orders"].to_numpy(), clicks)
    ages = np.array([(made - day).days for day in daily["end_date"]], dtype=float)
    rate = orders.sum() / clicks.sum()
    expected = clicks * rate
    chi = ((orders - expected) ** 2 / np.maximum(expected * (1 - rate), 1e-9)).sum()
    spread = max(1.0, chi / len(clicks))
    best, grid = (-np.inf, LATE_SHARE), np.linspace(0, 0.9, 46)
    for late in grid:
        exposure = clicks * (1 - late * np.exp(-ages / days))
        # the rate that fits best given the curve; no order in any click leaves nothing to compare
        share = np.clip(orders.sum() / exposure.sum() * exposure / clicks.clip(1), 1e-9, 1 - 1e-9)
        evidence = (orders * np.log(share) + (clicks - orders) * np.log1p(-share)).sum() / spread
        likelihood = evidence - 0.5 * ((late - LATE_SHARE) / LATE_SPREAD) ** 2
        best = max(best, (float(likelihood), float(late)))
    return best[1]
