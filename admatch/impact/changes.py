"""What is to be changed in an account: ``Change`` and ``ChangeSet``."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from admatch.reports.account import Entity, MatchType


class Operation(StrEnum):
    """What is done to an entity, in the words of bulk files."""

    CREATE = "Create"
    UPDATE = "Update"
    ARCHIVE = "Archive"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change is made: IDs where they are known, names as the report has them.

    Without an ad group it is a whole campaign.
    """

    campaign: str
    ad_group: str | None = None
    campaign_id: str | None = None
    ad_group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a bulk file to be: what is done, to which entity, where.

    ``text`` is a keyword, or the expression of a product target. ``bid`` is in the account's own
    currency; None takes the ad group's default. ``target_id`` is the ID of what is updated or
    archived, ``before`` the bid that an update replaces.
    """

    operation: Operation
    entity: Entity
    place: Place
    text: str
    match_type: MatchType | None = None
    bid: float | None = None
    target_id: str | None = None
    before: float | None = None

    @classmethod
    def negative_keyword(cls, text: str, match_type: MatchType, place: Place) -> Self:
        """Return a new negative keyword, of the ad group or of the whole campaign."""
        entity = Entity.NEGATIVE_KEYWORD if place.ad_group else Entity.CAMPAIGN_NEGATIVE_KEYWORD
        return cls(Operation.CREATE, entity, place, text, match_type)

    @classmethod
    def negative_product(cls, asin: str, place: Place) -> Self:
        """Return a new negative product target, of the ad group or of the whole campaign."""
        negative, campaign = Entity.NEGATIVE_PRODUCT_TARGETING, Entity.CAMPAIGN_NEGATIVE_PRODUCT
        entity = negative if place.ad_group else campaign
        return cls(Operation.CREATE, entity, place, f'asin="{asin.upper()}"')

    @classmethod
    def keyword(
        cls, text: str, match_type: MatchType, place: Place, bid: float | None = None
    ) -> Self:
        """Return a new keyword of the ad group."""
        return cls(Operation.CREATE, Entity.KEYWORD, place, text, match_type, bid)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes that are judged, written and undone together, in their order."""

    changes: tuple[Change, ...]

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)
