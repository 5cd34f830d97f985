"""The entities of an account, found by name or by ID: ``Directory``."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import polars as pl

from admatch.errors import shorten
from admatch.export.bulk.records import Refused
from admatch.export.keyword_text import compared
from admatch.impact.changes import Change, Place
from admatch.impact.wording import entity_name, match_type_name
from admatch.messages import Message, say
from admatch.reports.account.records import NEGATIVES, TARGETS, Account, Entity

ARCHIVED = "archived"
_PRODUCT = "Sponsored Products"
_COLUMNS = (
    *("entity", "campaign_id", "ad_group_id", "target_id", "campaign", "ad_group", "state"),
    *("targeting_type", "default_bid", "bid", "keyword", "match_type", "expression"),
    *("portfolio_id", "daily_budget", "bidding_strategy", "ends_on", "placement", "percentage"),
)
_SETTINGS = ("portfolio_id", "daily_budget", "bidding_strategy", "ends_on")  # as in Campaign
# entity, ID of the ad group or else of the campaign, match type, text as Amazon compares it
Key: TypeAlias = tuple[Entity, str, str | None, str]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign; what the files do not say is None."""

    id: str
    name: str | None
    state: str | None = None
    automatic: bool | None = None
    portfolio_id: str | None = None
    daily_budget: float | None = None
    bidding_strategy: str | None = None
    ends_on: str | None = None


@dataclass(frozen=True, slots=True)
class AdGroup:
    """An ad group of the campaign ``campaign_id``."""

    id: str
    campaign_id: str
    name: str | None
    state: str | None = None
    default_bid: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """An existing keyword or product target, or a negative one."""

    id: str
    key: Key
    campaign_id: str
    ad_group_id: str | None
    text: str
    bid: float | None
    state: str | None

    @property
    def archived(self) -> bool:
        """Whether it has ended, which cannot be undone."""
        return self.state == ARCHIVED


_Named = TypeVar("_Named", Campaign, AdGroup)


class Directory:
    """The campaigns, ad groups and targets of an account, by ID and by name."""

    def __init__(self, account: Account) -> None:
        self.campaigns: dict[str, Campaign] = {}
        self.ad_groups: dict[str, AdGroup] = {}
        self.targets: dict[str, Target] = {}
        self._percentages: dict[tuple[str, str], float] = {}
        for row in _rows(account):
            self._enter(row)
        self._lost_ids = _without_id(account)
        self._campaign_ids = _by_name(self.campaigns.values())
        self._ad_group_ids = _by_name(self.ad_groups.values())
        self._standing: defaultdict[Key, list[Target]] = defaultdict(list)
        for target in self.targets.values():
            if not target.archived:
                self._standing[target.key].append(target)

    def _enter(self, row: Mapping[str, Any]) -> None:
        entity, campaign, ad_group = row["entity"], row["campaign_id"], row["ad_group_id"]
        if entity == Entity.CAMPAIGN:
            kind = row["targeting_type"]
            automatic = None if kind is None else kind.lower() == "auto"
            self.campaigns[campaign] = Campaign(
                campaign, row["campaign"], row["state"], automatic,
                *(row[name] for name in _SETTINGS),
            )  # fmt: skip
        self.campaigns.setdefault(campaign, Campaign(campaign, row["campaign"]))
        if ad_group and entity == Entity.AD_GROUP:
            facts = row["ad_group"], row["state"], row["default_bid"]
            self.ad_groups[ad_group] = AdGroup(ad_group, campaign, *facts)
        elif ad_group:
            self.ad_groups.setdefault(ad_group, AdGroup(ad_group, campaign, row["ad_group"]))
        if entity == Entity.BIDDING_ADJUSTMENT and row["placement"]:
            self._percentages[campaign, row["placement"]] = row["percentage"] or 0.0
        if row["target_id"] and entity in (*TARGETS, *NEGATIVES):
            target = _target(row)
            self.targets[target.id] = target

    def campaign(self, place: Place) -> Campaign:
        """Return the campaign that ``place`` names, by ID or else by its exact name."""
        if place.campaign_id:
            if campaign := self.campaigns.get(place.campaign_id):
                return campaign
            raise Refused(say("export.find.no_campaign_id", id=place.campaign_id))
        what = say("export.find.campaign", name=shorten(place.campaign))
        named = self._campaign_ids.get(("", place.campaign), [])
        if not named and place.campaign in self._lost_ids:
            raise Refused(say("export.find.lost_id", what=what))
        return _only(named, what, say("export.find.account"))

    def ad_group(self, place: Place, campaign: Campaign) -> AdGroup:
        """Return the ad group of ``campaign`` that ``place`` names."""
        inside = say("impact.place.campaign", campaign=shorten(campaign.name or campaign.id))
        if place.ad_group_id:
            group = self.ad_groups.get(place.ad_group_id)
            if group and group.campaign_id == campaign.id:
                return group
            raise Refused(say("export.find.no_ad_group_id", where=inside, id=place.ad_group_id))
        name = place.ad_group or ""
        what = say("export.find.ad_group", name=shorten(name))
        return _only(self._ad_group_ids.get((campaign.id, name), []), what, inside)

    def named(self, name: str) -> bool:
        """Return whether a campaign has this name, archived or not."""
        return ("", name) in self._campaign_ids or name in self._lost_ids

    def has_ad_group(self, campaign_id: str, name: str) -> bool:
        """Return whether a campaign has an ad group of this name, archived or not."""
        return (campaign_id, name) in self._ad_group_ids

    @property
    def strategy(self) -> str | None:
        """How the account's file spells a bidding strategy that only lowers bids."""
        spelt = (one.bidding_strategy for one in self.campaigns.values())
        return next((one for one in spelt if one and "down only" in one.lower()), None)

    def percentage(self, campaign_id: str, placement: str) -> float | None:
        """Return what a placement adds to a campaign's bids; None where it has no line."""
        return self._percentages.get((campaign_id, placement))

    def standing(self, key: Key) -> Target | None:
        """Return the target under ``key`` that is not archived, or None."""
        targets = self._standing.get(key)
        return targets[0] if targets else None

    def target(self, change: Change, parent_id: str) -> Target:
        """Return what ``change`` updates or archives, by ID or else by text and match type."""
        if change.target_id:
            return self._target_by_id(change.target_id, change.entity, parent_id)
        targets = self._standing.get(key_of(change, parent_id), [])
        what, place = _target_name(change), change.place.description
        if not targets:
            raise Refused(say("export.find.no_target", place=place, what=what))
        if len(targets) > 1:
            raise Refused(
                say("export.find.several_targets", place=place, what=what, count=len(targets))
            )
        return targets[0]

    def _target_by_id(self, target_id: str, entity: Entity, parent_id: str) -> Target:
        target = self.targets.get(target_id)
        if target is None:
            raise Refused(say("export.find.no_target_id", entity=entity_name(entity), id=target_id))
        if target.key[:2] != (entity, parent_id):
            kind = entity_name(target.key[0])
            raise Refused(say("export.find.other_place", id=target_id, entity=kind))
        return target


def _target_name(change: Change) -> Message:
    entity, text = entity_name(change.entity), shorten(change.text)
    if change.match_type is None:
        return say("export.find.target", entity=entity, text=text)
    match_type = match_type_name(change.match_type)
    return say("export.find.keyword", entity=entity, text=text, match_type=match_type)


def key_of(change: Change, parent_id: str) -> Key:
    """Return the key of what ``change`` is about, in its ad group or campaign."""
    match_type = change.match_type.value if change.match_type else None
    return change.entity, parent_id, match_type, compared(change.text)


def _rows(account: Account) -> Iterable[Mapping[str, Any]]:
    """Return the existing entities; rows of an upload sheet are wishes and left out."""
    frame = account.frame
    mine = pl.col("campaign_id").is_not_null()
    mine &= pl.col("ad_product").fill_null(_PRODUCT) == _PRODUCT
    mine &= pl.col("operation").is_null()
    return frame.filter(mine).select(_COLUMNS).unique(maintain_order=True).iter_rows(named=True)


def _without_id(account: Account) -> frozenset[str]:
    """Return the names of campaigns whose IDs were lost, as spreadsheets round long numbers."""
    lost = account.frame.filter(pl.col("campaign_id").is_null())
    return frozenset(lost["campaign"].drop_nulls())


def _target(row: Mapping[str, Any]) -> Target:
    text = row["keyword"] or row["expression"] or ""
    entity, parent = Entity(row["entity"]), row["ad_group_id"] or row["campaign_id"]
    return Target(
        id=row["target_id"],
        key=(entity, parent, row["match_type"] or None, compared(text)),
        campaign_id=row["campaign_id"],
        ad_group_id=row["ad_group_id"],
        text=text,
        bid=row["bid"],
        state=row["state"],
    )


def _by_name(named: Iterable[_Named]) -> dict[tuple[str, str], list[_Named]]:
    """Return all of one name, by the ID of their campaign ("" for campaigns) and the name."""
    by_name: defaultdict[tuple[str, str], list[_Named]] = defaultdict(list)
    for one in named:
        parent = one.campaign_id if isinstance(one, AdGroup) else ""
        if one.name is not None:
            by_name[parent, one.name].append(one)
    return dict(by_name)


def _only(named: list[_Named], what: Message, where: Message) -> _Named:
    """Return the only one of that name; names of archived ones may be in use again."""
    alive = [one for one in named if one.state != ARCHIVED] or named
    if not alive:
        raise Refused(say("export.find.none", where=where, what=what))
    if len(alive) > 1:
        raise Refused(say("export.find.several", where=where, what=what, count=len(alive)))
    return alive[0]
