"""Campaigns that spend their whole daily budget: ``capped_campaigns``, ``Respending``."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.impact.elasticities import COST_POWER, VOLUME_POWER
from admatch.impact.plan import Plan
from admatch.reports.account.records import Account, Entity
from admatch.reports.records import Granularity, SearchTermReport

# Of a higher budget two thirds find clicks on a day that ran out of the old one: how many shoppers
# came later that day, no report shows. A beta distribution, assumed.
TAKEN = (4.0, 2.0)
_SPENT = 0.95  # of its budget: ads stop before the last cent
_NOTHING = 1e-6  # of spend
_CENT = 0.005
_ENOUGH = 14  # days, two of each weekday, that say more than a whole period does
_SELDOM = 0.1  # of the days: below, a campaign has budget to spare


def capped_campaigns(
    report: SearchTermReport, account: Account | None, spent: pl.DataFrame | None = None
) -> dict[str, float]:
    """Return by campaign the share of its days on which its budget was spent, where it often is.

    It is all of them where the average day spends the budget. Else only a daily report shows on how
    many days it was spent. ``spent`` is what a report of campaigns says of each day and the budget
    that it had: where a campaign had its budget of today on enough of them, those days are taken.
    """
    period = report.period
    if account is None or period is None:
        return {}
    budgets = account.only(Entity.CAMPAIGN).filter(
        pl.col("daily_budget") > 0, pl.col("state").fill_null("enabled") == "enabled"
    )
    budgets = budgets.select("campaign", "currency", "daily_budget").unique(
        "campaign", keep="last", maintain_order=True
    )
    rows = report.frame.join(budgets, on="campaign", suffix="_of_budget")
    rows = rows.filter(pl.col("currency").eq(pl.col("currency_of_budget")).fill_null(True))
    days = (period[1] - period[0]).days + 1
    daily = report.granularity is Granularity.DAILY
    by_day = rows.group_by("campaign", "start_date", "daily_budget").agg(pl.col("spend").sum())
    enough = _SPENT * pl.col("daily_budget").first()
    often = (pl.col("spend") >= enough).sum() / days if daily else pl.lit(0.0)
    always = pl.col("spend").sum() / days >= enough
    shares = by_day.group_by("campaign").agg(share=pl.when(always).then(1.0).otherwise(often))
    if spent is not None:
        known = _by_day(spent, budgets)
        shares = pl.concat([known, shares.join(known, on="campaign", how="anti")])
    return dict(shares.filter(pl.col("share") >= _SELDOM).sort("campaign").iter_rows())


def _by_day(spent: pl.DataFrame, budgets: pl.DataFrame) -> pl.DataFrame:
    """Return campaign and share of campaigns that had the budget of today on enough days."""
    today = pl.col("daily_budget_of_today")
    rows = spent.join(budgets, on="campaign", suffix="_of_today")
    rows = rows.filter(
        (pl.col("daily_budget") - today).abs() <= _CENT,
        pl.col("currency").eq(pl.col("currency_of_today")).fill_null(True),
    )
    days = rows.group_by("campaign", "start_date", today).agg(pl.col("spend").sum())
    shares = days.group_by("campaign").agg(
        days=pl.len(), share=(pl.col("spend") >= _SPENT * today).mean()
    )
    return shares.filter(pl.col("days") >= _ENOUGH).select("campaign", "share")


@dataclass(frozen=True)
class Respending:
    """What is spent again of the spend that changes free, as arrays with an entry for each row.

    ``share`` of it is, on clicks like those that the row's campaign has left: each unit brings
    ``orders`` and ``sales``. New keywords count where their clicks come from.
    """

    share: Floats
    orders: Floats
    sales: Floats

    @classmethod
    def of(cls, plan: Plan, capped: Mapping[str, float]) -> "Respending":
        """Return what campaigns spend again after a plan; ``capped`` is ``capped_campaigns``."""
        p, campaigns = plan.baseline.parameters, plan.baseline.terms["campaign"]
        share = campaigns.replace_strict(capped, default=0.0, return_dtype=pl.Float64).to_numpy()
        volume, cost = _left(plan)
        left = pl.DataFrame(
            {
                "campaign": campaigns,
                "spend": p.clicks * p.cpc * cost,
                "orders": p.clicks * p.orders_a_click * volume,
                "sales": np.nan_to_num(p.clicks * p.orders_a_click * p.order_value * volume),
            }
        )
        sums = left.select(pl.col("spend", "orders", "sales").sum().over("campaign"))
        spend = sums["spend"].to_numpy()
        known = spend > _NOTHING  # else nothing is left to spend it on
        orders, sales = (
            np.divide(sums[name].to_numpy(), spend, out=np.zeros_like(spend), where=known)
            for name in ("orders", "sales")
        )
        return cls(np.where(known, share, 0.0), orders, sales)


def _left(plan: Plan) -> tuple[Floats, Floats]:
    """Return the share of clicks, and of spend, that every row has left at the mean elasticity."""
    weight = np.where(plan.running, plan.share, 0.0)
    rows = len(plan.baseline.parameters)
    volume = weight * np.exp(VOLUME_POWER[0] * plan.log_bid)
    cost = volume * np.exp(COST_POWER[0] * plan.log_bid)
    clicks: Floats = np.bincount(plan.row, volume, minlength=rows).astype(np.float64)
    spend: Floats = np.bincount(plan.row, cost, minlength=rows).astype(np.float64)
    return clicks, spend
