"""A target for an account that named none: ``propose_target``."""

from dataclasses import dataclass

from admatch.display.money import percent
from admatch.messages import Message, say

_LESS = 0.9  # of today's ACOS: near enough that the account's own evidence reaches it
_USUAL = 0.30  # where nothing was sold, so that nothing is known
_LOWEST = 0.01


@dataclass(frozen=True, slots=True)
class ProposedTarget:
    """A target ACOS as a share of sales, and why it is proposed."""

    target_acos: float
    why: Message


def propose_target(acos: float | None, margin: float | None = None) -> ProposedTarget:
    """Return a target near what the account does today, and never above its margin.

    ``acos`` is today's share, ``margin`` the profit before ads; either may be unknown.
    """
    if acos is None:
        if margin is None:
            return ProposedTarget(_USUAL, say("pipeline.target.unknown", target=percent(_USUAL, 0)))
        return ProposedTarget(margin, say("pipeline.target.margin", margin=percent(margin, 0)))
    if margin is not None and margin < acos:
        why = say("pipeline.target.above_margin", acos=percent(acos), margin=percent(margin, 0))
        return ProposedTarget(margin, why)
    target = max(_LOWEST, round(acos * _LESS, 2))
    if margin is None:
        return ProposedTarget(target, say("pipeline.target.less", acos=percent(acos)))
    why = say("pipeline.target.inside_margin", acos=percent(acos), margin=percent(margin, 0))
    return ProposedTarget(target, why)
