"""Which steps of a plan a job allows: ``select``."""

from dataclasses import dataclass

from admatch.amazon.job import AmazonJob, Kind
from admatch.amazon.plan import ApplyPlan, Step
from admatch.errors import InputError, shorten
from admatch.impact.changes import Change, Operation
from admatch.reports.account.records import Entity

_NEW = {
    Entity.NEGATIVE_KEYWORD: Kind.NEGATIVE_KEYWORD,
    Entity.CAMPAIGN_NEGATIVE_KEYWORD: Kind.NEGATIVE_KEYWORD,
    Entity.NEGATIVE_PRODUCT_TARGETING: Kind.NEGATIVE_PRODUCT,
    Entity.CAMPAIGN_NEGATIVE_PRODUCT: Kind.NEGATIVE_PRODUCT,
    Entity.KEYWORD: Kind.KEYWORD,
    Entity.PRODUCT_TARGETING: Kind.PRODUCT_TARGET,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The steps that are applied, those that the job does not allow, and the money at stake."""

    steps: tuple[Step, ...]
    left_out: tuple[Step, ...]
    money: float


def select(plan: ApplyPlan, job: AmazonJob) -> Selection:
    """Return the steps of the kinds that the job allows.

    Raises ``InputError`` where it allows nothing, not this profile, or less than they are: more
    is asked for than somebody meant to give away unseen, so none of it is applied.
    """
    allow = job.allow
    if allow is None:
        raise InputError(
            "the job allows no changes; write a table [amazon.allow] with profiles, kinds, "
            "most_changes and most_money"
        )
    check_profile(job)
    steps = tuple(one for one in plan.steps if kind_of(one) in allow.kinds)
    left_out = tuple(one for one in plan.steps if kind_of(one) not in allow.kinds)
    if len(steps) > allow.most_changes:
        raise InputError(
            f"the plan has {len(steps):,} changes, and the job allows {allow.most_changes:,}; "
            "raise most_changes, or make a smaller plan"
        )
    money = round(sum(map(stake, steps)), 2)
    if money > allow.most_money:
        raise InputError(
            f"the plan puts {money:.2f} {plan.currency} at stake, and the job allows "
            f"{allow.most_money:.2f}; raise most_money, or make a smaller plan"
        )
    return Selection(steps, left_out, money)


def check_profile(job: AmazonJob) -> None:
    """Raise ``InputError`` where nothing may be changed in the job's profile."""
    if job.allow is None or job.profile not in job.allow.profiles:
        raise InputError(
            f"the job does not allow changes in profile {job.profile}; add it to profiles under "
            "[amazon.allow]"
        )


def kind_of(step: Step) -> Kind:
    """Return under which kind a step is allowed."""
    change = step.change
    if change.operation == Operation.ARCHIVE:
        return Kind.ARCHIVE
    if change.operation == Operation.CREATE:
        return _NEW[change.entity]
    return Kind.BID_UP if _rise(step) > 0 else Kind.BID_DOWN


def stake(step: Step) -> float:
    """Return what one more click costs that this step adds or makes dearer.

    Raises ``InputError`` for a new keyword without a bid: what it costs is not known here.
    """
    change = step.change
    if change.operation == Operation.UPDATE:
        return max(_rise(step), 0.0)
    if change.operation == Operation.CREATE and _NEW[change.entity] in _PAID:
        return _known_bid(change)
    return 0.0


_PAID = (Kind.KEYWORD, Kind.PRODUCT_TARGET)


def _known_bid(change: Change) -> float:
    if change.bid is None:
        raise InputError(
            f"the new {change.entity.lower()} '{shorten(change.text)}' has no bid, so that the "
            "money at stake is not known; give it one, or upload the bulk sheet yourself"
        )
    return change.bid


def _rise(step: Step) -> float:
    """Return by how much a bid rises; its inverse has the default where it had none of its own."""
    before = step.change.before if step.change.before is not None else step.inverse.bid
    return (step.change.bid or 0.0) - (before or 0.0)
