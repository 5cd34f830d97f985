"""Higher daily budgets of campaigns that run out of theirs and earn: ``budget_lines``.

No budget is lowered: one that is not spent costs nothing, and one that is spent at a loss is better
left to bids and negatives, which say what of it loses.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from admatch.decisions.actions import Action
from admatch.decisions.campaign_lines import campaigns, with_gains
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.levels import FEWEST, LIKELY
from admatch.impact.budgets import TAKEN
from admatch.impact.interval import DEVIATIONS
from admatch.messages import Message, say
from admatch.reports.account.records import Account, Entity

LABEL = "Daily Budget"  # what such a line is about, in the word of bulk files
_NAMED = 3  # campaigns in a sentence
_LEVEL = ("clicks", "orders", "acos", "above", "allowed", "allowed_low", "allowed_high", "cost")


def budget_lines(
    rows: pl.DataFrame,
    account: Account | None,
    guard_rails: GuardRails,
    capped: Mapping[str, float],
) -> pl.DataFrame:
    """Return a line for each campaign whose daily budget should rise by a step.

    It spent its budget, sold, and is surely below its target, before and after what is decided
    about its terms. What a higher budget buys are clicks like those that it has left, and a share
    ``TAKEN`` of it finds some.
    """
    lines = _with_levels(rows, capped).join(_budgets(account), on="campaign", maintain_order="left")
    acos = pl.col("spend") / pl.col("sales")
    earns = (pl.col("level_above") <= 1 - LIKELY) & (acos < pl.col("target_acos"))
    enough = (pl.col("level_clicks") >= FEWEST["group"]) & (pl.col("level_orders") > 0)
    share = TAKEN[0] / sum(TAKEN)
    doubt = (pl.col("level_allowed_high") - pl.col("level_allowed_low")) / (
        2 * DEVIATIONS * pl.col("level_allowed")
    )
    found = lines.filter((pl.col("capped") > 0) & earns & enough).with_columns(
        new_setting=(pl.col("setting") * (1 + guard_rails.step)).round(2)
    )
    growth = pl.col("new_setting") / pl.col("setting") - 1
    added = found.with_columns(
        spend_added=pl.col("spend") * pl.col("capped") * growth * share,
    ).with_columns(sales_change=pl.col("spend_added") * pl.col("sales") / pl.col("spend"))
    return with_gains(
        added.with_columns(
            label=pl.lit(LABEL),
            action=pl.lit(Action.BUDGET_UP.value),
            why=pl.lit("level"),
            spent_again=pl.lit(0.0),
            variance=(pl.col("sales_change") * doubt) ** 2
            + pl.col("sales_change") * pl.col("order_value").fill_null(0.0),
            lever_acos="level_acos",
            lever_above="level_above",
            lever_clicks=pl.col("level_clicks").round().cast(pl.Int64),
            lever_orders=pl.col("level_orders").cast(pl.Int64),
            lever_share="capped",
        )
    ).drop(f"level_{name}" for name in _LEVEL)


def _with_levels(rows: pl.DataFrame, capped: Mapping[str, float]) -> pl.DataFrame:
    """Return a line for each campaign, with what all its clicks say as ``level_…``."""
    key = ["currency", "campaign"]
    level = rows.group_by(key, maintain_order=True).agg(
        pl.col(f"campaign_{name}").first().alias(f"level_{name}") for name in _LEVEL
    )
    return campaigns(rows, capped).join(level, on=key, nulls_equal=True, maintain_order="left")


def pacing(
    rows: pl.DataFrame, lines: pl.DataFrame, capped: Mapping[str, float]
) -> Iterator[Message]:
    """Yield which campaigns run out of their budget and do not earn enough for a higher one."""
    raised = set(lines.filter(action=Action.BUDGET_UP.value)["campaign"])
    here = set(rows["campaign"].drop_nulls().unique())
    others = sorted(name for name in capped if name not in raised and name in here)
    if others:
        names = ", ".join(f"'{one}'" for one in others[:_NAMED])
        names += ", …" if len(others) > _NAMED else ""
        yield say("decisions.budget.pacing", n=len(others), names=names)


def _budgets(account: Account | None) -> pl.DataFrame:
    """Return the daily budget of each running campaign: campaign, setting."""
    if account is None:
        return pl.DataFrame(schema={"campaign": pl.String, "setting": pl.Float64})
    running = account.only(Entity.CAMPAIGN).filter(
        pl.col("daily_budget") > 0,
        pl.col("state").fill_null("enabled") == "enabled",
        pl.col("operation").is_null(),
    )
    named = running.select("campaign", setting="daily_budget").drop_nulls()
    return named.unique("campaign", keep="last", maintain_order=True)
