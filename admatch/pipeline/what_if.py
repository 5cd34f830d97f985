"""Changes that somebody names, and what they do, as JSON: ``NamedChanges``, ``effect_facts``."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.export.bulk.read import read_changes
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.impact.what_if import WhatIf
from admatch.messages import say
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import MatchType
from admatch.reports.records import SearchTermReport


@dataclass(frozen=True, slots=True)
class NamedChanges:
    """New negatives and exact keywords, in one campaign or ad group, or in every campaign.

    ``bid`` is that of the new keywords. Raises ``InputError`` for an ad group without its campaign,
    and for a new keyword without its ad group.
    """

    negative_exact: Sequence[str] = ()
    negative_phrase: Sequence[str] = ()
    negative_product: Sequence[str] = ()
    exact: Sequence[str] = ()
    bid: float | None = None
    campaign: str | None = None
    ad_group: str | None = None

    def __post_init__(self) -> None:
        if self.ad_group and not self.campaign:
            raise InputError(say("pipeline.what_if.ad_group"))
        if self.exact and not self.ad_group:
            raise InputError(say("pipeline.what_if.exact"))

    def within(self, report: SearchTermReport) -> ChangeSet:
        """Return the changes; raises ``InputError`` for a campaign that the report lacks."""
        return ChangeSet(tuple(self._each(report)))

    def _each(self, report: SearchTermReport) -> Iterator[Change]:
        for place in self._places(report):
            for text in self.negative_exact:
                yield Change.negative_keyword(text, MatchType.NEGATIVE_EXACT, place)
            for text in self.negative_phrase:
                yield Change.negative_keyword(text, MatchType.NEGATIVE_PHRASE, place)
            for asin in self.negative_product:
                yield Change.negative_product(asin, place)
            for text in self.exact:
                yield Change.keyword(text, MatchType.EXACT, place, self.bid)

    def _places(self, report: SearchTermReport) -> Iterator[Place]:
        names = report.frame["campaign"].drop_nulls().unique(maintain_order=True).to_list()
        if self.campaign is not None and self.campaign not in names:
            raise InputError(say("pipeline.what_if.no_campaign", campaign=self.campaign))
        for name in [self.campaign] if self.campaign is not None else names:
            yield Place(name, self.ad_group)


def proposed_changes(
    named: NamedChanges,
    report: SearchTermReport,
    file: Path | None = None,
    account: Path | None = None,
) -> ChangeSet:
    """Return the changes of a bulk sheet, then those that are named.

    ``account`` is a bulk download, which tells the names behind IDs.
    """
    if file is None:
        return named.within(report)
    read = read_changes(file, read_account(account) if account else None)
    return ChangeSet((*read, *named.within(report)))


def effect_facts(effect: WhatIf) -> dict[str, Any]:
    """Return what changes would do, as JSON holds it."""
    names = ("before", "after", "difference")
    return {
        "rho": effect.rho,
        "currencies": [
            {"currency": code}
            | {name: asdict(getattr(change, name)) for name in names}
            | {
                "sales_at_risk": change.sales_at_risk and asdict(change.sales_at_risk),
                "spent_again": asdict(change.spent_again),
                "break_even": change.break_even and asdict(change.break_even),
            }
            for code, change in effect.by_currency.items()
        ],
        "touched": effect.blast_radius.to_dicts(),
        "unknown": [
            {"change": str(one.change.text), "reason": one.reason} for one in effect.unknown
        ],
    }
