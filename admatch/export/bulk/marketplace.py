"""A marketplace's currency and bids: ``Marketplace``."""

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files

from admatch.display.money import money_format
from admatch.errors import InputError, shorten

# Where one currency has one marketplace; EUR has several.
_MARKETPLACES = {"USD": "US", "GBP": "UK", "JPY": "JP", "CAD": "CA", "INR": "IN", "MXN": "MX"}


@dataclass(frozen=True, slots=True)
class Marketplace:
    """Where ads run, and what a Sponsored Products click may cost there."""

    code: str
    currency: str
    lowest: float
    highest: float
    note: str | None = None

    @property
    def decimals(self) -> int:
        """How many decimals a bid has."""
        return money_format(self.currency).decimals

    def rounded(self, bid: float) -> float:
        """Return the bid as it is written; Amazon, too, rounds to two decimals, half up."""
        if not math.isfinite(bid):
            return bid
        step = Decimal(1).scaleb(-self.decimals)
        return float(Decimal(repr(bid)).quantize(step, ROUND_HALF_UP))

    def told(self, bid: float) -> str:
        """Return a bid for a sentence: ``0.75 EUR``."""
        return f"{bid:.{self.decimals}f} {self.currency}"

    def bid_fault(self, bid: float) -> str | None:
        """Return why Amazon does not take the bid, or None."""
        if self.lowest <= bid <= self.highest:
            return None
        note = f" ({self.note})" if self.note and bid > self.highest else ""
        bounds = f"{self.told(self.lowest)} to {self.told(self.highest)}"
        return (
            f"a bid in {self.code} is {bounds}{note}, and this one is {self.told(bid)}; "
            "choose one in that range"
        )


def find_marketplace(code: str) -> Marketplace:
    """Return the marketplace with this two-letter code.

    Raises ``InputError`` naming the known ones.
    """
    known = _marketplaces()
    if code.upper() not in known:
        raise InputError(
            f"'{shorten(code)}' is not a marketplace that admatch knows the bids of; "
            f"choose one of {', '.join(known)}"
        )
    return known[code.upper()]


def marketplace_of(currencies: Sequence[str | None]) -> str | None:
    """Return the marketplace that a report's currencies tell, or None where they do not."""
    return _MARKETPLACES.get(currencies[0] or "") if len(currencies) == 1 else None


@cache
def _marketplaces() -> dict[str, Marketplace]:
    text = files(__package__).joinpath("marketplaces.toml").read_text(encoding="utf-8")
    known = {}
    for code, entry in tomllib.loads(text).items():
        lowest, highest = map(float, entry["bids"])
        known[code] = Marketplace(code, entry["currency"], lowest, highest, entry.get("note"))
    return known
