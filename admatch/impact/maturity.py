"""How much of a click's orders a report can know already: the lag from click to order."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from admatch.errors import Problem
from admatch.reports.records import Granularity, SearchTermReport

# Amazon names no curve. Half of all orders within a day is Criteo's figure (Chapelle 2014), and at
# a quarter of the window nine in ten are there; daily reports may say otherwise.
LATE_SHARE, LATE_SPREAD = 0.5, 0.25
_DAYS_OF_WINDOW = 3.5  # the window over the time constant: at its end 1.5 % are missing
_WINDOW = 7
_FEWEST_DAYS, _FEWEST_ORDERS = 14, 50


@dataclass(frozen=True, slots=True)
class LagCurve:
    """Of the orders of a click ``age`` days old, 1 - late * exp(-age / days) are known.

    Ages count to ``as_of``, the day on which the report was made; None where no row has dates.
    """

    late: float
    days: float
    as_of: date | None

    def known(self) -> pl.Expr:
        """Return the share known (0 … 1) of rows with ``start_date`` and ``end_date``.

        Clicks are taken as spread evenly over a row's days. Without dates all is taken as known.
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
    """Return the curve and what is to be told of it; ``rows`` have dates, clicks and orders.

    A daily report with enough days and orders has its share of late orders fitted (binomial by
    day, with a prior at ``LATE_SHARE``); any other takes ``LATE_SHARE``. Without ``as_of`` the
    report is taken as made on the day after its last.
    """
    path = report.sources[0] if report.sources else Path("report")
    last = rows["end_date"].max()
    days = (report.window_days or _WINDOW) / _DAYS_OF_WINDOW
    if not isinstance(last, date):
        what = "the report names no dates, so recent clicks cannot be told from old ones"
        remedy = "all orders are taken as known; download it with dates"
        return LagCurve(0.0, days, None), [Problem(path, what, remedy)]
    made = as_of or last + timedelta(days=1)
    daily = rows.group_by("end_date").agg(pl.col("clicks").sum(), pl.col("orders").sum())
    enough = daily.height >= _FEWEST_DAYS and daily["orders"].sum() >= _FEWEST_ORDERS
    if report.granularity is Granularity.DAILY and enough:
        return LagCurve(_late_share(daily, made, days), days, made), []
    what = "no lag from click to order can be learned from this report (too few days or orders)"
    remedy = f"{LATE_SHARE:.0%} of orders are taken as not known on the day of the click"
    return LagCurve(LATE_SHARE, days, made), [Problem(path, what, remedy)]


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
        told = (orders * np.log(share) + (clicks - orders) * np.log1p(-share)).sum() / spread
        likelihood = told - 0.5 * ((late - LATE_SHARE) / LATE_SPREAD) ** 2
        best = max(best, (float(likelihood), float(late)))
    return best[1]
