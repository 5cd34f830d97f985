"""How well unseen terms' conversion is told: ``python -m tests.benchmarks.unseen_terms``.

Rows are (ad group, term) with clicks. Five folds by term: a held-out term has taught nothing, and
how far LightGBM may go is chosen by cross-validation within the training part. Figures are the gain
in held-out binomial deviance over the account's own rate, in percent; "beyond ad group" is in
points, with a 95 % interval bootstrapped over terms. SemanticPools is that of the terms alone (free
decoding, cosine of terms): no catalog of these accounts is at hand. With --simulated the accounts
are simulated from the sample's catalog, and meaning is that of their matches with it.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from admatch.catalog.reader import read_catalog
from admatch.impact.evidence import gather
from admatch.impact.folds import FOLDS, fold_by_term
from admatch.impact.prior import deviance, fit_prior
from admatch.impact.related_terms import BEST_SCHEMA, MEMBER_SCHEMA, SemanticPools
from admatch.impact.shrinkage import Shrinkage
from admatch.index.index import Index
from admatch.reports.reader import read_report
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.accounts import Semantics, reports
from tests.benchmarks.ad_group_rates import AdGroupRates
from tests.benchmarks.record import record

SEED, RESAMPLES = 7, 2000
LONG_AFTER = date(2099, 1, 1)  # all accounts are years old: every order is known
SIMULATED, SAMPLE = 3, Path(__file__).parents[2] / "data" / "sample" / "catalog.csv"
LEVELS = "levels"  # campaign, ad group, targeting: the plain prior
VARIANTS = {
    "LightGBM": (False, False),
    "+ neighbours": (False, True),
    "+ ID prefixes": (True, False),
    "all": (True, True),
}


@dataclass(frozen=True)
class Matched:
    """The meaning that matches with a catalog give, in parts."""

    whole: SemanticPools

    def meaning(self, *, prefixes: bool, kin: bool) -> SemanticPools | None:
        nothing = pl.DataFrame(schema=MEMBER_SCHEMA)
        if not prefixes and not kin:
            return None
        return SemanticPools(
            self.whole.prefixes if prefixes else nothing,
            self.whole.related if kin else nothing,
            self.whole.contributions if kin else nothing,
            self.whole.best if kin else pl.DataFrame(schema=BEST_SCHEMA),
        )


def held_out(rows: pl.DataFrame, semantics: Semantics | Matched, seed: int) -> tuple[dict, dict]:
    """Return each system's rates of held-out rows, and how often LightGBM was chosen."""
    names = ["account", "ad group", LEVELS, *VARIANTS]
    rates = {name: np.empty(rows.height) for name in names}
    chosen = dict.fromkeys(VARIANTS, 0)
    folds = fold_by_term(rows, seed)
    for fold in range(FOLDS):
        held = folds == fold
        kept, asked = rows.filter(~held), rows.filter(held)
        plain = AdGroupRates.fit(kept)
        rates["account"][held] = plain.account_rates(asked)
        rates["ad group"][held] = plain.rates(asked)
        rates[LEVELS][held] = Shrinkage.fit(kept).rates(asked)
        for name, (prefixes, kin) in VARIANTS.items():
            meaning = semantics.meaning(prefixes=prefixes, kin=kin)
            prior = fit_prior(kept, meaning)
            rates[name][held] = prior.rates(asked)
            chosen[name] += prior.basis == "lightgbm"
    return rates, chosen


def interval(rows: pl.DataFrame, gain: np.ndarray, account: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of the relative gain, by resampling terms."""
    terms = rows.select("search_term", gain=gain, account=account).group_by("search_term")
    sums = terms.agg(pl.col("gain", "account").sum()).sort("search_term")
    values = sums.select("gain", "account").to_numpy()
    rng = np.random.default_rng(SEED)
    counts = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), RESAMPLES)
    drawn = counts @ values
    low, high = np.percentile(100 * drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    return float(low), float(high)


def judge(
    name: str, rows: pl.DataFrame, semantics: Semantics | Matched, seed: int
) -> dict[str, object]:
    """Return one account's line."""
    rates, chosen = held_out(rows, semantics, seed)
    orders = rows["converted"].to_numpy().astype(np.float64)
    clicks = rows["clicks"].to_numpy().astype(np.float64)
    lost = {system: deviance(orders, clicks, told) for system, told in rates.items()}
    account = lost["account"].sum()
    line: dict[str, object] = {
        "system": name,
        "rows": rows.height,
        "clicks": int(clicks.sum()),
        "orders": int(orders.sum()),
    }
    for system in ("ad group", LEVELS, *VARIANTS):
        line[system] = float(100 * (1 - lost[system].sum() / account))
    gain = lost["ad group"] - lost["all"]
    low, high = interval(rows, gain, lost["account"])
    line["beyond ad group"] = float(100 * gain.sum() / account)
    line["low"], line["high"] = low, high
    line["folds with LightGBM"] = chosen["all"]
    return line


def simulated() -> Iterator[tuple]:
    """Yield name, report and meaning of simulated accounts."""
    catalog = read_catalog(SAMPLE)
    index = Index.build(catalog)
    for seed in range(SIMULATED):
        account = simulate(catalog, seed=2000 + seed, days=60, terms=1500)
        with TemporaryDirectory() as folder:
            write_simulation(account, Path(folder), {})
            report = read_report(Path(folder) / "search_terms.csv")
        yield f"simulated {seed}", report, Matched(SemanticPools.of(index.match(report), catalog))


def real() -> Iterator[tuple]:
    """Yield name, report and meaning of the real accounts."""
    for name, report in reports().items():
        yield name, report, Semantics.of(report)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--simulated", action="store_true")
    given = arguments.parse_args()
    seed, lines = given.seed, []
    for name, report, semantics in simulated() if given.simulated else real():
        rows = gather(report, LONG_AFTER).rows.filter(pl.col("clicks") > 0)
        lines.append(judge(name, rows, semantics, seed))
        print(lines[-1], flush=True)
    mean: dict[str, object] = {"system": "mean of accounts", "rows": "", "clicks": "", "orders": ""}
    for column in ("ad group", LEVELS, *VARIANTS, "beyond ad group"):
        mean[column] = float(np.mean([line[column] for line in lines]))
    mean |= {"low": "", "high": "", "folds with LightGBM": ""}
    title = "unseen terms: gain in held-out deviance over the account's rate, percent"
    if seed == SEED:
        name = "unseen_terms_simulated" if given.simulated else "unseen_terms"
        record(name, title, [*lines, mean], seed)
    else:
        print(mean)


if __name__ == "__main__":
    main()
