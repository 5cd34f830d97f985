"""What orders say of the product that a term is about.

python -m tests.benchmarks.first_product [--seeds 6] [--terms 1500]

Simulated accounts, in two shapes: campaigns for categories with many products, and campaigns for
each product (``apart``). By what is given: meaning alone, with what other terms of the same ad
groups sell (no file says what these advertise), beside that with the account (which ad group
advertises what), with the report of purchased products, and with both. ``first`` is the share
of terms about a product whose first product they are about, ``sold`` that of those that sold, and
``orders`` the share of their orders. Own terms found and foreign terms refused show that nothing
else changes. ``worse`` is the number of accounts where fewer terms that sold are right than by
meaning alone.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

import admatch as am
from admatch.decisions.targets import advertised
from admatch.match.records import Matches
from admatch.match.sold import sold_products
from admatch.match.taught import taught
from admatch.simulate.simulation import Simulation, simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.record import record
from tests.benchmarks.regret import SAMPLE, _matches

FOREIGN = ("off_catalog", "competitor")
SYSTEMS = ("meaning", "+ other terms", "+ account", "+ purchased products", "+ both")


@dataclass(frozen=True)
class Account:
    """A simulated account as its files say, and its truth."""

    found: Simulation
    matches: Matches
    shown: pl.DataFrame
    purchases: pl.DataFrame

    @classmethod
    def of(cls, seed: int, terms: int, folder: Path, *, apart: bool) -> "Account":
        """Return an account; its matches are kept in ``folder``."""
        catalog = am.read_catalog(SAMPLE)
        found = simulate(catalog, seed=seed, days=90, terms=terms, apart=apart)
        place = folder / f"{seed}-{terms}{'-apart' if apart else ''}"
        write_simulation(found, place, {"seed": seed})
        report = am.read_report(place / "search_terms.csv")
        matches = replace(_matches(report, catalog, place), catalog=catalog)
        products = catalog.frame.select("product_id", "sku")
        shown = advertised(am.read_account(place / "bulk.xlsx"), products)
        return cls(
            found, matches, shown, am.read_insights(place / "purchased_products.csv").purchases
        )

    def with_evidence(self, system: str) -> Matches:
        """Return the matches with what a system is given."""
        heard = taught(self.matches, self.matches.report)
        if system == SYSTEMS[0]:
            return heard.matches
        shown = self.shown if system in SYSTEMS[2::2] else self.shown.clear()
        purchases = self.purchases if system in SYSTEMS[3:] else None
        return sold_products(
            heard.matches, heard.matches.report, shown, heard.rates, purchases
        ).matches

    def right(self, matches: Matches) -> dict[str, float]:
        """Return the shares of right first products, own terms found, and foreign ones refused."""
        truth = self.found.truth.group_by("search_term").agg(
            pl.col("product_ids", "kind").first(),
        )
        best = matches.products.filter(pl.col("rank") == 1).select("search_term", "product_id")
        sums = matches.report.frame.group_by("search_term").agg(pl.col("orders").sum())
        rows = matches.terms.join(truth, on="search_term").join(best, on="search_term", how="left")
        rows = rows.join(sums, on="search_term").with_columns(
            right=pl.col("product_ids").list.contains(pl.col("product_id")).fill_null(False)
        )
        about = rows.filter(pl.col("product_ids").list.len() > 0)
        sold = about.filter(pl.col("orders") > 0)
        own, foreign = (
            rows.filter(pl.col("kind").is_in(FOREIGN) == one)["outcome"] == "match"
            for one in (False, True)
        )
        return {
            "first": 100 * float(about["right"].mean()),
            "sold": 100 * float(sold["right"].mean()),
            "orders": 100 * float((sold["right"] * sold["orders"]).sum() / sold["orders"].sum()),
            "own found": 100 * float(own.mean()),
            "foreign refused": 100 * float(1 - foreign.mean()),
        }


def rows(accounts: list[Account], shape: str) -> list[dict[str, object]]:
    """Return a row a system: means over the accounts."""
    every = {name: [one.right(one.with_evidence(name)) for one in accounts] for name in SYSTEMS}
    found = []
    for name, results in every.items():
        means = {key: float(np.mean([one[key] for one in results])) for key in results[0]}
        before = zip(results, every[SYSTEMS[0]], strict=True)
        worse = sum(one["sold"] < plain["sold"] for one, plain in before)
        found.append({"system": f"{shape}: {name}"} | means | {"worse": worse})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--terms", type=int, default=1500)
    parser.add_argument("--folder", type=Path, default=Path("benchmark-cache/first_product"))
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    lines = []
    for apart, shape in ((False, "categories"), (True, "apart")):
        accounts = [
            Account.of(seed, chosen.terms, chosen.folder, apart=apart)
            for seed in range(1, chosen.seeds + 1)
        ]
        lines += rows(accounts, shape)
    if chosen.dry:
        print(pl.DataFrame(lines))
    else:
        title = f"The product that a term is about: means of {chosen.seeds} simulated accounts"
        record("first_product", title, lines, 1)


if __name__ == "__main__":
    pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200)
    main()
