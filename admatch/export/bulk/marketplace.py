"""A marketplace's currency and bids: ``Marketplace``."""

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files

from admatch.display.money import money, money_format
from admatch.errors import InputError, shorten
from admatch.messages import Message, say

# The marketplaces that are the only ones with their currency; EUR has several.
_MARKETPLACES = {"USD": "US", "GBP": "UK", "JPY": "JP", "CAD": "CA", "INR": "IN", "MXN": "MX"}


@dataclass(frozen=True, slots=True)
class Marketplace:
    """Where ads run, and what a Sponsored Products click and a day of a campaign may cost there.

    ``doubtful`` marks a highest bid that Amazon's documentation probably misprints.
    """

    code: str
    currency: str
    lowest: float
    highest: float
    budgets: tuple[float, float]
    doubtful: bool = False

    @property
    def decimals(self) -> int:
        """How many decimals a bid has."""
        return money_format(self.currency).decimals

    def rounded(self, bid: float) -> float:
        """Return the bid as it is written; Amazon also rounds to two decimals, half up."""
        if not math.isfinite(bid):
            return bid
        step = Decimal(1).scaleb(-self.decimals)
        return float(Decimal(repr(bid)).quantize(step, ROUND_HALF_UP))

    def format_bid(self, bid: float) -> str:
        """Return a bid for a sentence: ``€0.75``."""
        return money(bid, self.currency)

    def bid_fault(self, bid: float) -> Message | None:
        """Return why Amazon does not take the bid, or None."""
        if self.lowest <= bid <= self.highest:
            return None
        known = {
            "code": self.code,
            "lowest": self.format_bid(self.lowest),
            "highest": self.format_bid(self.highest),
            "found": self.format_bid(bid),
        }
        if self.doubtful and bid > self.highest:
            return say("export.bid.doubtful_range", **known)
        return say("export.bid.range", **known)

    def budget_fault(self, amount: float) -> Message | None:
        """Return why Amazon does not take the daily budget, or None."""
        lowest, highest = self.budgets
        if lowest <= amount <= highest:
            return None
        return say(
            "export.budget.range",
            code=self.code,
            lowest=self.format_bid(lowest),
            highest=self.format_bid(highest),
            found=self.format_bid(amount),
        )


def find_marketplace(code: str) -> Marketplace:
    """Return the marketplace with this two-letter code.

    Raises ``InputError`` naming the known ones.
    """
    known = _marketplaces()
    if code.upper() not in known:
        raise InputError(
            say("export.marketplace.unknown", code=shorten(code), known=", ".join(known))
        )
    return known[code.upper()]


def marketplace_of(currencies: Sequence[str | None]) -> str | None:
    """Return the marketplace that a report's currencies imply, or None where they imply none."""
    return _MARKETPLACES.get(currencies[0] or "") if len(currencies) == 1 else None


@cache
def _marketplaces() -> dict[str, Marketplace]:
    text = files(__package__).joinpath("marketplaces.toml").read_text(encoding="utf-8")
    known = {}
    for code, entry in tomllib.loads(text).items():
        lowest, highest = map(float, entry["bids"])
        least, most = map(float, entry["budgets"])
        doubtful = entry.get("doubtful", False)
        known[code] = Marketplace(code, entry["currency"], lowest, highest, (least, most), doubtful)
    return known
