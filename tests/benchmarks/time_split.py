"""Do the intervals hold later? ``python -m tests.benchmarks.time_split``.

Daily reports are cut in two parts of equal length with a gap of the attribution window and three
days between them. The model sees the first; judged on the second are ACOS and spend of campaigns
and in total (coverage of 50/80/95 % intervals), orders given the clicks (Poisson deviance of the
rows that are there), and calibration by the clicks that a term had. Two real accounts are few:
simulated ones beside them cover other seeds, catalogs of the sample, and no drift but theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from admatch.catalog.reader import read_catalog
from admatch.impact.baseline import Baseline
from admatch.impact.columns import KEY
from admatch.impact.draws import draw
from admatch.impact.evidence import gather
from admatch.impact.posterior import Fitted, fit
from admatch.reports.reader import read_report
from admatch.reports.records import SearchTermReport
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.accounts import REPORTS
from tests.benchmarks.ad_group_rates import AdGroupRates
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import SHARED

SEED, DRAWS, EXTRA_DAYS, SIMULATED = 7, 2000, 3, 24
DAILY = ("Ayurveda, IN", "skin care, JP")
LEVELS = (50, 80, 95)
BANDS = ((0, 0), (1, 1), (2, 4), (5, 9), (10, 29), (30, 10**9))
SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "catalog.csv"


@dataclass(frozen=True)
class Split:
    """An account before and after; ``made`` is the day on which the first part was known."""

    name: str
    before: SearchTermReport
    after: pl.DataFrame
    made: date


def real() -> Iterator[Split]:
    for name in DAILY:
        report = read_report(SHARED / "reports" / REPORTS[name])
        yield split(name, report, report.frame, report.window_days or 7)


def simulated() -> Iterator[Split]:
    """Yield accounts with a month before, the gap, and a month after."""
    for seed in range(SIMULATED):
        history = simulate(read_catalog(SAMPLE), seed=1000 + seed, days=40, terms=400)
        with TemporaryDirectory() as folder:
            write_simulation(history, Path(folder), {})
            past = read_report(Path(folder) / "search_terms_daily.csv")
            future = read_report(Path(folder) / "future" / "search_terms_daily.csv").frame
        yield split(f"simulated {seed}", past, pl.concat([past.frame, future]), 7)


def split(name: str, report: SearchTermReport, rows: pl.DataFrame, window: int) -> Split:
    first, last = rows["start_date"].min(), rows["end_date"].max()
    gap = window + EXTRA_DAYS
    length = ((last - first).days + 1 - gap) // 2
    cut = first + timedelta(days=length)
    start = cut + timedelta(days=gap)
    before = replace(report, frame=rows.filter(pl.col("start_date") < cut))
    end = start + timedelta(days=length)
    after = rows.filter(pl.col("start_date").is_between(start, end, closed="left"))
    return Split(name, before, after, start)


def sums(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return rows.group_by(key).agg(pl.col("clicks", "orders", "spend", "sales").sum())


def ratio(spend: np.ndarray, sales: np.ndarray) -> np.ndarray:
    return np.divide(spend, sales, out=np.full(np.shape(spend), np.inf), where=sales > 0)


def covered(fitted: Fitted, after: pl.DataFrame) -> list[dict]:
    """Return for each campaign and the total whether later ACOS was covered.

    Campaigns that the first part does not show are left out: nothing was promised of them.
    """
    ground = Baseline.of(fitted, SEED)
    lines = np.arange(len(ground.parameters))
    drawn = draw(ground.parameters, DRAWS, SEED, lines)
    campaigns, found = ground.terms["campaign"], []
    after = after.filter(pl.col("campaign").is_in(campaigns.unique().implode()))
    for campaign in [None, *campaigns.unique().sort().to_list()]:
        own = np.ones(len(lines), bool) if campaign is None else (campaigns == campaign).to_numpy()
        later = after if campaign is None else after.filter(pl.col("campaign") == campaign)
        spend, sales = later["spend"].sum(), later["sales"].sum()
        if spend <= 0:
            continue  # paused: nothing was promised of it
        drawn_spend = drawn.spend[:, own].sum(axis=1, dtype=np.float64)
        drawn_sales = drawn.sales[:, own].sum(axis=1, dtype=np.float64)
        draws, truth = ratio(drawn_spend, drawn_sales), float(ratio(spend, sales))
        line = {"level": "total" if campaign is None else "campaign"}
        for level in LEVELS:
            low, high = np.percentile(draws, [50 - level / 2, 50 + level / 2], method="lower")
            line[str(level)] = bool(low <= truth <= high)
        found.append(line)
    return found


def told(fitted: Fitted, after: pl.DataFrame) -> pl.DataFrame:
    """Return later rows with clicks, their orders, and what each system expected of them."""
    rows = fitted.evidence.rows
    later = sums(after, list(KEY)).filter(pl.col("clicks") > 0)
    known = fitted.posteriors.select(*KEY, "cvr", "prior_cvr", seen="clicks")
    raw = rows.select(*KEY, raw=pl.col("converted") / pl.col("mature_clicks"))
    joined = later
    for table in (known, raw):
        joined = joined.join(table, on=KEY, how="left", nulls_equal=True)
    plain = AdGroupRates.fit(rows)
    surplus = float(fitted.parameters.surplus[0])
    account, group = plain.account_rates(joined), plain.rates(joined)
    return joined.with_columns(
        seen=pl.col("seen").fill_null(0),
        account=pl.Series(account) * (1 + surplus),
        group=pl.Series(group) * (1 + surplus),
        model=pl.coalesce("cvr", pl.Series(group)) * (1 + surplus),
        raw=pl.coalesce("raw", pl.Series(account)) * (1 + surplus),
    )


def poisson(orders: np.ndarray, expected: np.ndarray) -> float:
    expected = np.maximum(expected, 1e-3)
    logs = np.where(orders > 0, orders * np.log(np.maximum(orders, 1e-9) / expected), 0.0)
    return float(2 * (logs - (orders - expected)).sum())


def deviances(rows: pl.DataFrame) -> dict[str, float]:
    orders, clicks = rows["orders"].to_numpy(), rows["clicks"].to_numpy()
    systems = ("account", "raw", "group", "model")
    return {name: poisson(orders, clicks * rows[name].to_numpy()) for name in systems}


def share(found: list[dict], where: str, level: int) -> float:
    hits = [line[str(level)] for line in found if line["level"] == where]
    return 100 * float(np.mean(hits)) if hits else float("nan")


def interval(found: list[dict], where: str, level: int, rng: np.random.Generator) -> str:
    """Return the 95 % interval of a coverage; campaigns are resampled."""
    hits = np.array([line[str(level)] for line in found if line["level"] == where], float)
    drawn = 100 * rng.choice(hits, (2000, len(hits))).mean(axis=1)
    return "{:.0f}–{:.0f}".format(*np.percentile(drawn, [2.5, 97.5]))


def summary(name: str, splits: list[Split]) -> tuple[dict, pl.DataFrame]:
    found, tables, lost = [], [], []
    for one in splits:
        fitted = fit(gather(one.before, one.made), None, None)
        found += covered(fitted, one.after)
        tables.append(told(fitted, one.after))
        lost.append(deviances(tables[-1]))
    rows, rng = pl.concat(tables, how="diagonal"), np.random.default_rng(SEED)
    line: dict[str, object] = {"system": name, "accounts": len(splits)}
    for where in ("campaign", "total"):
        line[where] = sum(one["level"] == where for one in found)
        for level in LEVELS:
            line[f"{where} {level} %"] = share(found, where, level)
        line[f"{where} 80 % is"] = interval(found, where, 80, rng)
    for system in lost[0]:
        line[f"deviance {system}"] = sum(one[system] for one in lost)
    line["orders"] = int(rows["orders"].sum())
    return line, rows


def bands(name: str, rows: pl.DataFrame) -> list[dict]:
    """Return expected and actual orders by the clicks that a row had before."""
    lines = []
    for low, high in BANDS:
        part = rows.filter(pl.col("seen").is_between(low, high))
        expected = float((part["clicks"] * part["model"]).sum())
        text = f"{low}" if low == high else f"{low}–{high}" if high < 10**9 else f"{low}+"
        lines.append(
            {
                "system": name,
                "clicks before": text,
                "rows": part.height,
                "clicks after": int(part["clicks"].sum()),
                "orders": int(part["orders"].sum()),
                "expected": expected,
                "ratio": float(part["orders"].sum()) / expected if expected else None,
            }
        )
    return lines


def main() -> None:
    lines, calibration = [], []
    groups = [(one.name, [one]) for one in real()]
    for name, splits in [*groups, (f"simulated, {SIMULATED} seeds", list(simulated()))]:
        line, rows = summary(name, splits)
        lines.append(line)
        calibration += bands(name, rows)
    record("time_split", "later ACOS inside its intervals, percent", lines, SEED)
    record("time_split_bands", "later orders by clicks before", calibration, SEED)


if __name__ == "__main__":
    main()
