"""Is the money of ad groups that surely lose acted on? ``python -m tests.benchmarks.lossy_groups``.

Each account is judged at a target of half its ACOS. Of the ad groups with at least 60 clicks whose
80 % range of ACOS lies wholly above it: how much of their spend is under some proposed change, is
left with its reason named (protected, sold below its target, too recent …), or stays unexplained.
"Expected" is what the pooled rates allow beyond chance; a rule beside it: every term with 10 clicks
and no order is negated. Real accounts (../shared) have no catalog and no bulk file; the sample has
both; simulated ones (clicks cost more) have their catalog.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

import admatch as am
from admatch.decisions.actions import CHANGING
from admatch.impact.columns import AD_GROUP
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.accounts import reports
from tests.benchmarks.record import record
from tests.benchmarks.replay import SAMPLE, assumptions

SEED, CLICKS, SIMULATED = 7, 60, 4
_RULE_CLICKS = 10
# why a row is left alone although its ad group loses; "thin" is no reason: the group has evidence
_NAMED = ("protected", "below", "target", "recent", "ended", "price_cut", "own", "flip", "rejected",
          "strong", "spans", "elsewhere", "cap", "odd")  # fmt: skip


def line(
    name: str, report: am.SearchTermReport, catalog: Path | None = None, bulk: Path | None = None
) -> dict[str, object]:
    """Return what becomes of the spend of an account's ad groups that surely lose."""
    target = report.frame["spend"].sum() / report.frame["sales"].sum() / 2
    options = am.AnalysisOptions(target_acos=target)
    done = am.analyse(report, catalog, bulk, options, cache=am.FolderCache())
    rows = done.advice.rows
    lossy = rows.filter(
        (pl.col("group_seen") >= CLICKS) & (pl.col("group_allowed_high") < pl.col("group_cost"))
    )
    changing = pl.col("action").is_in([one.value for one in CHANGING])
    under = changing | pl.col("factor").is_not_null()
    named = ~under & pl.col("why").is_in(_NAMED)
    thrown = (pl.col("clicks") >= _RULE_CLICKS) & (pl.col("orders").fill_null(0) == 0)
    spend = float(lossy["cost"].sum())

    def share(mask: pl.Expr) -> float | None:
        return 100 * float(lossy.filter(mask)["cost"].sum()) / spend if spend else None

    return {
        "system": name,
        "ACOS %": 200 * target,
        "target %": 100 * target,
        "ad groups that lose": lossy.select(AD_GROUP).n_unique(),
        "their spend %": 100 * spend / float(rows["cost"].sum()),
        "under a change %": share(under),
        "reason named %": share(named),
        "neither %": share(~(under | named)),
        "10 clicks, no order %": share(thrown),
    }


def simulated() -> Iterator[dict[str, object]]:
    """Yield accounts whose clicks cost more."""
    catalog = am.read_catalog(SAMPLE)
    for number in range(SIMULATED):
        made = simulate(
            catalog, seed=2100 + number, days=112, terms=300, assumptions=assumptions("dear clicks")
        )
        with TemporaryDirectory() as folder:
            write_simulation(made, Path(folder), {})
            report = am.read_report(Path(folder) / "search_terms_daily.csv")
        yield line(f"simulated {number + 1}", report, SAMPLE)


def main() -> None:
    known = {name: one for name, one in reports().items() if one.frame["sales"].sum()}
    table = [line(name, report) for name, report in known.items()]
    report = am.read_report(SAMPLE.parent / "search_terms.xlsx")
    table.append(line("sample", report, SAMPLE, SAMPLE.parent / "bulk.xlsx"))
    table += simulated()
    record("lossy_groups", "spend of ad groups that surely lose, by what is done", table, SEED)


if __name__ == "__main__":
    main()
