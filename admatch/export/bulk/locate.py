"""Where a change is made: the change with all its IDs, or why they cannot be told."""

from dataclasses import dataclass, replace

from admatch.errors import shorten
from admatch.export.bulk.directory import ARCHIVED, AdGroup, Campaign, Directory
from admatch.export.bulk.records import Refused
from admatch.impact.changes import Change, Operation, Place
from admatch.reports.account.records import NEGATIVES, TARGETS, Entity, MatchType

OF_CAMPAIGNS = (Entity.CAMPAIGN_NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_PRODUCT)
NEGATIVE_KEYWORDS = (Entity.NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_KEYWORD)
_POSITIVE = (MatchType.EXACT, MatchType.PHRASE, MatchType.BROAD)
_NEGATIVE = (MatchType.NEGATIVE_EXACT, MatchType.NEGATIVE_PHRASE)
_MATCH_TYPES = {Entity.KEYWORD: _POSITIVE} | dict.fromkeys(NEGATIVE_KEYWORDS, _NEGATIVE)


@dataclass(frozen=True, slots=True)
class Located:
    """A change with its IDs, and what its campaign and ad group say about it where it is known."""

    change: Change
    automatic: bool | None = None
    default_bid: float | None = None

    @property
    def parent_id(self) -> str:
        """The ID of the ad group, or of the campaign where the whole campaign is meant."""
        place = self.change.place
        return place.ad_group_id or place.campaign_id or ""


def locate(change: Change, directory: Directory | None) -> Located:
    """Return ``change`` with its IDs, and with the text, bid and state of what it touches.

    Without a directory it must carry its IDs. Raises ``Refused``.
    """
    _check_shape(change)
    if directory is None:
        return Located(_carrying_ids(change))
    campaign = directory.campaign(change.place)
    group = None if change.entity in OF_CAMPAIGNS else directory.ad_group(change.place, campaign)
    _check_alive(campaign, group)
    place = Place(campaign.name or change.place.campaign, campaign_id=campaign.id)
    if group:
        name = group.name or change.place.ad_group
        place = replace(place, ad_group=name, ad_group_id=group.id)
    found = _as_it_is(replace(change, place=place), directory)
    return Located(found, campaign.automatic, group.default_bid if group else None)


def _as_it_is(change: Change, directory: Directory) -> Change:
    """Return an update or an archive with the text, bid and state that its target has now."""
    if change.operation == Operation.CREATE:
        return change
    place = change.place
    target = directory.target(change, place.ad_group_id or place.campaign_id or "")
    if target.archived:
        raise Refused(f"the {change.entity.lower()} is archived, which is for good; create it anew")
    match_type = next((one for one in MatchType if one == target.key[2]), None)
    return replace(
        change,
        text=target.text,
        match_type=match_type,
        target_id=target.id,
        before=target.bid,
        state=target.state,
    )


def _check_shape(change: Change) -> None:
    """Raise ``Refused`` where the parts of a change do not belong together."""
    entity, named = change.entity, change.entity.lower()
    if entity not in (*TARGETS, *NEGATIVES):
        raise Refused(f"a {named} is nothing that admatch writes; change it in the console")
    if entity in NEGATIVES and change.operation == Operation.UPDATE:
        raise Refused(f"a {named} has no bid to update; archive it and create another")
    if entity in NEGATIVES and change.bid is not None:
        raise Refused(f"a {named} has no bid, and this one has {change.bid}; leave it out")
    if (entity in OF_CAMPAIGNS) != change.place.whole_campaign:
        level = "a whole campaign" if entity in OF_CAMPAIGNS else "an ad group"
        raise Refused(f"a {named} belongs to {level}, not to the {change.place}; name the place so")
    _check_match_type(change)


def _check_match_type(change: Change) -> None:
    takes = _MATCH_TYPES.get(change.entity, ())
    if change.target_id and change.match_type is None:
        return
    if takes and change.match_type not in takes:
        known = ", ".join(takes)
        found = change.match_type or "none"
        raise Refused(f"a {change.entity.lower()} is {known}, not {found}; choose one of them")
    if not takes and change.match_type is not None:
        raise Refused(f"a {change.entity.lower()} has no match type; leave it out")


def _carrying_ids(change: Change) -> Change:
    place = change.place
    needed = {"campaign": place.campaign_id}
    if change.entity not in OF_CAMPAIGNS:
        needed["ad group"] = place.ad_group_id
    if change.operation != Operation.CREATE:
        needed["keyword or target"] = change.target_id
    for what, value in needed.items():
        if not value:
            raise Refused(f"the ID of its {what} is not known; give a bulk download as the account")
        if not (value.isascii() and value.isdigit()):
            raise Refused(f"'{shorten(value)}' is no ID of a {what}: those are digits; correct it")
    return change


def _check_alive(campaign: Campaign, group: AdGroup | None) -> None:
    for what, one in (("campaign", campaign), ("ad group", group)):
        if one is not None and one.state == ARCHIVED:
            name = shorten(one.name or one.id)
            raise Refused(f"the {what} '{name}' is archived and takes no changes; choose another")
