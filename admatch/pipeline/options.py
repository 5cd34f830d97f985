"""The options of an analysis: ``AnalysisOptions``."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, Self

from admatch.decisions.goals import Goals
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.new_campaigns import NewCampaigns as NewCampaigns
from admatch.decisions.new_campaigns import Structure as Structure
from admatch.encode.choice import EncoderChoice
from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.reports.attribution import Attribution


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """The options of the main job, the same at the command line, on the page, in a job, in Python.

    ``target_acos`` and ``margin`` are shares of sales (0.30 is 30 %); without a margin, sales are
    worth the target. ``targets`` and ``margins`` are those of single products, campaigns,
    portfolios and brands by name; products have them in the catalog, too. ``rho`` is the share of
    blocked clicks that reappear elsewhere in the account, 0 to 1. ``protect`` are words whose terms
    are never negated. ``most_changes`` is the size of the best set at most; what new campaigns
    consist of comes on top. ``currency`` (EUR) holds for reports that do not name theirs,
    ``attribution`` (clicks or views) for those of Sponsored Brands that have both, ``window_days``
    for those that do not name their attribution window; ``marketplace`` (DE) decides which bids may
    be written. ``as_of`` is the day on which the report was made; by default the day after its last
    day. ``encoder`` is what reads titles and terms: english, multilingual, or auto, by their
    language. ``seed`` makes draws repeatable. ``new_campaigns`` lays out campaigns for new keywords
    that have no ad group; without it those keywords are not written.

    Raises ``InputError`` naming the option that is out of range.
    """

    target_acos: float = 0.30
    margin: float | None = None
    targets: Mapping[str, float] = field(default_factory=dict)
    margins: Mapping[str, float] = field(default_factory=dict)
    rho: float = 0.0
    guard_rails: GuardRails = field(default_factory=GuardRails)
    protect: tuple[str, ...] = ()
    most_changes: int | None = None
    currency: str | None = None
    attribution: str | None = None
    marketplace: str | None = None
    window_days: int | None = None
    as_of: date | None = None
    encoder: str = EncoderChoice.AUTO
    seed: int = 7
    new_campaigns: NewCampaigns | None = None

    def __post_init__(self) -> None:
        Goals(self.target_acos, self.margin, self.targets, self.margins)
        if not 0 <= self.rho <= 1:
            raise InputError(say("pipeline.options.rho", value=str(self.rho)))
        for name in ("most_changes", "window_days"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(say("pipeline.options.at_least_one", name=name, value=value))
        Attribution.of(self.attribution)
        if self.currency is not None and not re.fullmatch("[A-Z]{3}", self.currency):
            raise InputError(say("pipeline.options.currency", value=shorten(self.currency)))
        if self.seed < 0:
            raise InputError(say("pipeline.options.seed", value=self.seed))

    def to_dict(self) -> dict[str, Any]:
        """Return the options as JSON holds them."""
        day = None if self.as_of is None else self.as_of.isoformat()
        return asdict(self) | {"protect": list(self.protect), "as_of": day}

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> Self:
        """Return the options that ``to_dict`` wrote, in this or an earlier version."""
        known = {one.name for one in fields(cls)}
        given = {name: value for name, value in held.items() if name in known}
        rails = dict(given.get("guard_rails") or {})
        if "preset" in held:  # as the page and a job name it
            rails["preset"] = held["preset"]
        if held.get("sales_at_risk") is not None:  # the page's own name for the most used one
            rails.setdefault("sales_at_risk", held["sales_at_risk"])
        given |= {"guard_rails": GuardRails(**rails), "protect": tuple(held.get("protect") or ())}
        if isinstance(given.get("new_campaigns"), Mapping):
            given["new_campaigns"] = NewCampaigns(**given["new_campaigns"])
        if isinstance(given.get("as_of"), str):
            given["as_of"] = date.fromisoformat(given["as_of"])
        return cls(**given)
