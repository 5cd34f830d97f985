"""What changes would have done to days that are known: ``effects``.

A negation removes the rows that it blocks, by Amazon's matching rules; a share of them reappears
(rho). Where the term has its exact keyword in another ad group, that one catches what the model
expects it to catch (``impact.deltas.CAUGHT``). A new bid moves clicks and costs by the elasticities
of ``impact.elasticities``. What a new keyword would bring is in no report: it counts as nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from admatch.arrays import Ints
from admatch.errors import InputError
from admatch.impact.changes import Change, Operation
from admatch.impact.deltas import CAUGHT
from admatch.impact.elasticities import COST_POWER, VOLUME_POWER
from admatch.impact.interval import DEVIATIONS
from admatch.impact.keyword_rules import blocked_by, fold
from admatch.pipeline.replay_traffic import Traffic
from admatch.reports.account.records import NEGATIVES, TARGETS, Entity, MatchType

EFFECTS = {
    "scored": pl.Boolean,  # whether the report can show what the change does
    "saved": pl.Float64,
    "lost": pl.Float64,  # sales; below zero where a raised bid gains some
    "lost_orders": pl.Float64,
}
_ENDED = ("paused", "archived")
_CONTAINERS = (Entity.CAMPAIGN, Entity.AD_GROUP)


@dataclass(frozen=True, slots=True)
class Elasticity:
    """Powers of new bid over old that clicks and cost per click follow."""

    volume: float
    cost: float

    @classmethod
    def at(cls, deviations: float) -> "Elasticity":
        """Return what is assumed, so many standard deviations above the mean."""
        volume, cost = (mean + deviations * width for mean, width in (VOLUME_POWER, COST_POWER))
        return cls(max(volume, 0.0), min(max(cost, 0.0), 1.0))


EXPECTED, LOW, HIGH = (Elasticity.at(one) for one in (0.0, -DEVIATIONS, DEVIATIONS))


@dataclass(frozen=True, slots=True)
class Rules:
    """What is assumed of traffic that changes meet.

    ``exact`` says where exact keywords run, by their stems (``replay_traffic.exact_keywords``).
    """

    exact: Mapping[str, set[tuple[str, str]]]
    rho: float = 0.0
    elasticity: Elasticity = EXPECTED


@dataclass(frozen=True, slots=True)
class _Touch:
    """Rows with what a change leaves of their clicks and of their spend."""

    rows: Ints
    volume: float
    spend: float
    ends: bool


def effects(traffic: Traffic, changes: Sequence[Change], rules: Rules) -> pl.DataFrame:
    """Return what each change adds to those before it, one row a change (``EFFECTS``)."""
    spend, sales, orders = (
        traffic.rows[name].to_numpy().astype(np.float64).copy()
        for name in ("spend", "sales", "orders")
    )
    running = np.ones(len(traffic), dtype=np.bool_)
    lines: list[tuple[bool, float, float, float]] = []
    for change in changes:
        touch = _touched(traffic, change, rules)
        if touch is None:
            lines.append((False, 0.0, 0.0, 0.0))
            continue
        rows = touch.rows[running[touch.rows]] if touch.ends else touch.rows
        saved = float(spend[rows].sum()) * (1 - touch.spend)
        lost, fewer = (float(one[rows].sum()) * (1 - touch.volume) for one in (sales, orders))
        spend[rows] *= touch.spend
        sales[rows] *= touch.volume
        orders[rows] *= touch.volume
        running[rows] &= not touch.ends
        lines.append((True, saved, lost, fewer))
    return pl.DataFrame(lines, schema=EFFECTS, orient="row")


def _touched(traffic: Traffic, change: Change, rules: Rules) -> _Touch | None:
    """Return what a change does, None where no report can show it."""
    creates = change.operation is Operation.CREATE
    if change.entity in NEGATIVES and creates:
        return _blocked(traffic, change, rules)
    if creates or change.entity not in (*TARGETS, *_CONTAINERS):
        return None
    inside = change.entity in TARGETS
    rows = traffic.of_target(change) if inside else traffic.where(change.place)
    if change.operation is Operation.ARCHIVE or change.state in _ENDED:
        return _Touch(rows, rules.rho, rules.rho, ends=True)
    if not change.bid or not change.before:
        return None
    ratio, powers = change.bid / change.before, rules.elasticity
    volume = ratio**powers.volume
    return _Touch(rows, volume, volume * ratio**powers.cost, ends=False)


def _blocked(traffic: Traffic, change: Change, rules: Rules) -> _Touch | None:
    try:
        rows = traffic.where(change.place, blocked_by(change))
    except InputError:  # a negative brand or category: no report shows what it blocks
        return None
    left = rules.rho
    if change.match_type is MatchType.NEGATIVE_EXACT:
        stems = str(fold(pl.Series([change.text]))[0])
        here = (change.place.campaign, change.place.ad_group)
        if rules.exact.get(stems, set()) - {here}:
            left = max(left, CAUGHT[0] / sum(CAUGHT))
    return _Touch(rows, left, left, ends=True)
