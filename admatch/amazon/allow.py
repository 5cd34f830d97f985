"""Which steps of a plan a job allows: ``select``."""

import math
from dataclasses import dataclass

from admatch.amazon.job import AmazonJob, Kind
from admatch.amazon.plan import ApplyPlan, Step
from admatch.display.money import money
from admatch.errors import InputError, shorten
from admatch.impact.changes import Operation
from admatch.messages import say
from admatch.reports.account.records import Entity

_NEW = {
    Entity.NEGATIVE_KEYWORD: Kind.NEGATIVE_KEYWORD,
    Entity.CAMPAIGN_NEGATIVE_KEYWORD: Kind.NEGATIVE_KEYWORD,
    Entity.NEGATIVE_PRODUCT_TARGETING: Kind.NEGATIVE_PRODUCT,
    Entity.CAMPAIGN_NEGATIVE_PRODUCT: Kind.NEGATIVE_PRODUCT,
    Entity.KEYWORD: Kind.KEYWORD,
    Entity.PRODUCT_TARGETING: Kind.PRODUCT_TARGET,
}
_PAID = (Kind.KEYWORD, Kind.PRODUCT_TARGET)  # new ones cost their bid a click


@dataclass(frozen=True, slots=True)
class Selection:
    """The steps to apply, those that the job does not allow, and the money at stake."""

    steps: tuple[Step, ...]
    left_out: tuple[Step, ...]
    money: float


def select(plan: ApplyPlan, job: AmazonJob) -> Selection:
    """Return the steps of the kinds that the job allows; others are left out.

    Raises ``InputError`` where the job allows no changes, none in this profile, or fewer than the
    plan has. A plan beyond the limits is more than anybody agreed to unseen, so none of it is
    applied.
    """
    allow = job.allow
    if allow is None:
        raise InputError(say("amazon.allow.nothing"))
    check_profile(job)
    steps = tuple(one for one in plan.steps if kind_of(one) in allow.kinds)
    left_out = tuple(one for one in plan.steps if kind_of(one) not in allow.kinds)
    if len(steps) > allow.most_changes:
        raise InputError(say("amazon.allow.changes", n=len(steps), allowed=str(allow.most_changes)))
    total = round(sum(map(stake, steps)), 2)
    if not total <= allow.most_money:  # also where either is not a number
        at_stake, allowed = (money(one, plan.currency) for one in (total, allow.most_money))
        raise InputError(say("amazon.allow.money", at_stake=at_stake, allowed=allowed))
    return Selection(steps, left_out, total)


def check_profile(job: AmazonJob) -> None:
    """Raise ``InputError`` where nothing may be changed in the job's profile."""
    if job.allow is None or job.profile not in job.allow.profiles:
        raise InputError(say("amazon.allow.profile", profile=job.profile))


def kind_of(step: Step) -> Kind | None:
    """Return the kind under which a step is allowed; None where only a bulk file makes it.

    Those are what concerns whole campaigns and ad groups: settings, and new ones.
    """
    change = step.change
    if change.entity not in _NEW or _is_temporary(change.place.campaign_id):
        return None
    if change.operation == Operation.ARCHIVE:
        return Kind.ARCHIVE
    if change.operation == Operation.CREATE:
        return _NEW[change.entity]
    if change.new_state is not None:
        return Kind.PAUSE
    return Kind.BID_UP if _rise(step) > 0 else Kind.BID_DOWN


def _is_temporary(campaign_id: str | None) -> bool:
    """Return whether an ID is the name of a campaign that a bulk file makes."""
    return campaign_id is not None and not campaign_id.isdigit()


def stake(step: Step) -> float:
    """Return what one more click costs on what a step adds or makes dearer.

    Raises ``InputError`` for a new keyword without a bid, whose cost is not known here, and for a
    bid that is not an amount.
    """
    change = step.change
    if change.new_state is not None:
        return (change.before or 0.0) if change.new_state == "enabled" else 0.0
    if change.operation == Operation.UPDATE:
        _bid(step)
        return max(_rise(step), 0.0)
    if change.operation == Operation.CREATE and _NEW[change.entity] in _PAID:
        bid = _bid(step)
        if bid is None:
            what, text = change.entity.lower(), shorten(change.text)
            raise InputError(say("amazon.allow.no_bid", what=what, text=text))
        return bid
    return 0.0


def _bid(step: Step) -> float | None:
    """Return the new bid; raises for one that could slip under a limit: nan, or negative."""
    for bid in (step.change.bid, step.change.before, step.inverse.bid):
        if bid is not None and not (math.isfinite(bid) and bid > 0):
            row, text = str(step.number), shorten(step.change.text)
            raise InputError(say("amazon.allow.bid", row=row, text=text, bid=str(bid)))
    return step.change.bid


def _rise(step: Step) -> float:
    """Return by how much a bid rises; the inverse holds the default where it had no own bid."""
    before = step.change.before if step.change.before is not None else step.inverse.bid
    return (step.change.bid or 0.0) - (before or 0.0)
