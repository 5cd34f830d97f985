"""How often alerts are false, and which planted troubles they find.

python -m tests.benchmarks.alerts [--seeds 8] [--terms 1500]

Simulated accounts vary by weekday, season, bursts of terms and drift, and nothing ever breaks in
them: each alert is a false alarm. Nights are run one after the other over their last 90 days, each
with the orders that had arrived by then; an alert that was said in the last 14 days is not said
again, as in jobs. Then a trouble of each kind begins on a day drawn at random; it is found if its
kind is said of its campaign, of the account or of its term within ten nights.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

import admatch as am
from admatch.decisions.alerts.find import QUIET, find_alerts
from admatch.decisions.alerts.records import Alert, AlertKind
from admatch.simulate.simulation import Simulation, simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.record import record
from tests.benchmarks.regret import SAMPLE

DAYS, NIGHTS, PATIENCE = 150, 90, 10
MONTH = 30


class Account:
    """A simulated account, night by night."""

    def __init__(self, seed: int, terms: int, folder: Path) -> None:
        self.rng = np.random.default_rng([seed, 2708])
        catalog = am.read_catalog(SAMPLE)
        self.found: Simulation = simulate(catalog, seed=seed, days=DAYS, terms=terms)
        place = folder / f"{seed}-{terms}"
        if not (place / "search_terms_daily.csv").exists():
            write_simulation(self.found, place, {"seed": seed})
        self.report = am.read_report(place / "search_terms_daily.csv")
        self.last = self.report.period[1]

    def night(self, day: date, frame: pl.DataFrame | None = None) -> tuple[Alert, ...]:
        """Return what is said on a day, by what was known on the morning after it."""
        rows = (self.report.frame if frame is None else frame).filter(pl.col("end_date") <= day)
        age = (pl.lit(day) - pl.col("end_date")).dt.total_days() + 1
        late = rows.with_columns(age=age).filter(pl.col("age") < 10)
        known = np.array([self.found.assumptions.arrived(n) for n in range(11)])
        orders = self.rng.binomial(late["orders"].to_numpy(), known[late["age"].to_numpy()])
        late = late.with_columns(orders=pl.Series(orders)).drop("age")
        early = rows.filter(pl.col("end_date") <= day - timedelta(days=9))
        return find_alerts(replace(self.report, frame=pl.concat([early, late])))

    def false_alarms(self) -> list[Alert]:
        """Return what is said in all nights; each of it is false."""
        said: dict[tuple, date] = {}
        found = []
        for number in range(NIGHTS):
            day = self.last - timedelta(days=NIGHTS - 1 - number)
            for alert in self.night(day):
                if alert.key not in said or (day - said[alert.key]).days > QUIET:
                    found.append(alert)
                said[alert.key] = day
        return found

    def nights_until_found(self, kind: AlertKind) -> int | None:
        """Plant a trouble; return after how many nights it is found, or None."""
        begin = self.last - timedelta(days=int(self.rng.integers(PATIENCE, NIGHTS)))
        campaign, ad_group = self._busy(begin)
        frame = PLANTS[kind](self.report.frame, begin, campaign, ad_group, self.rng)
        for number in range(PATIENCE):
            for alert in self.night(begin + timedelta(days=number), frame):
                of_it = alert.campaign in (None, campaign)
                if alert.kind is kind and of_it and alert.search_term in (None, NEW):
                    return number + 1
        return None

    def _busy(self, begin: date) -> tuple[str, str]:
        """Return an ad group among the busiest before a day, drawn at random."""
        before = self.report.frame.filter(
            pl.col("end_date").is_between(begin - timedelta(days=28), begin - timedelta(days=1))
        )
        sums = before.group_by("campaign", "ad_group").agg(pl.col("clicks").sum())
        busy = sums.filter(pl.col("clicks") >= 280).sort("clicks", "campaign", "ad_group")
        return busy.select("campaign", "ad_group").row(int(self.rng.integers(busy.height)))


NEW = "planted new term"


def _after(begin: date, campaign: str) -> pl.Expr:
    return (pl.col("end_date") >= begin) & (pl.col("campaign") == campaign)


def more_spend(frame: pl.DataFrame, begin: date, campaign: str, *_: object) -> pl.DataFrame:
    """Three times the clicks of a campaign, at their price."""
    here = _after(begin, campaign)
    figures = ("clicks", "impressions", "orders", "spend", "sales")
    return frame.with_columns(
        pl.when(here).then(3 * pl.col(name)).otherwise(name).alias(name) for name in figures
    )


def dearer(frame: pl.DataFrame, begin: date, campaign: str, *_: object) -> pl.DataFrame:
    """Clicks at 1.6 times their price."""
    here = _after(begin, campaign)
    return frame.with_columns(spend=pl.when(here).then(1.6 * pl.col("spend")).otherwise("spend"))


def unsold(
    frame: pl.DataFrame, begin: date, campaign: str, _: str, rng: np.random.Generator
) -> pl.DataFrame:
    """A fifth of the orders of a campaign."""
    kept = pl.Series(rng.binomial(frame["orders"].to_numpy(), 0.2))
    return frame.with_columns(
        orders=pl.when(_after(begin, campaign)).then(kept).otherwise("orders")
    )


def silent(
    frame: pl.DataFrame, begin: date, campaign: str, ad_group: str, *_: object
) -> pl.DataFrame:
    """An ad group without a row."""
    return frame.filter(~(_after(begin, campaign) & (pl.col("ad_group") == ad_group)))


def new_term(
    frame: pl.DataFrame, begin: date, campaign: str, ad_group: str, *_: object
) -> pl.DataFrame:
    """A new term of ten clicks a day without an order, at the account's usual price."""
    usual = float(frame["spend"].sum()) / float(frame["clicks"].sum())
    model = frame.filter((pl.col("campaign") == campaign) & (pl.col("ad_group") == ad_group))
    rows = model.filter(pl.col("end_date") >= begin).unique("end_date", keep="first")
    fresh = rows.with_columns(
        search_term=pl.lit(NEW), clicks=pl.lit(10, pl.Int64), orders=pl.lit(0, pl.Int64),
        spend=pl.lit(10 * usual), sales=pl.lit(0.0),
    )  # fmt: skip
    return pl.concat([frame, fresh])


PLANTS: dict[AlertKind, Callable[..., pl.DataFrame]] = {
    AlertKind.SPEND: more_spend,
    AlertKind.CPC: dearer,
    AlertKind.CONVERSION: unsold,
    AlertKind.STOPPED: silent,
    AlertKind.NEW_TERM: new_term,
}
PER_ACCOUNT = 4  # troubles of each kind


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--terms", type=int, default=1500)
    parser.add_argument("--folder", type=Path, default=Path("benchmark-cache/alerts"))
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    alarms: Counter[AlertKind] = Counter()
    nights: dict[AlertKind, list[int | None]] = {kind: [] for kind in AlertKind}
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        account = Account(seed, chosen.terms, chosen.folder)
        said = account.false_alarms()
        alarms.update(alert.kind for alert in said)
        for kind in AlertKind:
            nights[kind] += [account.nights_until_found(kind) for _ in range(PER_ACCOUNT)]
        print(seed, [(str(one.kind), str(one.day), str(one.message)) for one in said], flush=True)
    months = chosen.seeds * NIGHTS / MONTH
    lines = [_line(kind.value, alarms[kind] / months, nights[kind]) for kind in AlertKind]
    every = [one for found in nights.values() for one in found]
    lines.append(_line("all", alarms.total() / months, every))
    if chosen.dry:
        print(pl.DataFrame(lines))
    else:
        title = f"Alerts on {chosen.seeds} simulated accounts, {NIGHTS} nights each"
        record("alerts", title, lines, chosen.first)


def _line(name: str, alarms: float, nights: list[int | None]) -> dict[str, object]:
    found = [one for one in nights if one is not None]
    return {
        "alert": name,
        "false alarms per account and month": round(alarms, 3),
        "planted": len(nights),
        "found %": 100 * len(found) / len(nights),
        "nights until found, median": float(np.median(found)) if found else None,
    }


if __name__ == "__main__":
    pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200)
    main()
