"""How well the model's rates predicted clicks that it had not seen: ``backtest``."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.special import bdtr

from admatch.arrays import Floats, Ints
from admatch.catalog.records import Catalog
from admatch.errors import InputError
from admatch.impact import drift
from admatch.impact.columns import AD_GROUP, KEY
from admatch.impact.interval import DEVIATIONS, HIGH, LOW
from admatch.impact.model import ImpactModel
from admatch.match.records import Matches
from admatch.reports.records import Granularity, SearchTermReport

_EARLY = 0.6  # share of the days that the model learns from; days after the gap test it
_GAP = 3  # days beyond the attribution window
_WINDOW = 7
_FEWEST_DAYS = 42
_FEWEST_CLICKS, _FEWEST_GROUPS = 30, 10  # clicks of an ad group that is tested, and such ad groups
_DRAWS = 400
_BANDS = 8
_CHANCE = 0.05


@dataclass(frozen=True)
class Backtest:
    """How ad groups' orders compare with their 80 % intervals.

    ``by_time`` says whether later days tested earlier ones; else clicks were split at random, which
    shows everything except drift. ``coverage`` is None where too few ad groups had clicks.
    ``calibration`` has a line a band of expected rates: expected, observed, low, high (80 % of what
    chance alone would do), clicks.
    """

    by_time: bool
    coverage: float | None
    groups: int
    calibration: pl.DataFrame

    def fails(self, least: float) -> bool:
        """Return whether chance (5 %) rules out a coverage this low if ``least`` were true."""
        if self.coverage is None:
            return False
        return bool(bdtr(round(self.coverage * self.groups), self.groups, least) < _CHANCE)


def backtest(
    report: SearchTermReport,
    matches: Matches | None,
    *,
    catalog: Catalog | None = None,
    seed: int = 7,
) -> Backtest | None:
    """Return how a model of one part of the report predicted the other part.

    A daily report of six weeks or more is split by time, with a gap of the window and three days;
    any other is split at random, click by click. None where there is too little to split.
    """
    parts = _by_time(report) or _by_chance(report, seed)
    early, later, by_time = parts
    if early.frame["orders"].fill_null(0).sum() < 10 or not later["clicks"].sum():
        return None
    try:
        model = ImpactModel(seed=seed).fit(early, matches, catalog=catalog)
    except InputError:
        return None
    known = model.posteriors.select(*KEY, "cvr", "strength", "maturity", seen="clicks")
    rows = later.join(known, on=list(KEY), nulls_equal=True, maintain_order="left")
    rows = rows.with_columns(weight=pl.col("strength") + pl.col("seen") * pl.col("maturity"))
    rows = rows.filter(pl.col("clicks") > 0)
    if rows.is_empty():
        return None
    coverage, groups = _coverage(rows, by_time, seed)
    return Backtest(by_time, coverage, groups, _calibration(rows))


def _by_time(report: SearchTermReport) -> tuple[SearchTermReport, pl.DataFrame, bool] | None:
    period = report.period
    if report.granularity is not Granularity.DAILY or period is None:
        return None
    days = (period[1] - period[0]).days + 1
    if days < _FEWEST_DAYS:
        return None
    gap = (report.window_days or _WINDOW) + _GAP
    cut: date = period[0] + timedelta(days=int(days * _EARLY))
    mature = period[1] - timedelta(days=gap)
    frame = report.frame
    late = (pl.col("start_date") > cut + timedelta(days=gap)) & (pl.col("end_date") <= mature)
    early = replace(report, frame=frame.filter(pl.col("end_date") <= cut))
    return early, _sums(frame.filter(late)), True


def _by_chance(report: SearchTermReport, seed: int) -> tuple[SearchTermReport, pl.DataFrame, bool]:
    """Return two halves of the report's clicks, each with the orders they brought."""
    rng = np.random.default_rng(seed)
    frame = report.frame
    clicks = np.maximum(frame["clicks"].fill_null(0).to_numpy(), 0)
    orders = np.clip(frame["orders"].fill_null(0).to_numpy(), 0, clicks)
    first = rng.binomial(clicks, 0.5)
    sold = rng.hypergeometric(orders, clicks - orders, first)
    share = np.divide(first, clicks, out=np.zeros(len(clicks)), where=clicks > 0)
    worth = np.divide(sold, orders, out=np.zeros(len(clicks)), where=orders > 0)
    money = ("sales", "sales_promoted", "sales_halo")
    early = frame.with_columns(
        clicks=pl.Series(first),
        orders=pl.Series(sold),
        spend=pl.col("spend") * pl.Series(share),
        **{name: pl.col(name) * pl.Series(worth) for name in money},
    )
    late = frame.with_columns(clicks=pl.Series(clicks - first), orders=pl.Series(orders - sold))
    return replace(report, frame=early), _sums(late), False


def _sums(frame: pl.DataFrame) -> pl.DataFrame:
    both = pl.col("clicks", "orders").fill_null(0).sum()
    return (
        frame.group_by(KEY, maintain_order=True)
        .agg(both)
        .with_columns(orders=pl.min_horizontal("orders", "clicks"))
    )


def _coverage(rows: pl.DataFrame, by_time: bool, seed: int) -> tuple[float | None, int]:
    """Return the share of ad groups with orders inside their 80 % interval, and their number."""
    group = rows.select(pl.struct(AD_GROUP).rank("dense") - 1)
    number = group.to_series().to_numpy().astype(np.int64)
    count = int(number.max()) + 1
    clicks, orders = rows["clicks"].to_numpy(), rows["orders"].to_numpy()
    drawn = _drawn(rows, number, by_time, seed)
    observed = np.bincount(number, orders, minlength=count)
    tested = np.bincount(number, clicks, minlength=count) >= _FEWEST_CLICKS
    if tested.sum() < _FEWEST_GROUPS:
        return None, int(tested.sum())
    # Orders are whole numbers: half of those that equal an end of the interval count as outside.
    low, high = np.quantile(drawn, (LOW, HIGH), axis=0)
    inside = (observed > low) & (observed < high)
    edge = ((observed == low) | (observed == high)) & ~inside
    return float((inside + 0.5 * edge)[tested].mean()), int(tested.sum())


def _drawn(rows: pl.DataFrame, number: Ints, by_time: bool, seed: int) -> Floats:
    """Return draws of the orders of each ad group number, (draws, ad groups)."""
    rng, count = np.random.default_rng(seed), int(number.max()) + 1
    mean, weight = rows["cvr"].to_numpy(), rows["weight"].to_numpy()
    clicks = rows["clicks"].to_numpy()
    # Between two periods rates drift, which a random split cannot show.
    deviation = float(np.hypot(drift.ACCOUNT[1], drift.CAMPAIGN[1])) if by_time else 0.0
    drawn = np.empty((_DRAWS, count))
    for turn in range(_DRAWS):
        rate = rng.beta(mean * weight + 1e-9, (1 - mean) * weight + 1e-9)
        rate = np.clip(rate * np.exp(deviation * rng.standard_normal(count))[number], 0, 1)
        drawn[turn] = np.bincount(number, rng.binomial(clicks, rate), minlength=count)
    return drawn


def _calibration(rows: pl.DataFrame) -> pl.DataFrame:
    """Return bands of expected rates with about as many expected orders each."""
    ordered = rows.sort("cvr", maintain_order=True).with_columns(
        promised=pl.col("cvr") * pl.col("clicks")
    )
    share = pl.col("promised").cum_sum() / pl.col("promised").sum()
    bands = ordered.with_columns(band=(share * _BANDS).ceil().clip(1, _BANDS))
    sums = bands.group_by("band", maintain_order=True).agg(
        pl.col("clicks", "orders", "promised").sum()
    )
    expected = pl.col("promised") / pl.col("clicks")
    error = DEVIATIONS * (expected * (1 - expected) / pl.col("clicks")).sqrt()
    return sums.select(
        expected=expected,
        observed=pl.col("orders") / pl.col("clicks"),
        low=(expected - error).clip(0),
        high=expected + error,
        clicks="clicks",
    )
