"""How careful decisions are: ``GuardRails``, and what is said where they are less so than usual."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

from admatch.errors import InputError

HIGHEST_TARGET = 5.0  # an ACOS of 500 %: what is above was meant as a percentage
FRESH_DAYS = 3  # clicks may be taken back for 72 hours (Amazon Ads documentation, v3 FAQ)


@dataclass(frozen=True, slots=True)
class GuardRails:
    """The figures of the guard-rails (``reference/ppc.md``, section 6); proposals, not norms.

    ``certainty``: a term is negated where the chance that it pays is below this.
    ``stranger``: up to this probability of being about a product, a term is about none.
    ``stranger_certainty`` is the ``certainty`` for those. ``sure_match``: from this probability
    on, a term is strongly retrieved. ``sales_at_risk`` and ``campaign_at_risk``: the most that all
    negations together may cost of expected sales (upper bound of 80 %), in all and in a campaign.
    ``phrase_terms``: distinct terms behind a negative phrase. ``step``: the most by which a bid
    changes. ``harvest_orders``: the fewest orders of a new keyword. ``coverage``: the least share
    of backtested outcomes inside their 80 % intervals.

    >>> [one[:19] for one in am.GuardRails(sales_at_risk=0.05).warnings()]
    ['GUARD-RAIL LOOSENED']
    """

    certainty: float = 0.10
    stranger: float = 0.15
    stranger_certainty: float = 0.25
    sure_match: float = 0.80
    sales_at_risk: float = 0.02
    campaign_at_risk: float = 0.10
    phrase_terms: int = 3
    step: float = 0.20
    harvest_orders: int = 2
    coverage: float = 0.70

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not math.isfinite(value) or value < 0:
                raise InputError(f"{field.name} is a number from 0 on, not {value}")
        if self.step >= 1:
            raise InputError(f"a bid changes by less than its whole: step is {self.step}")

    def warnings(self) -> Iterator[str]:
        """Yield a sentence for every guard-rail that is looser than it is by default."""
        usual = GuardRails()
        for name, told in _LOOSER.items():
            mine, normal = getattr(self, name), getattr(usual, name)
            looser = mine < normal if name in _LEAST else mine > normal
            if looser:
                yield f"GUARD-RAIL LOOSENED: {told} is {mine:g}, and {normal:g} by default"


_LEAST = ("phrase_terms", "harvest_orders", "coverage", "sure_match")
_LOOSER = {
    "certainty": "the chance of paying below which terms are negated",
    "stranger": "the match probability up to which terms are about no product",
    "stranger_certainty": "the chance of paying below which terms about no product are negated",
    "sure_match": "the match probability from which terms are protected as strongly retrieved",
    "sales_at_risk": "the share of sales that negations may put at risk",
    "campaign_at_risk": "the share of one campaign's sales that negations may put at risk",
    "phrase_terms": "the number of terms behind a negative phrase",
    "step": "the step by which a bid changes",
    "harvest_orders": "the number of orders behind a new keyword",
    "coverage": "the coverage that the backtest has to reach",
}


def check_target(target_acos: float, margin: float | None) -> None:
    """Raise ``InputError`` where the target or the margin cannot be meant."""
    if not (math.isfinite(target_acos) and 0 < target_acos <= HIGHEST_TARGET):
        hint = f"; {target_acos:g} % is written {target_acos / 100:g}" if target_acos > 5 else ""
        raise InputError(
            f"the target ACOS is a share above 0 and up to {HIGHEST_TARGET:g}, "
            f"not {target_acos:g}{hint}"
        )
    if margin is not None and not (math.isfinite(margin) and 0 < margin <= 1):
        raise InputError(f"the margin is a share of the price above 0 and up to 1, not {margin:g}")
