"""Where a change is made: the change with all its IDs, or why it has none."""

from dataclasses import dataclass, replace

from admatch.errors import shorten
from admatch.export.bulk.directory import ARCHIVED, AdGroup, Campaign, Directory
from admatch.export.bulk.records import Refused
from admatch.impact.changes import Change, Operation, Place
from admatch.impact.wording import entity_name, match_type_name
from admatch.messages import Message, say
from admatch.reports.account.records import NEGATIVES, TARGETS, Entity, MatchType

OF_CAMPAIGNS = (Entity.CAMPAIGN_NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_PRODUCT)
NEGATIVE_KEYWORDS = (Entity.NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_KEYWORD)
_POSITIVE = (MatchType.EXACT, MatchType.PHRASE, MatchType.BROAD)
_NEGATIVE = (MatchType.NEGATIVE_EXACT, MatchType.NEGATIVE_PHRASE)
_MATCH_TYPES = {Entity.KEYWORD: _POSITIVE} | dict.fromkeys(NEGATIVE_KEYWORDS, _NEGATIVE)


@dataclass(frozen=True, slots=True)
class Located:
    """A change with its IDs, and what is known of its campaign, ad group and target.

    ``state`` is that of the target before the change.
    """

    change: Change
    automatic: bool | None = None
    default_bid: float | None = None
    state: str | None = None

    @property
    def parent_id(self) -> str:
        """The ID of the ad group, or of the campaign for a change of a whole campaign."""
        place = self.change.place
        return place.ad_group_id or place.campaign_id or ""


def locate(change: Change, directory: Directory | None) -> Located:
    """Return ``change`` with its IDs, and with the text, bid and state of its target.

    Without a directory the change must carry its IDs. Raises ``Refused``.
    """
    _check_named(change.place)
    _check_shape(change)
    if directory is None:
        return Located(_carrying_ids(change))
    campaign = directory.campaign(change.place)
    group = None if change.entity in OF_CAMPAIGNS else directory.ad_group(change.place, campaign)
    check_alive(campaign, group)
    place = Place(campaign.name or change.place.campaign, campaign_id=campaign.id)
    if group:
        name = group.name or change.place.ad_group
        place = replace(place, ad_group=name, ad_group_id=group.id)
    as_it_is = _carrying_ids(_as_it_is(replace(change, place=place), directory))
    wanted = change.new_state
    located = as_it_is if wanted is None else replace(as_it_is, state=wanted)
    default_bid = group.default_bid if group else None
    return Located(located, campaign.automatic, default_bid, as_it_is.state)


def _as_it_is(change: Change, directory: Directory) -> Change:
    """Return an update or an archive with the text, bid and state that its target has now."""
    if change.operation == Operation.CREATE:
        return change
    place = change.place
    target = directory.target(change, place.ad_group_id or place.campaign_id or "")
    if target.archived:
        raise Refused(say("export.refused.archived", entity=entity_name(change.entity)))
    match_type = next((one for one in MatchType if one == target.key[2]), None)
    return replace(
        change,
        text=target.text,
        match_type=match_type,
        target_id=target.id,
        before=target.bid,
        state=target.state,
    )


def _check_named(place: Place) -> None:
    """Raise ``Refused`` where a report without campaigns left open where the change belongs."""
    if not (place.campaign or place.campaign_id):
        raise Refused(say("export.refused.no_campaign"))


def _check_shape(change: Change) -> None:
    """Raise ``Refused`` where the parts of a change do not belong together."""
    entity, name = change.entity, entity_name(change.entity)
    if entity not in (*TARGETS, *NEGATIVES):
        raise Refused(say("export.refused.not_written", entity=name))
    if entity in NEGATIVES and change.operation == Operation.UPDATE:
        raise Refused(say("export.refused.no_bid_to_update", entity=name))
    if entity in NEGATIVES and change.bid is not None:
        raise Refused(say("export.refused.has_no_bid", entity=name, found=str(change.bid)))
    place = change.place.description
    if entity in OF_CAMPAIGNS and not change.place.whole_campaign:
        raise Refused(say("export.refused.campaign_level", entity=name, place=place))
    if entity not in OF_CAMPAIGNS and change.place.whole_campaign:
        raise Refused(say("export.refused.ad_group_level", entity=name, place=place))
    _check_match_type(change)


def _check_match_type(change: Change) -> None:
    accepted = _MATCH_TYPES.get(change.entity, ())
    if change.target_id and change.match_type is None:
        return
    name = entity_name(change.entity)
    if accepted and change.match_type not in accepted:
        raise Refused(_wrong_match_type(change, name))
    if not accepted and change.match_type is not None:
        raise Refused(say("export.refused.no_match_type", entity=name))


def _wrong_match_type(change: Change, name: Message) -> Message:
    found = say("export.match_type.missing")
    if change.match_type is not None:
        found = match_type_name(change.match_type)
    if change.entity in NEGATIVE_KEYWORDS:
        return say("export.match_type.negative", entity=name, found=found)
    return say("export.match_type.positive", entity=name, found=found)


def _carrying_ids(change: Change) -> Change:
    """Return the change if it carries the IDs that a bulk sheet needs; else raise ``Refused``."""
    place = change.place
    needed = [(say("impact.entity.campaign"), place.campaign_id)]
    if change.entity not in OF_CAMPAIGNS:
        needed.append((say("impact.entity.ad_group"), place.ad_group_id))
    if change.operation != Operation.CREATE:
        needed.append((say("export.refused.keyword_or_target"), change.target_id))
    for what, value in needed:
        if not value:
            raise Refused(say("export.refused.unknown_id", what=what))
        if not (value.isascii() and value.isdigit()):
            raise Refused(say("export.refused.no_id", what=what, found=shorten(value)))
    return change


def check_alive(campaign: Campaign, group: AdGroup | None) -> None:
    """Raise ``Refused`` where a campaign or ad group is archived."""
    for what, one in ((Entity.CAMPAIGN, campaign), (Entity.AD_GROUP, group)):
        if one is not None and one.state == ARCHIVED:
            name = shorten(one.name or one.id)
            raise Refused(say("export.refused.archived_place", what=entity_name(what), name=name))
