"""What is to be changed in an account: ``Change`` and ``ChangeSet``."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from admatch.messages import Message, say
from admatch.reports.account.records import Entity, MatchType, Placement


class Operation(StrEnum):
    """What is done to an entity, in the words of bulk files."""

    CREATE = "Create"
    UPDATE = "Update"
    ARCHIVE = "Archive"


STRUCTURE = (Entity.CAMPAIGN, Entity.AD_GROUP, Entity.PRODUCT_AD)  # what keywords are in


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change is made: IDs where they are known, names as the report has them.

    A place without an ad group is a whole campaign.
    """

    campaign: str
    ad_group: str | None = None
    campaign_id: str | None = None
    ad_group_id: str | None = None

    @property
    def whole_campaign(self) -> bool:
        """Whether the change is made at campaign level."""
        return not (self.ad_group or self.ad_group_id)

    @property
    def description(self) -> Message:
        """What a sentence calls it: ad group 'A' of campaign 'C'."""
        campaign = self.campaign or self.campaign_id or ""
        if self.whole_campaign:
            return say("impact.place.campaign", campaign=campaign)
        ad_group = self.ad_group or self.ad_group_id or ""
        return say("impact.place.ad_group", ad_group=ad_group, campaign=campaign)

    def __str__(self) -> str:
        return self.description


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a future bulk file: what is done, to which entity, where.

    ``text`` is a keyword, the expression of a product target, or a ``Placement``. ``bid`` is the
    new bid in the account's currency; None takes the ad group's default. ``setting`` is a new one
    of a campaign: the percentage that a placement adds to bids, or the daily budget. ``target_id``
    is the ID of what is updated or archived, ``before`` its own bid or setting until now. ``state``
    is the state of something new (enabled by default), and the new one in an update without a bid;
    of anything else it is the state that it has.

    >>> place = am.Place("SP | Drinks | Auto", "All products")
    >>> print(am.Change.negative_keyword("garden hose", am.MatchType.NEGATIVE_EXACT, place).place)
    ad group 'All products' of campaign 'SP | Drinks | Auto'
    """

    operation: Operation
    entity: Entity
    place: Place
    text: str
    match_type: MatchType | None = None
    bid: float | None = None
    target_id: str | None = None
    before: float | None = None
    state: str | None = None
    setting: float | None = None

    @classmethod
    def negative_keyword(cls, text: str, match_type: MatchType, place: Place) -> Self:
        """Return a new negative keyword, of the ad group or of the whole campaign."""
        negative, campaign = Entity.NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_KEYWORD
        entity = campaign if place.whole_campaign else negative
        return cls(Operation.CREATE, entity, place, text, match_type)

    @classmethod
    def negative_product(cls, asin: str, place: Place) -> Self:
        """Return a new negative product target, of the ad group or of the whole campaign."""
        negative, campaign = Entity.NEGATIVE_PRODUCT_TARGETING, Entity.CAMPAIGN_NEGATIVE_PRODUCT
        entity = campaign if place.whole_campaign else negative
        return cls(Operation.CREATE, entity, place, f'asin="{asin.upper()}"')

    @classmethod
    def keyword(
        cls, text: str, match_type: MatchType, place: Place, bid: float | None = None
    ) -> Self:
        """Return a new keyword of the ad group."""
        return cls(Operation.CREATE, Entity.KEYWORD, place, text, match_type, bid)

    @classmethod
    def keyword_bid(cls, text: str, match_type: MatchType, place: Place, bid: float) -> Self:
        """Return a new bid for an existing keyword."""
        return cls(Operation.UPDATE, Entity.KEYWORD, place, text, match_type, bid)

    @classmethod
    def target_bid(cls, expression: str, place: Place, bid: float) -> Self:
        """Return a new bid for an existing product target: ``asin="B0…"``, ``close-match``."""
        return cls(Operation.UPDATE, Entity.PRODUCT_TARGETING, place, expression, None, bid)

    @classmethod
    def pause(cls, text: str, place: Place, match_type: MatchType | None = None) -> Self:
        """Return a pause of a keyword, or without a match type of a product target."""
        entity = Entity.PRODUCT_TARGETING if match_type is None else Entity.KEYWORD
        return cls(Operation.UPDATE, entity, place, text, match_type, state="paused")

    @classmethod
    def placement(cls, placement: Placement, place: Place, percentage: float) -> Self:
        """Return a new percentage that a placement adds to the bids of a campaign."""
        return cls(
            Operation.UPDATE, Entity.BIDDING_ADJUSTMENT, place, placement.value, setting=percentage
        )

    @classmethod
    def budget(cls, place: Place, amount: float) -> Self:
        """Return a new daily budget of a campaign."""
        return cls(Operation.UPDATE, Entity.CAMPAIGN, place, place.campaign, setting=amount)

    @classmethod
    def new_campaign(cls, name: str, budget: float) -> Self:
        """Return a new manual campaign with a daily budget."""
        return cls(Operation.CREATE, Entity.CAMPAIGN, Place(name), name, setting=budget)

    @classmethod
    def new_ad_group(cls, place: Place, bid: float) -> Self:
        """Return a new ad group with a default bid."""
        return cls(Operation.CREATE, Entity.AD_GROUP, place, place.ad_group or "", bid=bid)

    @classmethod
    def product_ad(cls, sku: str, place: Place) -> Self:
        """Return a new ad of a product in an ad group."""
        return cls(Operation.CREATE, Entity.PRODUCT_AD, place, sku)

    @property
    def new_state(self) -> str | None:
        """The state that an update gives to what exists; None where it gives a bid."""
        switches = self.operation == Operation.UPDATE and self.bid is self.setting is None
        return self.state if switches else None

    @classmethod
    def archive(
        cls, entity: Entity, text: str, place: Place, match_type: MatchType | None = None
    ) -> Self:
        """Return the end of a keyword, a product target or a negative one."""
        return cls(Operation.ARCHIVE, entity, place, text, match_type)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes that are evaluated, written and undone together, in their order.

    ``withheld`` says why they may be looked at but not written for upload; None where they may be
    written.
    """

    changes: tuple[Change, ...]
    withheld: str | None = None

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)
