"""One thing that is unlike before: ``Alert``."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from admatch.messages import Message, as_json


class AlertKind(StrEnum):
    """What is unlike before."""

    SPEND = "spend"
    CPC = "cpc"
    CONVERSION = "conversion"
    STOPPED = "stopped"  # an ad group without clicks: out of stock, perhaps
    NEW_TERM = "new-term"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something unlike before on ``day``; ``was`` and ``now`` are the figures compared.

    ``campaign``, ``ad_group`` and ``search_term`` are None where the whole is meant.
    """

    kind: AlertKind
    day: date
    currency: str | None
    campaign: str | None
    ad_group: str | None
    search_term: str | None
    was: float
    now: float
    message: Message

    @property
    def key(self) -> tuple[str | None, ...]:
        """What it is about; the same on the next day."""
        return (str(self.kind), self.currency, self.campaign, self.ad_group, self.search_term)

    def to_dict(self) -> dict[str, Any]:
        """Return the alert as JSON holds it."""
        return {
            "kind": self.kind.value, "day": str(self.day), "currency": self.currency,
            "campaign": self.campaign, "ad_group": self.ad_group,
            "search_term": self.search_term, "was": self.was, "now": self.now,
            "text": str(self.message), "message": as_json(self.message),
        }  # fmt: skip
