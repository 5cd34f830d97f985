"""What percentages of placements gain: admatch, the published rule of revenue per click, nothing.

python tests/benchmarks/placements.py [--seeds 24] [--terms 1500] [--days 60] [--dry]

Simulated accounts (admatch.simulate) tell the truth: what each placement of a campaign converts at
and costs, and how clicks and costs follow a bid there. The gain of new percentages is what sales of
the period to come are worth at the target, less what they cost, beside leaving them. Nothing else
of the account is changed, except in the lines with bids. Regret is the gain of the best percentages
at the present bids, which only the truth knows, less the gain of what was set; it is negative where
bids gain more. Amounts are per cent of the account's spend.

The rule is AdLabs' (help.adlabs.app, "How does AdLabs calculate placement adjustments"): the
placement with the lowest revenue per click gets 0 %, every other one its revenue per click over the
lowest, less 1. The rule also lowers all bids of a campaign to what the lowest placement is worth:
it is told with and without that. A placement without sales has no revenue per click; it gets 0 %,
and the lowest is that of the others. Where at most one has sales, nothing is changed.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

import admatch as am
from admatch.decisions.actions import NEGATIONS
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.placements import placement_lines
from admatch.impact.model import ImpactModel
from admatch.impact.placements import placements
from admatch.simulate.placements import SITES
from admatch.simulate.simulation import Simulation, simulate
from admatch.simulate.write import write_simulation
from tests.benchmarks.record import record

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "catalog.csv"
KEY = ["campaign", "ad_group", "search_term"]
TARGETS = (0.20, 0.30, 0.45)
MOST = 900.0
BID_STEPS = (0.2, 2.0)  # the least and the most that the rule multiplies all bids by


@dataclass(frozen=True)
class Truth:
    """Rows (ad group, term) of the period to come, and what their campaigns' placements do.

    ``spend`` and ``sales`` are (rows, 1). Shares are (campaigns, placements), powers are
    (campaigns, 1), ``of`` is the number of each row's campaign.
    """

    names: list[str]
    rows: pl.DataFrame
    of: np.ndarray
    old: np.ndarray
    spend: np.ndarray
    sales: np.ndarray
    spend_share: np.ndarray
    sales_share: np.ndarray
    volume: np.ndarray
    cost: np.ndarray

    @classmethod
    def of_account(cls, made: Simulation) -> "Truth":
        rows = made.truth.with_columns(
            spend=(pl.col("future_clicks") * pl.col("cpc")).fill_nan(0),
            sales=(pl.col("future_clicks") * pl.col("future_cvr") * pl.col("order_value")).fill_nan(
                0
            ),
        ).with_columns(pl.col("spend", "sales").fill_null(0.0))
        lines = made.placements.filter(pl.col("placement").is_in(SITES))
        lines = lines.sort("campaign", "placement")
        names = lines["campaign"].unique(maintain_order=True).to_list()
        rows = rows.filter(pl.col("campaign").is_in(names))
        share = pl.col("share")
        return cls(
            names,
            rows,
            np.array([names.index(one) for one in rows["campaign"]]),
            _grid(lines, pl.col("percentage")),
            rows["spend"].to_numpy()[:, None],
            rows["sales"].to_numpy()[:, None],
            _grid(lines, share * pl.col("price")),
            _grid(lines, share * pl.col("conversion")),
            _grid(lines, pl.col("volume_power"))[:, :1],
            _grid(lines, pl.col("cost_power"))[:, :1],
        )

    def gain(self, target: float, factor: np.ndarray, bids: np.ndarray | float = 1.0) -> float:
        """Return what factors of placements and of rows' bids gain together."""
        new = factor[self.of] * bids
        clicks = new ** self.volume[self.of]
        sold = target * self.sales * self.sales_share[self.of] * (clicks - 1)
        paid = self.spend * self.spend_share[self.of] * (clicks * new ** self.cost[self.of] - 1)
        return float((sold - paid).sum())

    def best(self, target: float) -> np.ndarray:
        """Return the best factors that percentages can make."""
        count = len(self.names)
        spend, sales = (np.bincount(self.of, one[:, 0], count) for one in (self.spend, self.sales))
        paid = np.maximum(spend[:, None] * self.spend_share, 1e-9)
        worth = self.volume / (self.volume + self.cost) * target * sales[:, None]
        free = (worth * self.sales_share / paid) ** (1 / self.cost)
        now = 1 + self.old / 100
        return np.clip(free, 1 / now, (1 + MOST / 100) / now)


def _grid(lines: pl.DataFrame, of: pl.Expr) -> np.ndarray:
    return lines.select(of).to_series().to_numpy().astype(float).reshape(-1, len(SITES))


def by_rule(made: Simulation, truth: Truth, target: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the published rule's factors of percentages, and that of all bids of a campaign."""
    lines = made.placements.filter(pl.col("placement").is_in(SITES)).sort("campaign", "placement")
    clicks, spend, sales = (_grid(lines, pl.col(name)) for name in ("clicks", "spend", "sales"))
    per_click = np.divide(sales, clicks, out=np.full(sales.shape, np.inf), where=sales > 0)
    lowest = per_click.min(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        new = np.where(np.isfinite(per_click), 100 * (per_click / lowest - 1), 0.0).clip(0, MOST)
    several = (sales > 0).sum(axis=1, keepdims=True) > 1
    worth = np.where(per_click == lowest, target * sales / np.maximum(spend, 1e-9), 0.0).max(axis=1)
    bids = np.where(several, worth[:, None].clip(*BID_STEPS), 1.0)
    return np.where(several, (1 + new / 100) / (1 + truth.old / 100), 1.0), bids[truth.of]


def percentages(lines: pl.DataFrame, truth: Truth) -> np.ndarray:
    """Return the factors of lines with campaign, placement and percentages."""
    factor = np.ones(truth.old.shape)
    for campaign, placement, old, new in lines.iter_rows():
        if placement in SITES:
            at = truth.names.index(campaign), sorted(SITES).index(placement)
            factor[at] = (1 + new / 100) / (1 + old / 100)
    return factor


def alone(rows: pl.DataFrame, account: am.Account, truth: Truth) -> np.ndarray:
    """Return the factors that admatch proposes where nothing else is decided."""
    untouched = rows.filter(pl.col("setting").is_null()).with_columns(
        spend_freed=pl.lit(0.0), sales_change=pl.lit(0.0)
    )
    lines = placement_lines(untouched, placements(account), GuardRails(), {})
    return percentages(lines.select("campaign", "label", "setting", "new_setting"), truth)


def decided(rows: pl.DataFrame, truth: Truth) -> np.ndarray:
    """Return the factor of each row's bid in the chosen set: 0 where it is negated or paused."""
    negated = pl.col("action").is_in([one.value for one in NEGATIONS])
    made = rows.filter("chosen").select(
        *KEY, bid=pl.when(negated).then(0.0).otherwise(pl.col("factor").fill_null(1.0))
    )
    known = truth.rows.select(KEY).join(made.unique(KEY), on=KEY, how="left", maintain_order="left")
    return known["bid"].fill_null(1.0).to_numpy()[:, None]


def account_lines(seed: int, terms: int, days: int) -> list[dict[str, object]]:
    """Return a line a target and system about one account."""
    made = simulate(am.read_catalog(SAMPLE), seed=seed, days=days, terms=terms, placements=True)
    with TemporaryDirectory() as folder:
        write_simulation(made, Path(folder), {"seed": seed})
        report = am.read_report(Path(folder) / "search_terms.csv")
        account = am.read_account(Path(folder) / "bulk.xlsx")
    model, truth, lines = ImpactModel(seed=7).fit(report), Truth.of_account(made), []
    still = np.ones(truth.old.shape)
    for target in TARGETS:
        rows = am.recommend(
            report, None, model, target_acos=target, account=account, explain=False
        ).rows
        rule, rule_bids = by_rule(made, truth, target)
        chosen = rows.filter("chosen", pl.col("new_setting").is_not_null())
        own = percentages(chosen.select("campaign", "targeting", "setting", "new_setting"), truth)
        bids = decided(rows, truth)
        systems = {
            "nothing": (still, 1.0),
            "rule, percentages": (rule, 1.0),
            "admatch, percentages": (alone(rows, account, truth), 1.0),
            "best percentages": (truth.best(target), 1.0),
            "rule, percentages and bids": (rule, rule_bids),
            "admatch, terms and bids": (still, bids),
            "admatch, and the rule's percentages": (rule, bids),
            "admatch, and its own percentages": (own, bids),
        }
        for system, (factor, by_row) in systems.items():
            gain = truth.gain(target, factor, by_row)
            lines.append(
                {
                    "account": seed,
                    "target": target,
                    "system": system,
                    "percentages": int((np.abs(factor - 1) > 1e-9).sum()),
                    "gain %": 100 * gain / truth.spend.sum(),
                    "regret %": 100
                    * (truth.gain(target, truth.best(target)) - gain)
                    / truth.spend.sum(),
                    "accounts that lose": float(gain < 0),
                }
            )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--terms", type=int, default=1500)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    lines = [
        line
        for seed in range(1, chosen.seeds + 1)
        for line in account_lines(seed, chosen.terms, chosen.days)
    ]
    means = (
        pl.DataFrame(lines)
        .group_by("target", "system", maintain_order=True)
        .agg(pl.exclude("account").mean())
        .sort("target", maintain_order=True)
    )
    if chosen.dry:
        pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200)
        print(means)
        return
    title = f"New percentages of placements on {chosen.seeds} simulated accounts, means"
    record("placements", title, means.to_dicts(), 1)


if __name__ == "__main__":
    main()
