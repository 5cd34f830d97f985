"""A bid for every keyword and target, the value of a click × its target ACOS: ``bid_table``."""

from typing import Any

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.decisions.actions import Action
from admatch.decisions.recommendations import Recommendations
from admatch.decisions.ruled_out import REJECTED
from admatch.decisions.targets import bids as running_bids
from admatch.display.money import money, percent
from admatch.impact.beta import Beta
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.impact.columns import TARGETING
from admatch.impact.interval import DEVIATIONS, HIGH, LOW
from admatch.messages import Message, say
from admatch.reports.account.records import Account, MatchType

# Bulk files have one currency, so it is no part of these keys.
_GROUP = ("campaign", "ad_group")
_TARGET = (*_GROUP, *TARGETING)
COLUMNS = (
    *(*_TARGET, "clicks", "orders", "cpc"),
    *("value", "value_low", "value_high", "worth", "worth_low", "worth_high"),
    *("target_acos", "bid", "new_bid", "reason"),
)


def bid_table(advice: Recommendations, account: Account, step: float) -> pl.DataFrame:
    """Return a line for each running keyword or target, with the columns of ``COLUMNS``.

    ``value`` is what a click brings in sales, with its 80 % interval: pooled over the terms of a
    target with clicks; of any other target that of its ad group, as uncertain as a new term's.
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
    valued = served.with_columns(
        pl.col(name).fill_null(groups[f"group_{name}"])
        for name in ("value", "low", "high", "target_acos")
    )
    # Amazon charges less than the bid; how much less is unknown for a target without clicks.
    ratio = pl.when(pl.col("cpc") > 0).then(pl.col("bid") / pl.col("cpc")).otherwise(1.0)
    factor = pl.col("target_acos") * ratio.clip(1.0)
    table = valued.rename({"low": "value_low", "high": "value_high"}).with_columns(
        worth=pl.col("value") * factor,
        worth_low=pl.col("value_low") * factor,
        worth_high=pl.col("value_high") * factor,
        clicks=pl.col("clicks").fill_null(0),
        orders=pl.col("orders").fill_null(0),
    )
    outside = (pl.col("bid") < pl.col("worth_low")) | (pl.col("bid") > pl.col("worth_high"))
    moved = pl.col("worth").clip(pl.col("bid") * (1 - step), pl.col("bid") * (1 + step)).round(2)
    table = table.with_columns(new_bid=pl.when(outside & (moved != pl.col("bid"))).then(moved))
    code = next(iter(advice.totals["currency"].to_list()), None)
    sentences = [_reason(row, step, code) for row in table.to_dicts()]
    return table.with_columns(reason=pl.Series(sentences, dtype=pl.String)).select(COLUMNS)


def bid_changes(
    table: pl.DataFrame,
    taken: ChangeSet,
    recent: ChangeSet,
    earlier: ChangeSet,
    rejected: pl.DataFrame,
) -> ChangeSet:
    """Return the new bids of targets that no other change touches, now or within the cooldown.

    A bid is left out, too, where it would take back an ``earlier`` change of the same bid, and
    where somebody ``rejected`` it.
    """
    known = {_named(change) for one in (taken, recent) for change in one}
    raised = {(_named(one), one.bid > one.before) for one in earlier if one.bid and one.before}
    changes = []
    down, up = Action.BID_DOWN.value, Action.BID_UP.value
    way = pl.when(pl.col("new_bid") < pl.col("bid")).then(pl.lit(down)).otherwise(pl.lit(up))
    table = table.with_columns(action=way, text=pl.col("targeting").str.to_lowercase())
    table = table.join(
        rejected, on=list(REJECTED), how="anti", nulls_equal=True, maintain_order="left"
    )
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
    """Return for each target with clicks: its figures, value of a click, low, high, target."""
    posterior = Beta.of(rows["rate"].to_numpy(), rows["weight"].to_numpy())
    share = pl.col("clicks").clip(1)
    worth = share * pl.col("order_value")
    sums = (
        rows.with_columns(
            pl.col("targeting").str.to_lowercase(), variance=pl.Series(posterior.variance)
        )
        .group_by(_TARGET, maintain_order=True)
        .agg(
            pl.col("clicks", "orders").sum(),
            ((pl.col("cpc") * share).sum() / share.sum()).alias("cpc"),
            ((worth * pl.col("rate")).sum() / share.sum()).alias("value"),
            ((worth * pl.col("target_acos")).sum() / worth.sum()).alias("target_acos"),
            ((worth**2 * pl.col("variance")).sum().sqrt() / share.sum()).alias("spread"),
        )
    )
    return sums.with_columns(
        low=(pl.col("value") - DEVIATIONS * pl.col("spread")).clip(0),
        high=pl.col("value") + DEVIATIONS * pl.col("spread"),
    ).drop("spread")


def _groups(rows: pl.DataFrame) -> pl.DataFrame:
    """Return for each ad group the value of a target's first click: value, low, high."""
    share = pl.col("clicks").clip(1)
    sums = rows.group_by(_GROUP, maintain_order=True).agg(
        ((pl.col("rate") * share).sum() / share.sum()).alias("rate"),
        ((pl.col("order_value") * share).sum() / share.sum()).alias("paid"),
        ((pl.col("target_acos") * share).sum() / share.sum()).alias("group_target_acos"),
        pl.col("strength").first(),
    )
    posterior = Beta.of(sums["rate"].to_numpy(), sums["strength"].to_numpy())
    paid: Floats = sums["paid"].to_numpy().astype(np.float64)
    return sums.select(
        *_GROUP,
        "group_target_acos",
        group_value=pl.Series(paid * posterior.mean),
        group_low=pl.Series(paid * posterior.quantile(LOW)),
        group_high=pl.Series(paid * posterior.quantile(HIGH)),
    )


def _reason(row: dict[str, Any], step: float, code: str | None) -> Message:
    """Return why a bid stays or moves."""
    if row["value"] is None:
        return say("decisions.bid.unknown")
    evidence = say("decisions.bid.of_ad_group")
    if row["clicks"]:
        evidence = say("decisions.bid.evidence", clicks=row["clicks"], orders=row["orders"])
    return say(
        "decisions.bid.line",
        evidence=evidence,
        value=money(row["value"], code),
        low=money(row["value_low"], code),
        high=money(row["value_high"], code),
        target=percent(row["target_acos"], 0),
        worth=money(row["worth"], code),
        worth_low=money(row["worth_low"], code),
        worth_high=money(row["worth_high"], code),
        verdict=_verdict(row, step, code),
    )


def _verdict(row: dict[str, Any], step: float, code: str | None) -> Message:
    old, new = money(row["bid"], code), money(row["new_bid"], code)
    if row["new_bid"] is None:
        return say("decisions.bid.stays", bid=old)
    verdict = say("decisions.bid.raised", old=old, new=new)
    if row["new_bid"] < row["bid"]:
        verdict = say("decisions.bid.lowered", old=old, new=new)
    if abs(row["worth"] / row["bid"] - 1) > step:
        return say("decisions.bid.step", verdict=verdict, step=percent(step, 0))
    return verdict
