"""New campaigns, ad groups and product ads: checked, with temporary IDs, and how each is undone.

Amazon takes a text as the ID of what a sheet creates, in all rows below it, too (documentation,
bulksheets/2-0/create-sp-campaign): it is the name. Archiving a campaign archives what is in it, and
a row for each would fail (bulksheets/2-0/update-sp-campaigns), so only the topmost is undone.
"""

from dataclasses import replace

from admatch.export.bulk.directory import Directory
from admatch.export.bulk.locate import check_alive
from admatch.export.bulk.marketplace import Marketplace
from admatch.export.bulk.records import Entry, Refused
from admatch.impact.changes import STRUCTURE, Change, Operation, Place
from admatch.impact.wording import entity_name
from admatch.messages import Message, say
from admatch.reports.account.records import Entity

_LONGEST = {Entity.CAMPAIGN: 128, Entity.AD_GROUP: 255, Entity.PRODUCT_AD: 40}
# Amazon's own word, with a hyphen; downloads have an en dash, so an account's is copied.
_STRATEGY = "Dynamic bids - down only"


class NewPlaces:
    """The campaigns and ad groups that a change set creates, by name."""

    def __init__(self, directory: Directory | None, marketplace: Marketplace) -> None:
        self._directory = directory
        self._marketplace = marketplace
        self._places: dict[tuple[str, str | None], Place] = {}
        self._refused: dict[tuple[str, str | None], Message] = {}

    def place(self, place: Place) -> Place | None:
        """Return a new place with its temporary IDs, or None where it is not new.

        Raises ``Refused`` where it was refused itself.
        """
        at = place.campaign, place.ad_group
        for key in (at, (place.campaign, None)):
            if key in self._refused:
                raise Refused(self._refused[key])
        return self._places.get(at)

    def entry(self, change: Change) -> Entry:
        """Return a change that creates a place, or ends one, with what undoes it."""
        if change.operation == Operation.ARCHIVE:
            return self._end(change)
        try:
            return self._create(change)
        except Refused as reason:
            if change.entity != Entity.PRODUCT_AD:
                group = change.place.ad_group if change.entity == Entity.AD_GROUP else None
                self._refused[change.place.campaign, group] = reason.message
            raise

    def _create(self, change: Change) -> Entry:
        self._check_name(change)
        made = replace(change, place=self._located(change), state="enabled")
        known = self._directory.campaigns if self._directory else {}
        own = made.place.campaign_id if made.place.campaign_id in known else None
        at = replace(change.place, campaign_id=own)
        inverse = replace(made, operation=Operation.ARCHIVE, place=at, bid=None, setting=None)
        above = made.entity != Entity.CAMPAIGN and self._is_new(made)
        if made.entity == Entity.PRODUCT_AD:
            return Entry(made, inverse, undone_above=True)
        self._places[made.place.campaign, made.place.ad_group] = made.place
        if made.entity == Entity.AD_GROUP:
            return Entry(replace(made, bid=self._bid(made)), inverse, undone_above=above)
        budget = self._marketplace.rounded(made.setting or 0.0)
        if fault := self._marketplace.budget_fault(budget):
            del self._places[made.place.campaign, None]
            raise Refused(fault)
        strategy = self._directory.strategy if self._directory else None
        repeated = {"Bidding Strategy": strategy or _STRATEGY, "Targeting Type": "Manual"}
        return Entry(replace(made, setting=budget), inverse, repeated=repeated)

    def _located(self, change: Change) -> Place:
        place, directory = change.place, self._directory
        if directory is None:
            raise Refused(say("export.refused.new_without_account"))
        if change.entity == Entity.PRODUCT_AD:
            at = self.place(place)
            if at is None:
                raise Refused(say("export.refused.ad_elsewhere"))
            return at
        new = self.place(Place(place.campaign)) if change.entity == Entity.AD_GROUP else None
        named = directory.named(place.campaign)
        if change.entity == Entity.CAMPAIGN:
            if named or (place.campaign, None) in self._places:
                raise Refused(say("export.refused.name_taken", name=place.campaign))
            return Place(place.campaign, campaign_id=place.campaign)
        if new is not None:
            return replace(new, ad_group=place.ad_group, ad_group_id=place.ad_group)
        campaign = directory.campaign(place)
        check_alive(campaign, None)
        if directory.has_ad_group(campaign.id, place.ad_group or ""):
            raise Refused(say("export.refused.name_taken", name=place.ad_group or ""))
        return replace(place, campaign_id=campaign.id, ad_group_id=place.ad_group)

    def _is_new(self, change: Change) -> bool:
        return (change.place.campaign, None) in self._places

    def _bid(self, change: Change) -> float:
        bid = self._marketplace.rounded(change.bid or 0.0)
        if fault := self._marketplace.bid_fault(bid):
            raise Refused(fault)
        return bid

    @staticmethod
    def _check_name(change: Change) -> None:
        most, name = _LONGEST[change.entity], change.text
        if not name.strip() or name != name.strip() or len(name) > most:
            what = entity_name(change.entity)
            raise Refused(say("export.refused.name", entity=what, most=most, found=len(name)))

    def _end(self, change: Change) -> Entry:
        """Return the end of a campaign or an ad group, with all that is in it."""
        if self._directory is None:
            raise Refused(say("export.refused.new_without_account"))
        campaign = self._directory.campaign(change.place)
        group = None
        if change.entity == Entity.AD_GROUP:
            group = self._directory.ad_group(change.place, campaign)
        check_alive(campaign, group)
        place = Place(campaign.name or change.place.campaign, campaign_id=campaign.id)
        if group is not None:
            place = replace(place, ad_group=group.name, ad_group_id=group.id)
        ended = group or campaign
        made = replace(change, place=place, target_id=ended.id, state=ended.state)
        back = replace(
            made, operation=Operation.CREATE, target_id=None, state="enabled",
            setting=None if group else campaign.daily_budget,
            bid=group.default_bid if group else None,
        )  # fmt: skip
        return Entry(made, back, (say("export.note.created_empty"),))


def is_structure(change: Change) -> bool:
    """Return whether a change creates or ends a campaign, an ad group or a product ad."""
    return change.entity in STRUCTURE and change.operation != Operation.UPDATE
