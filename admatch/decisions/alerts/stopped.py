"""Ad groups without a click that had clicks every day: perhaps a product is out of stock."""

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl

from admatch.decisions.alerts.records import Alert, AlertKind
from admatch.decisions.alerts.weeks import GROUP, Days
from admatch.messages import say
from admatch.reports.account.records import Account, Entity

SILENT = 3  # days without a click
_BEFORE = 28  # days that say what is usual
_EXPECTED = 15.0  # clicks in so many days, at least
_ALIVE = 0.9  # share of the days before with a click


def stopped_alerts(days: Days, account: Account | None, until: date) -> Iterator[Alert]:
    """Yield an alert for each ad group that stopped, those with most clicks before first.

    ``days`` are those until then. What the account has paused or archived stopped on purpose.
    Nothing is said where a whole account is silent: its report ends early.
    """
    last = until - timedelta(days=SILENT)
    first = last - timedelta(days=_BEFORE - 1)
    recent = days.groups.filter(pl.col("day") > last)
    if recent.is_empty() or days.first is None or days.first > first:
        return
    before = days.groups.filter(pl.col("day").is_between(first, last))
    usual = before.group_by(GROUP, maintain_order=True).agg(
        expected=pl.col("clicks").sum() * SILENT / _BEFORE,
        alive=pl.col("day").n_unique() / _BEFORE,
    )
    silent = usual.join(recent, on=GROUP, how="anti", nulls_equal=True).filter(
        pl.col("expected") >= _EXPECTED, pl.col("alive") >= _ALIVE
    )
    running = silent.join(_ended(account), on=["campaign", "ad_group"], how="anti")
    for row in running.sort("expected", *GROUP, descending=[True] + [False] * 3).iter_rows(
        named=True
    ):
        message = say(
            "decisions.alerts.stopped", campaign=row["campaign"], ad_group=row["ad_group"],
            n=SILENT, clicks=f"{row['expected']:.0f}",
        )  # fmt: skip
        yield Alert(
            AlertKind.STOPPED, until, row["currency"], row["campaign"], row["ad_group"], None,
            row["expected"], 0.0, message,
        )  # fmt: skip


def _ended(account: Account | None) -> pl.DataFrame:
    """Return the ad groups that run no longer, or whose campaign does not."""
    if account is None:
        return pl.DataFrame(schema={"campaign": pl.String, "ad_group": pl.String})
    over = pl.col("state").str.to_lowercase().is_in(["paused", "archived"])
    campaigns = account.only(Entity.CAMPAIGN).filter(over).select("campaign")
    groups = account.only(Entity.AD_GROUP)
    ended = pl.concat([groups.filter(over), groups.join(campaigns, on="campaign", how="semi")])
    return ended.select("campaign", "ad_group").unique()
