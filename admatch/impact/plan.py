"""A change set laid over an account: the traffic that it blocks, reprices and moves."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.errors import InputError
from admatch.impact.baseline import Baseline, Rows
from admatch.impact.changes import Change, ChangeSet, Operation
from admatch.impact.keyword_rules import (
    blocked_by,
    contains_letters,
    served_by_keyword,
    served_by_target,
)
from admatch.reports.account.records import NEGATIVES, TARGETS, Entity, MatchType

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# Amazon charges the next bidder's price: where no former bid is known, it is taken as this many
# times the cost per click. An assumption; the elasticities are wide because of it.
BID_OVER_CPC = 1.25
_FARTHEST = np.log(4.0)  # no bid change is taken as larger than four times
BLAST_SCHEMA: dict[str, pl.DataType] = {
    "change": pl.Int64(),  # its number in the change set, from 0
    "effect": pl.String(),  # blocks, may block, ends, new bid, takes over
    "share": pl.Float64(),  # of the row's clicks
    "row": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A change, or a part of it, that the report gives no number for."""

    change: Change
    reason: str


@dataclass(frozen=True)
class Gain:
    """Traffic that a new keyword of one ad group draws from lines of others.

    ``sources`` are their line numbers. ``blocked`` says whether the set blocks them there: then
    their clicks are to be caught, else shared. ``alpha`` … ``cpc`` are what they meet in the new
    place; ``log_bid`` is the logarithm of the new bid over their former one.
    """

    number: int
    sources: Ints
    blocked: npt.NDArray[np.bool_]
    alpha: Floats
    beta: Floats
    order_value: Floats
    cpc: Floats
    most: Floats  # the new bid: no click costs more
    log_bid: Floats


@dataclass
class Plan:
    """What a change set does to each entry of ``ground.served``, and what it moves."""

    ground: Baseline
    row: Ints
    share: Floats
    kept: npt.NDArray[np.bool_]
    log_bid: Floats
    scope: Ints  # of each line: how many ad groups the negative that blocks it holds for
    gains: list[Gain] = field(default_factory=list)
    blast: list[pl.DataFrame] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)

    @property
    def touched(self) -> Ints:
        """The numbers of the lines that change, ascending."""
        changed = ~self.kept | (self.log_bid != 0)
        return np.unique(self.row[changed])

    def entries(self, lines: Ints) -> Ints:
        """Return the entries of some lines; they lie together, as ``row`` ascends."""
        first, last = np.searchsorted(self.row, lines), np.searchsorted(self.row, lines, "right")
        within = np.arange((last - first).sum()) - np.repeat(
            np.cumsum(last - first) - (last - first), last - first
        )
        found: Ints = np.repeat(first, last - first) + within
        return found

    def blocked(self) -> Floats:
        """Return for every line the share of its clicks that is blocked or ended."""
        lost = np.where(self.kept, 0.0, self.share)
        return np.bincount(self.row, lost, minlength=len(self.ground.parameters)).clip(0, 1)


def apply_changes(ground: Baseline, changes: ChangeSet) -> Plan:
    """Return what the changes do; those that create keywords see what the others block."""
    served = ground.served
    count = served.height
    plan = Plan(
        ground,
        served["row"].to_numpy().astype(np.int64),
        served["share"].to_numpy(),
        np.ones(count, dtype=np.bool_),
        np.zeros(count),
        np.ones(len(ground.parameters), dtype=np.int64),
    )
    numbered = list(enumerate(changes))
    for number, change in numbered:
        if not _creates_target(change):
            _change_existing(plan, number, change)
    blocked = plan.blocked()
    for number, change in numbered:
        if _creates_target(change):
            _add_target(plan, number, change, blocked)
    return plan


def _creates_target(change: Change) -> bool:
    return change.operation == Operation.CREATE and change.entity in TARGETS


def _change_existing(plan: Plan, number: int, change: Change) -> None:
    lines = plan.ground.lines_at(change.place)
    if not len(lines):
        plan.unknown.append(Unknown(change, f"the report has no row of {change.place}"))
    elif change.entity in NEGATIVES and change.operation == Operation.CREATE:
        _block(plan, number, change, lines)
    elif change.entity in NEGATIVES:
        reason = "the report does not show what a negative that is in force holds back"
        plan.unknown.append(Unknown(change, reason))
    elif change.entity in TARGETS:
        _change_target(plan, number, change, lines)
    else:
        reason = f"what a change of a {change.entity.lower()} does is not modelled"
        plan.unknown.append(Unknown(change, reason))


def _block(plan: Plan, number: int, change: Change, lines: Rows) -> None:
    try:
        hit = lines.where(blocked_by(change))
    except InputError as error:
        plan.unknown.append(Unknown(change, str(error)))
        return
    plan.kept[plan.entries(hit)] = False
    plan.scope[hit] = np.maximum(plan.scope[hit], lines.groups)
    _tell(plan, number, "blocks", hit, np.ones(len(hit)))
    if change.match_type == MatchType.NEGATIVE_PHRASE:
        near = lines.where(contains_letters(change.text))
        _tell(plan, number, "may block", near, np.ones(len(near)))


def _change_target(plan: Plan, number: int, change: Change, lines: Rows) -> None:
    """Reprice or end what one keyword or target has served."""
    entries = _entries_of(plan, change, lines)
    if not len(entries):
        reason = "the report has no click of this target, so nothing tells what it would bring"
        plan.unknown.append(Unknown(change, reason))
        return
    rows, shares = plan.row[entries], plan.share[entries]
    if change.operation == Operation.ARCHIVE or change.state in ("paused", "archived"):
        plan.kept[entries] = False
        _tell(plan, number, "ends", rows, shares)
    elif change.bid is None or change.bid <= 0:
        plan.unknown.append(Unknown(change, "the change names no new bid above zero"))
    else:
        former = np.full(len(rows), change.before or 0.0)
        cpc = plan.ground.parameters.cpc[rows]
        former = np.where(former > 0, former, BID_OVER_CPC * cpc)
        plan.log_bid[entries] += _log_ratio(change.bid, former)
        _tell(plan, number, "new bid", rows, shares)


def _entries_of(plan: Plan, change: Change, lines: Rows) -> Ints:
    wanted = " ".join(change.text.lower().split())
    same = pl.col("targeting") == wanted
    if change.entity == Entity.KEYWORD and change.match_type is not None:
        same = same & (pl.col("match_type") == change.match_type.value)
    entries = plan.entries(lines.rows)
    found = plan.ground.served[entries].select(same.fill_null(False)).to_series().to_numpy()
    wanted_entries: Ints = entries[found]
    return wanted_entries


def _log_ratio(bid: float, former: Floats) -> Floats:
    ratio = np.where(former > 0, bid / np.maximum(former, 1e-9), 1.0)
    clipped: Floats = np.clip(np.log(ratio), -_FARTHEST, _FARTHEST)
    return clipped


def _add_target(plan: Plan, number: int, change: Change, blocked: Floats) -> None:
    """Let a new keyword or product target share in the traffic that its terms have."""
    ground = plan.ground
    place = ground.lines_at(change.place)
    here = place.terms
    if not len(place):
        reason = f"the report has no row of {change.place}, so nothing tells how it converts"
        plan.unknown.append(Unknown(change, reason))
        return
    if change.entity == Entity.KEYWORD:
        rule = served_by_keyword(change.text, change.match_type or MatchType.BROAD)
    elif change.text.lower().startswith("asin="):
        rule = served_by_target(change.text)
    else:
        reason = "which terms this target would serve is Amazon's choice"
        plan.unknown.append(Unknown(change, reason))
        return
    currency = here["currency"].drop_nulls().unique().to_list()
    same = pl.col("currency").is_in(currency) if currency else pl.col("currency").is_null()
    served = ground.terms.filter(same & rule & (pl.col("clicks") > 0))
    own = served.filter(pl.col("row").is_in(here["row"].implode()))
    elsewhere = served.filter(~pl.col("row").is_in(here["row"].implode()))
    if elsewhere.height:
        _share_in(plan, number, change, here, elsewhere, blocked)
    if own.height and change.bid:
        _reprice_own(plan, number, change.bid, own)
    elif not elsewhere.height:
        reason = (
            "its ad group serves these terms already, and without a bid nothing changes for them"
            if own.height
            else "no term that it would serve has a click in this report; its volume is unknown"
        )
        plan.unknown.append(Unknown(change, reason))


def _reprice_own(plan: Plan, number: int, bid: float, own: pl.DataFrame) -> None:
    """Let a keyword take over terms that its ad group serves already, at its own bid."""
    rows = own["row"].to_numpy().astype(np.int64)
    entries = plan.entries(rows)
    entries = entries[plan.kept[entries]]
    former = BID_OVER_CPC * plan.ground.parameters.cpc[plan.row[entries]]
    plan.log_bid[entries] = _log_ratio(bid, former)
    _tell(plan, number, "new bid", plan.row[entries], plan.share[entries])


def _share_in(
    plan: Plan,
    number: int,
    change: Change,
    here: pl.DataFrame,
    elsewhere: pl.DataFrame,
    blocked: Floats,
) -> None:
    ground, sources = plan.ground, elsewhere["row"].to_numpy().astype(np.int64)
    p = ground.parameters.take(sources)
    place = ground.parameters.take(here["row"].to_numpy().astype(np.int64))
    alpha, beta = _rates_there(ground, sources, here)
    sold = place.clicks * place.cvr
    value = _mean(place.order_value, sold)
    bid = np.full(len(p), change.bid or np.inf)
    former = BID_OVER_CPC * p.cpc
    cost = p.cpc if change.bid else np.full(len(p), _mean(place.cpc, place.clicks))
    gain = Gain(
        number,
        sources,
        blocked[sources] > 0.5,
        alpha,
        beta,
        np.full(len(p), value),
        cost,
        bid,
        _log_ratio(change.bid, former) if change.bid else np.zeros(len(p)),
    )
    plan.gains.append(gain)
    _tell(plan, number, "takes over", sources, np.ones(len(sources)))


def _rates_there(ground: Baseline, sources: Ints, here: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return the conversion of terms in another ad group.

    Its prior there, and half of what their own clicks tell elsewhere: another product is shown.
    """
    fitted, lines = ground.fitted, ground.fitted.evidence.rows[sources]
    group = here.row(0, named=True)
    moved = lines.with_columns(
        pl.lit(group["campaign"], pl.String).alias("campaign"),
        pl.lit(group["ad_group"], pl.String).alias("ad_group"),
    )
    mean = np.clip(fitted.prior.rates(moved), 1e-6, 1 - 1e-6)
    strength = fitted.strength
    orders = lines["converted"].to_numpy().astype(np.float64)
    clicks = np.maximum(lines["mature_clicks"].to_numpy(), orders)
    return strength * mean + orders / 2, strength * (1 - mean) + (clicks - orders) / 2


def _mean(values: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    return float((values * weights).sum()) / total if total > 0 else float(values.mean())


def _tell(plan: Plan, number: int, effect: str, rows: Ints, shares: Floats) -> None:
    seen = rows < plan.ground.fitted.posteriors.height
    columns = {"change": number, "effect": effect, "share": shares[seen], "row": rows[seen]}
    plan.blast.append(pl.DataFrame(columns, schema=BLAST_SCHEMA))
