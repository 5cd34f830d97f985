"""How careful decisions are: ``GuardRails``, and the warnings where they are loosened."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from admatch.errors import InputError
from admatch.messages import Message, say

HIGHEST_TARGET = 5.0  # an ACOS of 500 %: anything above was meant as a percentage
FRESH_DAYS = 3  # clicks may be taken back for 72 hours (Amazon Ads documentation, v3 FAQ)


class Preset(StrEnum):
    """How much expected profit a run may put at risk for its target."""

    CAUTIOUS = "cautious"
    BALANCED = "balanced"
    TARGET_FIRST = "target-first"


# Expected loss as a share of sales: of the whole run, and of a campaign's negations.
_AT_RISK = {
    Preset.CAUTIOUS: (0.005, 0.05),
    Preset.BALANCED: (0.02, 0.10),
    Preset.TARGET_FIRST: (0.10, 0.25),
}
_PRESETS = math.nan  # stands for the figure of the preset


@dataclass(frozen=True, slots=True)
class GuardRails:
    """The figures of the guard-rails (see ``admatch.decisions``); proposals, not norms.

    ``preset`` caps what may be at risk: 0.5 % of sales with "cautious", 2 % with "balanced", 10 %
    with "target-first", which also takes the set nearest to a target out of reach, where the others
    take the one that gains most. ``certainty``: a term is negated where the chance that it pays is
    below this. ``stranger``: up to this probability of being about a product, a term is about none.
    ``stranger_certainty`` is the ``certainty`` for those terms. ``sure_match``: from this
    probability on, a product strongly matches a term. ``sales_at_risk``: the largest expected loss
    of sales beyond what the freed spend is worth, of all changes together, as a share of expected
    sales (the preset's unless given); ``campaign_at_risk`` is the same of negations within a
    campaign. ``phrase_terms``: distinct terms behind a negative phrase. ``step``: the largest
    change of a bid, ``certain_step`` the largest cut where it is certain that ACOS is above the
    target. ``harvest_orders``: the fewest orders of a new keyword. ``coverage``: the smallest share
    of backtested outcomes inside their 80 % intervals.

    >>> [one[:19] for one in am.GuardRails(sales_at_risk=0.05).warnings()]
    ['GUARD-RAIL LOOSENED']
    """

    preset: Preset = Preset.BALANCED
    certainty: float = 0.10
    stranger: float = 0.15
    stranger_certainty: float = 0.25
    sure_match: float = 0.80
    sales_at_risk: float = _PRESETS
    campaign_at_risk: float = _PRESETS
    phrase_terms: int = 3
    step: float = 0.20
    certain_step: float = 0.50
    harvest_orders: int = 2
    coverage: float = 0.70

    def __post_init__(self) -> None:
        if self.preset not in list(Preset):
            names = ", ".join(Preset)
            raise InputError(say("decisions.guard_rail.preset", found=self.preset, names=names))
        object.__setattr__(self, "preset", Preset(self.preset))
        caps = zip(("sales_at_risk", "campaign_at_risk"), _AT_RISK[self.preset], strict=True)
        for name, usual in caps:
            if math.isnan(getattr(self, name)):
                object.__setattr__(self, name, usual)
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if not math.isfinite(value) or value < 0:
                raise InputError(
                    say("decisions.guard_rail.negative", name=field.name, found=f"{value:g}")
                )
        for step in (self.step, self.certain_step):
            if step >= 1:
                raise InputError(say("decisions.guard_rail.whole_step", found=f"{step:g}"))

    def warnings(self) -> Iterator[Message]:
        """Yield a sentence for every guard-rail that is looser than its preset has it."""
        usual = GuardRails(self.preset)
        for name, meaning in _meanings().items():
            mine, normal = getattr(self, name), getattr(usual, name)
            looser = mine < normal if name in _LEAST else mine > normal
            if looser:
                yield say(
                    "decisions.guard_rail.loosened",
                    what=meaning,
                    mine=f"{mine:g}",
                    usual=f"{normal:g}",
                )


def preset_name(preset: Preset) -> Message:
    """Return what a reader calls a preset."""
    names = {
        Preset.CAUTIOUS: say("decisions.preset.cautious"),
        Preset.BALANCED: say("decisions.preset.balanced"),
        Preset.TARGET_FIRST: say("decisions.preset.target_first"),
    }
    return names[preset]


_LEAST = ("phrase_terms", "harvest_orders", "coverage", "sure_match")


def _meanings() -> dict[str, Message]:
    """Return what each figure is, in words."""
    return {
        "certainty": say("decisions.guard_rail.certainty"),
        "stranger": say("decisions.guard_rail.stranger"),
        "stranger_certainty": say("decisions.guard_rail.stranger_certainty"),
        "sure_match": say("decisions.guard_rail.sure_match"),
        "sales_at_risk": say("decisions.guard_rail.sales_at_risk"),
        "campaign_at_risk": say("decisions.guard_rail.campaign_at_risk"),
        "phrase_terms": say("decisions.guard_rail.phrase_terms"),
        "step": say("decisions.guard_rail.step"),
        "certain_step": say("decisions.guard_rail.certain_step"),
        "harvest_orders": say("decisions.guard_rail.harvest_orders"),
        "coverage": say("decisions.guard_rail.coverage"),
    }


def check_target(target_acos: float, of: str | None = None) -> None:
    """Raise ``InputError`` where a target, that of the part ``of``, cannot be meant."""
    if math.isfinite(target_acos) and 0 < target_acos <= HIGHEST_TARGET:
        return
    limit, found = f"{HIGHEST_TARGET:g}", f"{target_acos:g}"
    what = say("decisions.target.range", limit=limit, found=found)
    if math.isfinite(target_acos) and target_acos > HIGHEST_TARGET:
        share = f"{target_acos / 100:g}"
        what = say("decisions.target.percentage", limit=limit, found=found, share=share)
    raise InputError(what if of is None else say("decisions.target.of", name=of, what=what))


def check_margin(margin: float | None, of: str | None = None) -> None:
    """Raise ``InputError`` where a margin, that of the part ``of``, cannot be meant."""
    if margin is None or (math.isfinite(margin) and 0 < margin <= 1):
        return
    what = say("decisions.target.margin", found=f"{margin:g}")
    raise InputError(what if of is None else say("decisions.target.of", name=of, what=what))
