"""A bid for every keyword and target: what a click is worth × the target ACOS, ``bid_table``."""

from typing import Any

import numpy as np
import polars as pl

from admatch.decisions.actions import Action
from admatch.decisions.economics import Beta, Floats
from admatch.decisions.recommendations import Recommendations
from admatch.decisions.rejected import REJECTED
from admatch.decisions.targets import bids as running_bids
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import Account, MatchType

_GROUP = ("campaign", "ad_group")
_TARGET = (*_GROUP, "targeting", "match_type")
_INSIDE = 1.2816  # deviations on either side that hold 80 %
COLUMNS = (
    *("campaign", "ad_group", "targeting", "match_type", "clicks", "orders", "cpc"),
    *("value", "value_low", "value_high", "worth", "worth_low", "worth_high"),
    *("bid", "new_bid", "reason"),
)


def bid_table(advice: Recommendations, account: Account, step: float) -> pl.DataFrame:
    """Return a line a running keyword or target, with the columns of ``COLUMNS``.

    ``value`` is what a click brings in sales, with its 80 % interval: of targets with clicks
    pooled over their terms, of others that of their ad group, as uncertain as a new term's.
    ``worth`` is the bid that would bring ACOS to the target. ``new_bid`` is a step towards it, at
    most by the share ``step``, and null where the present bid lies inside the interval.
    """
    named = running_bids(account).filter(pl.col("bid") > 0)
    rows = advice.rows.filter(pl.col("order_value").is_not_null())
    if rows.is_empty() or named.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.Null))
    served = named.join(
        _served(rows), on=list(_TARGET), how="left", nulls_equal=True, maintain_order="left"
    )
    groups = named.join(_groups(rows), on=list(_GROUP), how="left", maintain_order="left")
    told = served.with_columns(
        pl.col(name).fill_null(groups[f"group_{name}"]) for name in ("value", "low", "high")
    )
    # Amazon charges less than the bid; of a target without clicks it is not known how much.
    ratio = pl.when(pl.col("cpc") > 0).then(pl.col("bid") / pl.col("cpc")).otherwise(1.0)
    wanted = advice.target_acos * ratio.clip(1.0)
    told = told.rename({"low": "value_low", "high": "value_high"}).with_columns(
        worth=pl.col("value") * wanted,
        worth_low=pl.col("value_low") * wanted,
        worth_high=pl.col("value_high") * wanted,
        clicks=pl.col("clicks").fill_null(0),
        orders=pl.col("orders").fill_null(0),
    )
    outside = (pl.col("bid") < pl.col("worth_low")) | (pl.col("bid") > pl.col("worth_high"))
    moved = pl.col("worth").clip(pl.col("bid") * (1 - step), pl.col("bid") * (1 + step)).round(2)
    told = told.with_columns(new_bid=pl.when(outside & (moved != pl.col("bid"))).then(moved))
    code = next(iter(advice.totals["currency"].to_list()), None) or ""
    sentences = [_reason(row, advice.target_acos, step, code) for row in told.to_dicts()]
    return told.with_columns(reason=pl.Series(sentences, dtype=pl.String)).select(COLUMNS)


def bid_changes(
    table: pl.DataFrame,
    taken: ChangeSet,
    recent: ChangeSet,
    earlier: ChangeSet,
    rejected: pl.DataFrame,
) -> ChangeSet:
    """Return the new bids of targets that no other change touches, now or within the cooldown.

    Nor those that would take back what an ``earlier`` change did to the same bid, nor what somebody
    ``rejected``.
    """
    known = {_named(change) for one in (taken, recent) for change in one}
    raised = {(_named(one), one.bid > one.before) for one in earlier if one.bid and one.before}
    changes = []
    down, up = Action.BID_DOWN.value, Action.BID_UP.value
    way = pl.when(pl.col("new_bid") < pl.col("bid")).then(pl.lit(down)).otherwise(pl.lit(up))
    table = table.with_columns(action=way, text=pl.col("targeting").str.to_lowercase())
    table = table.join(rejected, on=list(REJECTED), how="anti", nulls_equal=True)
    for row in table.drop_nulls("new_bid").iter_rows(named=True):
        place = Place(row["campaign"], row["ad_group"])
        if row["match_type"] is None:
            change = Change.target_bid(row["targeting"], place, row["new_bid"])
        else:
            kind = MatchType(row["match_type"])
            change = Change.keyword_bid(row["targeting"], kind, place, row["new_bid"])
        back = (_named(change), row["new_bid"] < row["bid"])
        if _named(change) not in known and back not in raised:
            changes.append(change)
    return ChangeSet(tuple(changes), taken.withheld)


def _named(change: Change) -> tuple[str, str | None, str, str | None]:
    return change.place.campaign, change.place.ad_group, change.text.lower(), change.match_type


def _served(rows: pl.DataFrame) -> pl.DataFrame:
    """Return for each target that has served: clicks, orders, cpc, value of a click, low, high."""
    posterior = Beta.of(rows["rate"].to_numpy(), rows["weight"].to_numpy())
    share = pl.col("clicks").clip(1)
    worth = share * pl.col("order_value")
    sums = (
        rows.with_columns(
            pl.col("targeting").str.to_lowercase(), variance=pl.Series(posterior.variance)
        )
        .group_by(_TARGET)
        .agg(
            pl.col("clicks", "orders").sum(),
            ((pl.col("cpc") * share).sum() / share.sum()).alias("cpc"),
            ((worth * pl.col("rate")).sum() / share.sum()).alias("value"),
            ((worth**2 * pl.col("variance")).sum().sqrt() / share.sum()).alias("spread"),
        )
    )
    return sums.with_columns(
        low=(pl.col("value") - _INSIDE * pl.col("spread")).clip(0),
        high=pl.col("value") + _INSIDE * pl.col("spread"),
    ).drop("spread")


def _groups(rows: pl.DataFrame) -> pl.DataFrame:
    """Return for each ad group what a click on a target without any is worth: value, low, high."""
    share = pl.col("clicks").clip(1)
    sums = rows.group_by(_GROUP, maintain_order=True).agg(
        ((pl.col("rate") * share).sum() / share.sum()).alias("rate"),
        ((pl.col("order_value") * share).sum() / share.sum()).alias("paid"),
        pl.col("strength").first(),
    )
    posterior = Beta.of(sums["rate"].to_numpy(), sums["strength"].to_numpy())
    paid: Floats = sums["paid"].to_numpy().astype(np.float64)
    return sums.select(
        *_GROUP,
        group_value=pl.Series(paid * posterior.mean),
        group_low=pl.Series(paid * posterior.quantile(0.1)),
        group_high=pl.Series(paid * posterior.quantile(0.9)),
    )


def _reason(row: dict[str, Any], target: float, step: float, code: str) -> str:
    """Return why a bid stays or moves."""
    if row["value"] is None:
        return "its ad group has no click in the reports, so what a click is worth is not known"
    of = "no click of its own, so its ad group's"
    if row["clicks"]:
        of = f"clicks: {row['clicks']:,}, orders: {row['orders']:,}"
    told = (
        f"{of}; a click brings {row['value']:.2f} {code} of sales (80 %: {row['value_low']:.2f} to "
        f"{row['value_high']:.2f}), so at {target:.0%} ACOS it bears a bid of {row['worth']:.2f} "
        f"({row['worth_low']:.2f} to {row['worth_high']:.2f})"
    )
    if row["new_bid"] is None:
        return f"{told}; {row['bid']:.2f} lies within and stays"
    way = "lower" if row["new_bid"] < row["bid"] else "raise"
    short = abs(row["worth"] / row["bid"] - 1) > step
    bound = f", the most that one step moves it ({step:.0%})" if short else ""
    return f"{told}; {way} it from {row['bid']:.2f} to {row['new_bid']:.2f}{bound}"
