"""What Amazon's other reports are worth: rates and decisions with and without each.

python -m tests.benchmarks.other_reports [--seeds 4] [--terms 1500]

On simulated accounts the truth is known. ``deviance`` is what the rates of all terms are off in the
period to come (binomial deviance at the true rates, less that of the truth itself, for each 1,000
clicks), ``thin`` the same of terms with fewer than ten clicks; ``regret`` is the gain of the best
cuts of any size less that of admatch's, as a share of the spend to come, ``gain`` admatch's.
``gain at 10 %`` is what cutting a tenth of the spend gains, terms without an order in order
of their rates, whatever their certainty: how well the rates rank. ``right product`` is the share of
terms that sold whose first product they are about.
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl

import admatch as am
from admatch.decisions.actions import NEGATIONS
from admatch.decisions.targets import advertised
from admatch.impact.model import ImpactModel
from admatch.match.sold import sold_products
from admatch.match.taught import taught
from admatch.pipeline.market import market_of
from admatch.simulate.simulation import Simulation, simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.market_reports import market_reports
from tests.benchmarks.record import record
from tests.benchmarks.regret import KEY, SAMPLE, TARGET, Judged, _matches

KINSHIPS = (0.0, 0.3, 0.6)
_THIN = 10
_TENTH = 0.10


class Account:
    """A simulated account, read and matched once."""

    def __init__(self, seed: int, terms: int, folder: Path) -> None:
        self.seed = seed
        self.catalog = am.read_catalog(SAMPLE)
        self.found: Simulation = simulate(self.catalog, seed=seed, days=90, terms=terms)
        place = folder / f"{seed}-{terms}"
        if not (place / "search_terms.csv").exists():
            write_simulation(self.found, place, {"seed": seed})
        self.report = am.read_report(place / "search_terms.csv")
        self.account = am.read_account(place / "bulk.xlsx")
        self.matches = _matches(self.report, self.catalog, place)
        self.trees = ImpactModel(7).fit(self.report, self.matches, catalog=self.catalog).trees

    def where_sold(self) -> am.Matches:
        """Return the matches after where terms sell was heard."""
        heard = taught(self.matches, self.report)
        products = self.catalog.frame.select("product_id", "sku")
        shown = advertised(self.account, products)
        return sold_products(heard.matches, self.report, shown, heard.rates).matches

    def line(
        self, name: str, insights: am.Insights | None, matches: am.Matches | None = None
    ) -> dict[str, object]:
        """Return what the rates and the decisions of a model with these reports are worth."""
        matches = matches or taught(self.matches, self.report).matches
        model = ImpactModel(7).fit(
            self.report, self.matches, catalog=self.catalog, trees=self.trees,
            market=market_of(insights, self.report),
        )  # fmt: skip
        advice = am.recommend(
            self.report, matches, model, target_acos=TARGET, account=self.account,
            catalog=self.catalog,
        )  # fmt: skip
        told = model.market
        return {
            "account": self.seed, "reports": name,
            "used": bool(told and told.used),
            "slopes": None if told is None else [round(one, 2) for one in told.slopes],
            **self._rates(model), **self._decisions(advice),
            "right product %": self._right(matches),
        }  # fmt: skip

    def _truth(self) -> pl.DataFrame:
        return self.found.truth.select(
            *KEY, "future_cvr", "future_clicks", true_cpc="cpc", true_value="order_value"
        )

    def _right(self, matches: am.Matches) -> float:
        own = self.found.truth.filter(pl.col("product_ids").list.len() > 0)
        meant = own.group_by("search_term").agg(pl.col("product_ids").first())
        sums = self.report.frame.group_by("search_term").agg(pl.col("orders").sum())
        best = matches.products.filter(pl.col("rank") == 1).select("search_term", "product_id")
        sold = meant.join(sums.filter(pl.col("orders") > 0), on="search_term")
        right = pl.col("product_ids").list.contains(pl.col("product_id"))
        return 100 * float(sold.join(best, on="search_term").select(right.mean()).item())

    def _rates(self, model: ImpactModel) -> dict[str, float]:
        rows = model.posteriors.join(self._truth(), on=KEY)
        p, q = rows["cvr"].to_numpy(), rows["future_cvr"].to_numpy()
        n = rows["future_clicks"].to_numpy()
        off = 2 * n * (q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p)))
        thin = rows["clicks"].to_numpy() < _THIN
        return {
            "deviance": 1000 * float(off.sum() / n.sum()),
            "thin": 1000 * float(off[thin].sum() / n[thin].sum()),
        }

    def _decisions(self, advice: am.Recommendations) -> dict[str, float]:
        rows = advice.rows.join(self._truth(), on=KEY, how="left")
        sales = pl.col("future_clicks") * pl.col("future_cvr") * pl.col("true_value")
        spend = pl.col("future_clicks") * pl.col("true_cpc")
        rows = rows.with_columns(cut_sales=sales, cut_spend=spend, gain=spend - TARGET * sales)
        judged = Judged(rows, float(rows["cut_sales"].sum()))
        taken = rows["action"].is_in([one.value for one in NEGATIONS]).to_numpy()
        gain, cut, lost = judged.gain_of(taken)
        whole = float(rows["cut_spend"].sum())
        worth = (rows["rate"] / rows["break_even"]).fill_null(np.inf).to_numpy()
        free = (rows["ordered"] == 0).fill_null(False).to_numpy()
        tenth = judged.gain_in_order(worth, free, _TENTH * whole)[0]
        return {
            "gain at 10 % of spend": 100 * tenth / whole,
            "regret %": 100 * (judged.best_gain(np.inf) - gain) / whole,
            "gain %": 100 * gain / whole,
            "cut %": 100 * cut / whole,
            "sales lost %": 100 * lost / judged.all_sales,
            "negated": int(taken.sum()),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--terms", type=int, default=1500)
    parser.add_argument("--folder", type=Path, default=Path("benchmark-cache/other_reports"))
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    lines = []
    for seed in range(1, chosen.seeds + 1):
        account = Account(seed, chosen.terms, chosen.folder)
        lines.append(account.line("none", None))
        lines.append(account.line("advertised products", None, account.where_sold()))
        for kinship in KINSHIPS:
            insights = market_reports(account.found, kinship, seed)
            lines.append(account.line(f"search queries, kinship {kinship:g}", insights))
        print(pl.DataFrame(lines).filter(account=seed), flush=True)
    table = pl.DataFrame(lines).drop("slopes").with_columns(pl.col("used").cast(pl.Float64))
    mean = table.group_by("reports", maintain_order=True).agg(pl.exclude("account").mean())
    if chosen.dry:
        print(mean)
    else:
        title = f"Amazon's other reports: means of {chosen.seeds} simulated accounts"
        record("other_reports", title, mean.to_dicts(), 2)


if __name__ == "__main__":
    pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=220)
    main()
