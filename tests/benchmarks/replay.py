"""What would decisions of past days have done? ``python -m tests.benchmarks.replay [--real]``.

Daily reports are decided about at three days each from their past alone, and scored on the days
that followed: admatch, the rules that people use, and nothing (``admatch.replay``). Simulated
accounts (``admatch.simulate``) sell the sample's products and come in three kinds: as its
assumptions have them, with clicks that cost more, and with conversion and traffic that drift three
times as fast. Those as assumed are decided about without their catalog, too, so that meaning takes
no part. The simulator knows seasons and drift, but no daily budgets. Real accounts (../shared) have
no catalog and 29 days: a click's orders count as known after three.

"Every bid 20 % lower" needs no account: it is what the assumed elasticities alone say of any.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

import admatch as am
from admatch.pipeline.replay_rules import ADMATCH, NOTHING, POLICIES, STEP, policy_name
from admatch.pipeline.replay_scores import EXPECTED, HIGH, LOW, Elasticity
from admatch.simulate.assumptions import Assumptions
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.accounts import REPORTS
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import SHARED

SEED, TARGET = 7, 0.30
ACCOUNTS, DAYS, TERMS = 8, 112, 300  # simulated accounts of a kind
SIMULATED = am.ReplaySchedule(every=21, past=42, future=28)
REAL = am.ReplaySchedule(every=4, past=10, future=10, lag=3)
DAILY = ("Ayurveda, IN", "skin care, JP")
KINDS = ("as assumed", "dear clicks", "drifting")
SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "catalog.csv"
BLANKET = "every bid 20 % lower"


def assumptions(kind: str) -> Assumptions:
    """Return what a kind of account takes for true."""
    usual = Assumptions.load()
    if kind == "dear clicks":
        return replace(usual, cost=usual.cost | {"share": 1.6 * usual.cost["share"]})
    if kind == "drifting":
        conversion = usual.conversion | {"drift": 3 * usual.conversion["drift"]}
        season = usual.season | {"drift": 3 * usual.season["drift"]}
        return replace(usual, conversion=conversion, season=season)
    return usual


def simulated(kind: str, accounts: int, *, known: bool = True) -> Iterator[am.Replay]:
    """Yield the replays of some accounts of a kind, with or without their catalog."""
    catalog = am.read_catalog(SAMPLE)
    for number in range(accounts):
        seed = 2000 + 100 * KINDS.index(kind) + number
        made = simulate(catalog, seed=seed, days=DAYS, terms=TERMS, assumptions=assumptions(kind))
        with TemporaryDirectory() as folder:
            write_simulation(made, Path(folder), {})
            report = am.read_report(Path(folder) / "search_terms_daily.csv")
        options, given = am.AnalysisOptions(target_acos=TARGET), SAMPLE if known else None
        done = am.replay(report, given, options, SIMULATED, cache=am.FolderCache())
        print(kind, number, [len(cut.changes) for cut in done.cuts], flush=True)
        yield done


def real(name: str) -> am.Replay:
    """Return the replay of a real account."""
    report = am.read_report(SHARED / "reports" / REPORTS[name])
    return am.replay(report, None, am.AnalysisOptions(target_acos=TARGET), REAL)


def lines(name: str, replays: list[am.Replay]) -> Iterator[dict[str, object]]:
    """Yield a line a policy: shares of spend and sales, and wins at equal sales lost."""
    sums = pl.concat(one.summary for one in replays)
    for policy in POLICIES:
        own = sums.filter(pl.col("policy") == policy)
        spend, sales = float(own["spend"].sum()), float(own["sales"].sum())
        both = own.drop_nulls(["equal_gain", "admatch_gain"])
        more = both["equal_gain"] > both["admatch_gain"] + 1e-9
        compared = policy not in (ADMATCH, NOTHING) and both.height > 0
        yield {
            "system": name,
            "policy": str(policy_name(policy)),
            "accounts": len(replays),
            "changes": int(own["changes"].sum()),
            "unscored": int(own["unscored"].sum()),
            "saved %": 100 * float(own["saved"].sum()) / spend,
            "lost %": 100 * float(own["lost"].sum()) / sales,
            **_gains(own, spend),
            "compared": both.height if compared else None,
            "rule's gain there %": _share(both, "equal_gain") if compared else None,
            "admatch's gain there %": _share(both, "admatch_gain") if compared else None,
            "rule gains more in": int(more.sum()) if compared else None,
        }
    first = sums.filter(pl.col("policy") == NOTHING)
    yield _blanket(name, len(replays), float(first["spend"].sum()), float(first["sales"].sum()))


def _gains(own: pl.DataFrame, spend: float) -> dict[str, float]:
    names = {"gain": "gain %", "gain_low": "gain % at low", "gain_high": "gain % at high"}
    return {told: 100 * float(own[name].sum()) / spend for name, told in names.items()}


def _share(own: pl.DataFrame, name: str) -> float:
    return 100 * float(own[name].sum()) / float(own["spend"].sum())


def _blanket(name: str, accounts: int, spend: float, sales: float) -> dict[str, object]:
    def figures(powers: Elasticity) -> tuple[float, float, float]:
        saved = 1 - (1 - STEP) ** (powers.volume + powers.cost)
        lost = 1 - (1 - STEP) ** powers.volume
        return saved, lost, saved - TARGET * lost * sales / spend

    saved, lost, gain = figures(EXPECTED)
    return {
        "system": name, "policy": BLANKET, "accounts": accounts, "changes": None, "unscored": None,
        "saved %": 100 * saved, "lost %": 100 * lost, "gain %": 100 * gain,
        "gain % at low": 100 * figures(LOW)[2], "gain % at high": 100 * figures(HIGH)[2],
        "compared": None, "rule's gain there %": None, "admatch's gain there %": None,
        "rule gains more in": None,
    }  # fmt: skip


def coverage(name: str, replays: list[am.Replay]) -> Iterator[dict[str, object]]:
    """Yield how often the promised 80 % intervals of whole accounts held, in percent."""
    frame = pl.concat(one.frame for one in replays)
    for policy, text in ((ADMATCH, "with the changes"), (NOTHING, "without changes")):
        own = frame.filter(pl.col("policy") == policy).drop_nulls("acos_held")
        # the same shares by currency of any size: what came over what was expected
        ratio = (own["acos"] / own["acos_expected"]).filter(own["acos_expected"].is_finite())
        yield {
            "system": name,
            "policy": text,
            "days of decision": own.height,
            "ACOS held %": 100 * float(own["acos_held"].mean() or 0),
            "spend held %": 100 * float(own["spend_held"].mean() or 0),
            "ACOS over expected, median": float(ratio.median() or 0),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", action="store_true", help="the real accounts instead")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help="simulated, of a kind")
    chosen = parser.parse_args()
    if chosen.real:
        groups = {name: [real(name)] for name in DAILY}
    else:
        groups = {f"simulated, {kind}": list(simulated(kind, chosen.accounts)) for kind in KINDS}
        groups["simulated, all"] = [one for part in groups.values() for one in part]
        alone = simulated(KINDS[0], chosen.accounts, known=False)
        groups[f"simulated, {KINDS[0]}, without a catalog"] = list(alone)
    table = [line for name, replays in groups.items() for line in lines(name, replays)]
    held = [line for name, replays in groups.items() for line in coverage(name, replays)]
    suffix = "_real" if chosen.real else ""
    record(f"replay{suffix}", "decisions of past days, scored on later ones", table, SEED)
    record(f"replay{suffix}_intervals", "later figures inside promised intervals", held, SEED)


if __name__ == "__main__":
    main()
