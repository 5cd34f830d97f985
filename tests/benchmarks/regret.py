"""What decisions cost against the best ones: admatch and the rules that people use.

python tests/benchmarks/regret.py [--seeds 5] [--terms 2500] [--real]

Simulated accounts (admatch.simulate) tell the truth: the gain of cutting a term is what it would
have cost in the period to come less what its sales are worth, at its true rates. Regret is the gain
of the best cuts of the same spend less the gain of the cuts made. Real accounts (../shared) know no
truth: clicks are parted at random into a half that decides and a half that judges, and the gain is
told for several shares rho of blocked clicks that reappear at the account's average.

A line's "admatch's regret" is that of cutting as much spend by expected profit, inside the
guard-rails (no term with an order in any ad group, nothing protected); "without guard-rails" shows
what those cost, "prior-only's regret" what the clicks of the terms themselves are worth.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

import admatch as am
from admatch.decisions.actions import NEGATIONS
from admatch.impact.model import ImpactModel
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.accounts import reports
from tests.benchmarks.record import record

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "catalog.csv"
TARGET = 0.30
KEY = ["campaign", "ad_group", "search_term"]
RHOS = (0.0, 0.5, 1.0)
TEN_DOLLARS = {"JPY": 1500, "INR": 850}
SPLITS = 3  # of a real account's clicks


@dataclass(frozen=True)
class Judged:
    """Rows with what decides (history, posteriors) and what judges: gain, spend, sales if cut."""

    rows: pl.DataFrame
    all_sales: float

    def array(self, name: str) -> np.ndarray:
        return self.rows[name].cast(pl.Float64).fill_null(0.0).to_numpy()

    def best_gain(self, spend: float) -> float:
        """Return the gain of the best cuts of so much spend, a part of the last row included."""
        return self._gain_of(
            np.argsort(-self.array("gain") / self.array("cut_spend").clip(1e-9)), spend
        )

    def gain_in_order(self, score: np.ndarray, eligible: np.ndarray, spend: float) -> tuple:
        """Return gain, spend and sales of cutting eligible rows, least score first, up to spend."""
        order = np.argsort(score, kind="stable")
        order = order[eligible[order]]
        cut = self.array("cut_spend")[order]
        before = np.cumsum(cut) - cut
        share = np.clip((spend - before) / np.maximum(cut, 1e-12), 0, 1)
        return tuple(
            float((self.array(name)[order] * share).sum())
            for name in ("gain", "cut_spend", "cut_sales")
        )

    def _gain_of(self, order: np.ndarray, spend: float) -> float:
        every = np.ones(len(order), bool)
        rank = np.empty(len(order))
        rank[order] = np.arange(len(order))
        return self.gain_in_order(rank, every, spend)[0]

    def gain_of(self, taken: np.ndarray) -> tuple:
        """Return gain, spend and sales of cutting the rows taken."""
        return tuple(float(self.array(n)[taken].sum()) for n in ("gain", "cut_spend", "cut_sales"))


def rules(rows: pl.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the rules that people use, each with the rows it negates."""
    clicks, spend = rows["clicks"].to_numpy(), rows["spend"].to_numpy()
    ten = TEN_DOLLARS.get(rows["currency"][0] or "", 10)
    none = rows["orders"].to_numpy() == 0
    cvr = rows["orders"].sum() / max(rows["clicks"].sum(), 1)
    for least in (10, 15, 20):
        yield f"{least} clicks, no order", none & (clicks >= least)
    yield "$10, no order", none & (spend >= ten)
    for times in (1, 2):
        yield f"{times} x 1/CVR clicks, no order", none & (clicks >= times / max(cvr, 1e-9))


def judge(judged: Judged, seed: int | str) -> list[dict[str, object]]:
    """Return a line a system: what it cut, gained and lost, and its regret beside admatch's."""
    rows = judged.rows
    eligible = (
        (rows["ordered"] == 0) & rows["protected"].is_null() & (rows["term_kind"] != "star")
    ).to_numpy()
    posterior = (rows["rate"] / rows["break_even"]).fill_null(np.inf).to_numpy()
    prior = (rows["prior_cvr"] / rows["break_even"]).fill_null(np.inf).to_numpy()
    every = np.ones(rows.height, bool)
    own = rows["action"].is_in([one.value for one in NEGATIONS]).to_numpy()
    lines = []
    for name, taken in (("do nothing", ~every), *rules(rows), ("admatch", own)):
        gain, spend, sales = judged.gain_of(taken)
        equal = judged.gain_in_order(posterior, eligible, spend)
        free = judged.gain_in_order(posterior, every, spend)
        by_prior = judged.gain_in_order(prior, every, spend)
        best = judged.best_gain(spend)
        lines.append(
            {
                "account": seed,
                "system": name,
                "rows cut": int(taken.sum()),
                "spend cut %": 100 * spend / judged.array("cut_spend").sum(),
                "sales lost %": 100 * sales / judged.all_sales,
                "gain": gain,
                "regret": best - gain,
                "admatch's regret": best - equal[0],
                "admatch's gain": equal[0],
                "without guard-rails": best - free[0],
                "prior-only's regret": best - by_prior[0],
                "admatch's sales lost %": 100 * equal[2] / judged.all_sales,
                "regret in all": judged.best_gain(np.inf) - gain,
            }
        )
    return lines


def simulated(seed: int, terms: int, folder: Path) -> Judged:
    """Return a simulated account judged by its truth."""
    catalog = am.read_catalog(SAMPLE)
    found = simulate(catalog, seed=seed, days=90, terms=terms)
    place = folder / f"{seed}-{terms}"
    write_simulation(found, place, {"seed": seed})
    report, account = (
        am.read_report(place / "search_terms.csv"),
        am.read_account(place / "bulk.xlsx"),
    )
    matches = _matches(report, catalog, place)
    model = ImpactModel(seed=7).fit(report, matches, catalog=catalog)
    advice = am.recommend(
        report, matches, model, target_acos=TARGET, account=account, catalog=catalog
    )
    rows = advice.rows.join(
        found.truth.select(
            *KEY,
            "kind",
            "true_cvr",
            "future_cvr",
            "future_clicks",
            true_cpc="cpc",
            true_value="order_value",
        ),
        on=KEY,
        how="left",
    )
    sales = pl.col("future_clicks") * pl.col("future_cvr") * pl.col("true_value")
    spend = pl.col("future_clicks") * pl.col("true_cpc")
    rows = rows.with_columns(cut_sales=sales, cut_spend=spend, gain=spend - TARGET * sales)
    return Judged(rows, float(rows["cut_sales"].sum()))


def halves(report: am.SearchTermReport, seed: int) -> tuple[am.SearchTermReport, pl.DataFrame]:
    """Return the report of a random half of the clicks, and the other half's sums by term."""
    rng, frame = np.random.default_rng(seed), report.frame
    clicks = frame["clicks"].fill_null(0).clip(0).to_numpy()
    orders = np.clip(frame["orders"].fill_null(0).to_numpy(), 0, clicks)
    kept = rng.binomial(clicks, 0.5)
    sold = rng.hypergeometric(orders, clicks - orders, kept)
    share = pl.Series(np.divide(kept, clicks, out=np.zeros(len(clicks)), where=clicks > 0))
    worth = pl.Series(np.divide(sold, orders, out=np.zeros(len(clicks)), where=orders > 0))
    money = [name for name in ("sales", "sales_promoted", "sales_halo")]
    early = frame.with_columns(
        pl.col("spend") * share,
        *(pl.col(name) * worth for name in money),
        clicks=pl.Series(kept),
        orders=pl.Series(sold),
    ).filter(pl.col("clicks") > 0)
    late = frame.select(
        *KEY, cut_spend=pl.col("spend") * (1 - share), cut_sales=pl.col("sales") * (1 - worth)
    )
    return replace(report, frame=early), late.group_by(KEY).agg(pl.all().sum())


def real(name: str, report: am.SearchTermReport, seed: int) -> list[dict[str, object]]:
    """Return a line a system and rho: what its cuts gain on clicks that it has not seen."""
    early, late = halves(report, seed)
    model = ImpactModel(seed=7).fit(early)
    rows = am.recommend(early, None, model, target_acos=TARGET).rows
    rows = rows.join(late, on=KEY, how="left", nulls_equal=True).with_columns(
        pl.col("cut_spend", "cut_sales").fill_null(0.0)
    )
    rows = rows.with_columns(gain=pl.col("cut_spend") - TARGET * pl.col("cut_sales"))
    judged = Judged(rows, float(rows["cut_sales"].sum()))
    if judged.all_sales <= 0:
        return []  # an account that counts conversions but tells no sales
    usual = judged.array("cut_spend").sum() / max(judged.all_sales, 1e-9)
    back = 1 - TARGET / max(usual, 1e-9)  # what a unit of spend that reappears still loses
    lines = []
    for line in judge(judged, name):
        rule, own = line["gain"], line["admatch's gain"]
        spend = line["spend cut %"] / 100 * judged.array("cut_spend").sum()
        kept = {key: line[key] for key in ("account", "system", "rows cut", "spend cut %")}
        kept |= {key: line[key] for key in ("sales lost %", "admatch's sales lost %")}
        for rho in RHOS:
            kept[f"gain, rho {rho:g}"] = rule - rho * spend * back
            kept[f"admatch's gain, rho {rho:g}"] = own - rho * spend * back
        lines.append(kept)
    return lines


def _matches(report: am.SearchTermReport, catalog: am.Catalog, folder: Path) -> am.Matches:
    """Return the matches, kept in ``folder`` so that a second run is quick."""
    terms, products = folder / "terms.parquet", folder / "products.parquet"
    if terms.exists():
        kept = am.Matches(report, pl.read_parquet(terms), pl.read_parquet(products))
        wanted = set(report.frame.filter(pl.col("term_kind") == "keyword")["search_term"])
        if wanted == set(kept.terms["search_term"]):
            return kept
    matches = am.Index.build(catalog).match(report)
    matches.terms.write_parquet(terms)
    matches.products.write_parquet(products)
    return matches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--terms", type=int, default=2500)
    parser.add_argument("--folder", type=Path, default=Path("benchmark-cache/regret"))
    parser.add_argument("--real", action="store_true", help="the real accounts instead")
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    lines = []
    if chosen.real:
        for name, report in reports().items():
            parts = [line for seed in range(SPLITS) for line in real(name, report, seed)]
            if parts:
                means = pl.DataFrame(parts).group_by("account", "system", maintain_order=True)
                lines += means.mean().to_dicts()
        _finish("regret_real", "Gain of cuts on real accounts' unseen clicks", lines, chosen.dry)
        return
    for seed in range(1, chosen.seeds + 1):
        lines += judge(simulated(seed, chosen.terms, chosen.folder), seed)
    mean = (
        pl.DataFrame(lines)
        .group_by("system", maintain_order=True)
        .agg(pl.exclude("account").mean())
    )
    title = f"Regret on {chosen.seeds} simulated accounts, means"
    _finish("regret", title, mean.to_dicts(), chosen.dry)


def _finish(name: str, title: str, lines: list[dict[str, object]], dry: bool) -> None:
    if dry:
        pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=240)
        print(pl.DataFrame(lines))
    else:
        record(name, title, lines, 1)


if __name__ == "__main__":
    main()
