"""A change set → the ``Plan`` of what it blocks, reprices and moves: ``apply_changes``."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from admatch.arrays import Floats, Ints
from admatch.errors import InputError
from admatch.impact.baseline import Baseline, Rows
from admatch.impact.beta import Beta
from admatch.impact.changes import STRUCTURE, Change, ChangeSet, Operation
from admatch.impact.elasticities import FARTHEST
from admatch.impact.keyword_rules import (
    blocked_by,
    contains_letters,
    served_by_keyword,
    served_by_target,
)
from admatch.impact.plan import BID_OVER_CPC, BLAST_SCHEMA, Budget, Gain, Plan, Unknown
from admatch.impact.shifts import Shift
from admatch.impact.wording import entity_name
from admatch.messages import say
from admatch.reports.account.records import NEGATIVES, TARGETS, Entity, MatchType


def apply_changes(
    baseline: Baseline,
    changes: ChangeSet,
    known: pl.DataFrame | None = None,
    capped: Mapping[str, float] | None = None,
    *,
    phrase_by_meaning: bool = False,
) -> Plan:
    """Return what the changes do; new keywords see what the other changes block.

    ``known`` are the account's ``placements``, ``capped`` its campaigns that run out of budget.
    With ``phrase_by_meaning``, phrases match words in any order (``keyword_rules``).
    """
    served = baseline.served
    count = served.height
    plan = Plan(
        baseline,
        served["row"].to_numpy().astype(np.int64),
        served["share"].to_numpy(),
        np.ones(count, dtype=np.bool_),
        np.zeros(count),
        np.ones(len(baseline.parameters), dtype=np.int64),
    )
    numbered = list(enumerate(changes))
    for number, change in numbered:
        if change.entity in STRUCTURE and change.operation == Operation.CREATE:
            plan.new_places.add((change.place.campaign, change.place.ad_group))
        elif change.entity == Entity.BIDDING_ADJUSTMENT:
            _shift(plan, number, change, known)
        elif change.entity == Entity.CAMPAIGN and change.setting is not None:
            _grow(plan, number, change, capped or {})
        elif not _creates_target(change):
            _change_existing(plan, number, change, phrase_by_meaning)
    blocked = plan.blocked()
    for number, change in numbered:
        if _creates_target(change):
            _add_target(plan, number, change, blocked, phrase_by_meaning)
    return plan


def _creates_target(change: Change) -> bool:
    return change.operation == Operation.CREATE and change.entity in TARGETS


def _change_existing(plan: Plan, number: int, change: Change, by_meaning: bool) -> None:
    here = plan.baseline.rows_at(change.place)
    if not len(here):
        reason = say("impact.unknown.no_row", place=change.place.description)
        plan.unknown.append(Unknown(change, reason))
    elif change.entity in NEGATIVES and change.operation == Operation.CREATE:
        _block(plan, number, change, here, by_meaning)
    elif change.entity in NEGATIVES:
        plan.unknown.append(Unknown(change, say("impact.unknown.negative_in_force")))
    elif change.entity in TARGETS:
        _change_target(plan, number, change, here)
    else:
        reason = say("impact.unknown.not_modelled", entity=entity_name(change.entity))
        plan.unknown.append(Unknown(change, reason))


def _shift(plan: Plan, number: int, change: Change, known: pl.DataFrame | None) -> None:
    """Reprice the share of a campaign's clicks that a placement has."""
    here = plan.baseline.rows_at(change.place)
    own = pl.DataFrame()
    if known is not None and len(here):
        same = pl.col("placement") == change.text
        own = known.filter(same & (pl.col("campaign") == here.terms["campaign"][0]))
    if own.is_empty() or change.setting is None:
        reason = say("impact.unknown.no_placement", place=change.place.description)
        plan.unknown.append(Unknown(change, reason))
        return
    shift = Shift.of(number, change, here.rows, own)
    plan.shifts.append(shift)
    _record(plan, number, "new bid", here.rows, np.full(len(here), shift.spend_share))


def _grow(plan: Plan, number: int, change: Change, capped: Mapping[str, float]) -> None:
    """Let a campaign that runs out of its budget spend another one."""
    here = plan.baseline.rows_at(change.place)
    name = here.terms["campaign"][0] if len(here) else None
    if name is None:
        reason = say("impact.unknown.no_row", place=change.place.description)
    elif name not in capped:
        reason = say("impact.unknown.not_capped", place=change.place.description)
    elif not change.before or change.setting is None:
        reason = say("impact.unknown.no_budget", place=change.place.description)
    else:
        plan.budgets.append(Budget(number, here.rows, change.setting / change.before - 1))
        _record(plan, number, "new budget", here.rows, np.ones(len(here)))
        return
    plan.unknown.append(Unknown(change, reason))


def _block(plan: Plan, number: int, change: Change, here: Rows, by_meaning: bool) -> None:
    try:
        hit = here.where(blocked_by(change, by_meaning=by_meaning))
    except InputError as error:
        plan.unknown.append(Unknown(change, error.args[0]))
        return
    plan.running[plan.entries(hit)] = False
    plan.scope[hit] = np.maximum(plan.scope[hit], here.groups)
    _record(plan, number, "blocks", hit, np.ones(len(hit)))
    if change.match_type == MatchType.NEGATIVE_PHRASE:
        near = np.setdiff1d(here.where(contains_letters(change.text)), hit)
        _record(plan, number, "may block", near, np.ones(len(near)))


def _change_target(plan: Plan, number: int, change: Change, here: Rows) -> None:
    """Reprice or end what one keyword or target has served."""
    entries = _entries_of(plan, change, here)
    if not len(entries):
        plan.unknown.append(Unknown(change, say("impact.unknown.no_click")))
        return
    rows, shares = plan.row[entries], plan.share[entries]
    if change.operation == Operation.ARCHIVE or change.state in ("paused", "archived"):
        plan.running[entries] = False
        _record(plan, number, "ends", rows, shares)
    elif change.bid is None or change.bid <= 0:
        plan.unknown.append(Unknown(change, say("impact.unknown.no_bid")))
    else:
        former = np.full(len(rows), change.before or 0.0)
        cpc = plan.baseline.parameters.cpc[rows]
        former = np.where(former > 0, former, BID_OVER_CPC * cpc)
        plan.log_bid[entries] += _log_ratio(change.bid, former)
        _record(plan, number, "new bid", rows, shares)


def _entries_of(plan: Plan, change: Change, here: Rows) -> Ints:
    """Return the entries that the changed keyword or target served."""
    same = pl.col("targeting") == " ".join(change.text.lower().split())
    if change.entity == Entity.KEYWORD and change.match_type is not None:
        same = same & (pl.col("match_type") == change.match_type.value)
    entries = plan.entries(here.rows)
    mask = plan.baseline.served[entries].select(same.fill_null(False)).to_series().to_numpy()
    served: Ints = entries[mask]
    return served


def _log_ratio(bid: float, former: Floats) -> Floats:
    ratio = np.where(former > 0, bid / np.maximum(former, 1e-9), 1.0)
    clipped: Floats = np.clip(np.log(ratio), -FARTHEST, FARTHEST)
    return clipped


def _add_target(plan: Plan, number: int, change: Change, blocked: Floats, by_meaning: bool) -> None:
    """Let a new keyword or product target share in the traffic that its terms have."""
    here = plan.baseline.rows_at(change.place)
    new = (change.place.campaign, change.place.ad_group) in plan.new_places
    if not len(here) and not new:
        reason = say("impact.unknown.no_row_to_convert", place=change.place.description)
        plan.unknown.append(Unknown(change, reason))
        return
    rule = _served_by(change, by_meaning)
    if rule is None:
        plan.unknown.append(Unknown(change, say("impact.unknown.amazons_choice")))
        return
    currency = here.terms["currency"].drop_nulls().unique().to_list()
    same = pl.col("currency").is_in(currency) if currency else pl.col("currency").is_null()
    if new:
        same = pl.lit(True)
    served = plan.baseline.terms.filter(same & rule & (pl.col("clicks") > 0))
    inside = pl.col("row").is_in(here.terms["row"].implode())
    own, elsewhere = served.filter(inside), served.filter(~inside)
    if elsewhere.height:
        _share_in(plan, number, change, here.terms, elsewhere, blocked)
    if own.height and change.bid:
        _reprice_own(plan, number, change.bid, own)
    elif not elsewhere.height:
        reason = say("impact.unknown.no_volume")
        if own.height:
            reason = say("impact.unknown.already_served")
        plan.unknown.append(Unknown(change, reason))


def _served_by(change: Change, by_meaning: bool) -> pl.Expr | None:
    """Return the rule of a new target, or None where Amazon alone chooses its terms."""
    if change.entity == Entity.KEYWORD:
        kind = change.match_type or MatchType.BROAD
        return served_by_keyword(change.text, kind, by_meaning=by_meaning)
    if change.text.lower().startswith("asin="):
        return served_by_target(change.text)
    return None


def _reprice_own(plan: Plan, number: int, bid: float, own: pl.DataFrame) -> None:
    """Let a keyword take over terms that its ad group already serves, at its own bid."""
    rows = own["row"].to_numpy().astype(np.int64)
    entries = plan.entries(rows)
    entries = entries[plan.running[entries]]
    former = BID_OVER_CPC * plan.baseline.parameters.cpc[plan.row[entries]]
    plan.log_bid[entries] = _log_ratio(bid, former)
    _record(plan, number, "new bid", plan.row[entries], plan.share[entries])


def _share_in(
    plan: Plan,
    number: int,
    change: Change,
    here: pl.DataFrame,
    elsewhere: pl.DataFrame,
    blocked: Floats,
) -> None:
    """Let a new keyword draw clicks from other ad groups, at the figures of its own.

    In a new ad group, which shows the product that sold, terms convert as they do.
    """
    baseline, sources = plan.baseline, elsewhere["row"].to_numpy().astype(np.int64)
    p = baseline.parameters.take(sources)
    rates, value, cost = Beta(p.alpha, p.beta), p.order_value, p.cpc
    if here.height:
        there = baseline.parameters.take(here["row"].to_numpy().astype(np.int64))
        rates = _rates_there(baseline, sources, here)
        value = np.full(len(p), _mean(there.order_value, there.clicks * there.cvr))
        cost = p.cpc if change.bid else np.full(len(p), _mean(there.cpc, there.clicks))
    bid = np.full(len(p), change.bid or np.inf)
    former = BID_OVER_CPC * p.cpc
    gain = Gain(
        number,
        sources,
        blocked[sources] > 0.5,
        rates.a,
        rates.b,
        value,
        cost,
        bid,
        _log_ratio(change.bid, former) if change.bid else np.zeros(len(p)),
    )
    plan.gains.append(gain)
    _record(plan, number, "takes over", sources, np.ones(len(sources)))


def _rates_there(baseline: Baseline, sources: Ints, here: pl.DataFrame) -> Beta:
    """Return the conversion of terms in another ad group.

    It is the prior there with half of what their own clicks say elsewhere: another product is
    shown.
    """
    fitted, rows = baseline.fitted, baseline.fitted.evidence.rows[sources]
    group = here.row(0, named=True)
    moved = rows.with_columns(
        pl.lit(group["campaign"], pl.String).alias("campaign"),
        pl.lit(group["ad_group"], pl.String).alias("ad_group"),
    )
    orders = rows["converted"].to_numpy().astype(np.float64)
    clicks = np.maximum(rows["mature_clicks"].to_numpy(), orders)
    return Beta.after(orders / 2, clicks / 2, fitted.prior.rates(moved), fitted.strength)


def _mean(values: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    return float((values * weights).sum()) / total if total > 0 else float(values.mean())


def _record(plan: Plan, number: int, effect: str, rows: Ints, shares: Floats) -> None:
    seen = rows < plan.baseline.fitted.posteriors.height
    columns = {"change": number, "effect": effect, "share": shares[seen], "row": rows[seen]}
    plan.blast.append(pl.DataFrame(columns, schema=BLAST_SCHEMA))
