"""What it costs in accuracy to keep trees for some days: ``python -m tests.benchmarks.kept_fits``.

Simulated accounts with three months of days. A model is fitted; so many days later it is fitted
again to all that is known by then, once with the trees of that day and once with new ones. Both are
judged by the week after: binomial deviance a thousand clicks (less is better), beside the model
that has seen nothing since the first fit.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from admatch.catalog.reader import read_catalog
from admatch.impact.columns import KEY
from admatch.impact.model import ImpactModel
from admatch.impact.prior import deviance
from admatch.reports.reader import read_report
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.record import record

SEEDS, TERMS, DAYS = range(2000, 2008), 3000, 90
AGES, WEEK = (7, 14, 28), 7  # days since the fit; days that judge
SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "catalog.csv"


def account(seed):
    """Return the report of the first days, and the rows of those after."""
    history = simulate(read_catalog(SAMPLE), seed=seed, days=DAYS, terms=TERMS)
    with TemporaryDirectory() as folder:
        write_simulation(history, Path(folder), {})
        past = read_report(Path(folder) / "search_terms_daily.csv")
        future = read_report(Path(folder) / "future" / "search_terms_daily.csv").frame
    return past, future


def judged(model, week):
    """Return the deviance of a week's orders, and its clicks, of terms that the model knows."""
    known = model.posteriors.select(*KEY, "cvr")
    rows = week.group_by(KEY).agg(pl.col("clicks", "orders").fill_null(0).sum())
    rows = rows.join(known, on=list(KEY), nulls_equal=True).filter(pl.col("clicks") > 0)
    clicks = rows["clicks"].to_numpy().astype(np.float64)
    orders = np.minimum(rows["orders"].to_numpy().astype(np.float64), clicks)
    return np.array([deviance(orders, clicks, rows["cvr"].to_numpy()).sum(), clicks.sum()])


def main():
    sums, grown = {}, 0
    for seed in SEEDS:
        past, future = account(seed)
        first, made = ImpactModel().fit(past), past.period[1]
        grown += first.basis == "lightgbm"
        for age in AGES:
            until = made + timedelta(age)
            now = replace(
                past, frame=pl.concat([past.frame, future.filter(pl.col("end_date") <= until)])
            )
            ahead = pl.col("end_date").is_between(
                until + timedelta(1), until + timedelta(WEEK), closed="both"
            )
            models = {
                "no update": first,
                "kept trees": ImpactModel().fit(now, trees=first.trees),
                "new trees": ImpactModel().fit(now),
            }
            known = future.filter(ahead).join(
                first.posteriors.select(KEY), on=list(KEY), how="semi", nulls_equal=True
            )
            for system, model in models.items():
                told = judged(model, known)
                sums.setdefault((system, age), []).append(told)
    rows = []
    for age in AGES:
        best = np.array(sums["new trees", age])
        for system in ("no update", "kept trees", "new trees"):
            found = np.array(sums[system, age])
            worse = 1000 * (found[:, 0] - best[:, 0]) / best[:, 1]
            rows.append(
                {
                    "system": system,
                    "days since the fit": age,
                    "deviance a 1000 clicks": float(1000 * found[:, 0].sum() / found[:, 1].sum()),
                    "above new trees": float(worse.mean()),
                    "± (standard error)": float(worse.std(ddof=1) / np.sqrt(len(worse))),
                    "clicks": int(found[:, 1].sum()),
                    "accounts": len(found),
                    "with LightGBM": grown,
                }
            )
    record("kept_fits", "trees kept for some days against new ones", rows, SEEDS[0])


if __name__ == "__main__":
    main()
