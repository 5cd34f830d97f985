"""Who is who in an account: names and texts → IDs, by ``Directory``."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import polars as pl

from admatch.errors import shorten
from admatch.export.bulk.records import Refused
from admatch.export.keyword_text import compared
from admatch.impact.changes import Change, Place
from admatch.reports.account.records import NEGATIVES, TARGETS, Account, Entity

ARCHIVED = "archived"
_PRODUCT = "Sponsored Products"
_FRESH = "download a fresh bulk file and read that"
_COLUMNS = (
    *("entity", "campaign_id", "ad_group_id", "target_id", "campaign", "ad_group", "state"),
    *("targeting_type", "default_bid", "bid", "keyword", "match_type", "expression"),
)
# entity, ID of the ad group or else of the campaign, match type, text as Amazon compares it
Key: TypeAlias = tuple[Entity, str, str | None, str]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign; what the files do not tell is None."""

    id: str
    name: str | None
    state: str | None = None
    automatic: bool | None = None


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
    """A keyword, a product target or a negative one that is there."""

    id: str
    key: Key
    campaign_id: str
    ad_group_id: str | None
    text: str
    bid: float | None
    state: str | None

    @property
    def archived(self) -> bool:
        """Whether it has ended for good."""
        return self.state == ARCHIVED


_Named = TypeVar("_Named", Campaign, AdGroup)


class Directory:
    """The campaigns, ad groups and targets of an account, by ID and by name."""

    def __init__(self, account: Account) -> None:
        self.campaigns: dict[str, Campaign] = {}
        self.ad_groups: dict[str, AdGroup] = {}
        self.targets: dict[str, Target] = {}
        for row in _rows(account):
            self._enter(row)
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
            self.campaigns[campaign] = Campaign(campaign, row["campaign"], row["state"], automatic)
        self.campaigns.setdefault(campaign, Campaign(campaign, row["campaign"]))
        if ad_group and entity == Entity.AD_GROUP:
            facts = row["ad_group"], row["state"], row["default_bid"]
            self.ad_groups[ad_group] = AdGroup(ad_group, campaign, *facts)
        elif ad_group:
            self.ad_groups.setdefault(ad_group, AdGroup(ad_group, campaign, row["ad_group"]))
        if row["target_id"] and entity in (*TARGETS, *NEGATIVES):
            target = _target(row)
            self.targets[target.id] = target

    def campaign(self, place: Place) -> Campaign:
        """Return the campaign that ``place`` names, by ID or else by its exact name."""
        if place.campaign_id:
            if found := self.campaigns.get(place.campaign_id):
                return found
            raise Refused(f"the account has no campaign with ID {place.campaign_id}; {_FRESH}")
        told = f"campaign named '{shorten(place.campaign)}'"
        return _only(self._campaign_ids.get(("", place.campaign), []), told, "the account")

    def ad_group(self, place: Place, campaign: Campaign) -> AdGroup:
        """Return the ad group of ``campaign`` that ``place`` names."""
        inside = f"campaign '{shorten(campaign.name or campaign.id)}'"
        if place.ad_group_id:
            found = self.ad_groups.get(place.ad_group_id)
            if found and found.campaign_id == campaign.id:
                return found
            raise Refused(f"{inside} has no ad group with ID {place.ad_group_id}; {_FRESH}")
        name = place.ad_group or ""
        found_here = self._ad_group_ids.get((campaign.id, name), [])
        return _only(found_here, f"ad group named '{shorten(name)}'", inside)

    def standing(self, key: Key) -> Target | None:
        """Return what is there under ``key`` and not archived."""
        found = self._standing.get(key)
        return found[0] if found else None

    def target(self, change: Change, parent_id: str) -> Target:
        """Return what ``change`` updates or archives, by ID or else by text and match type."""
        if change.target_id:
            return self._target_by_id(change.target_id, change.entity, parent_id)
        found = self._standing.get(key_of(change, parent_id), [])
        what = f"{change.entity.lower()} '{shorten(change.text)}'"
        what += f" ({change.match_type})" if change.match_type else ""
        if not found:
            raise Refused(f"the {change.place} has no {what} that is not archived; {_FRESH}")
        if len(found) > 1:
            raise Refused(
                f"the {change.place} has {len(found)} times {what}; "
                "say which one is meant with its target ID"
            )
        return found[0]

    def _target_by_id(self, target_id: str, entity: Entity, parent_id: str) -> Target:
        found = self.targets.get(target_id)
        if found is None:
            raise Refused(f"the account has no {entity.lower()} with ID {target_id}; {_FRESH}")
        if found.key[:2] != (entity, parent_id):
            raise Refused(
                f"ID {target_id} is a {found.key[0].lower()} of another place than the change "
                "names; correct its place or its ID"
            )
        return found


def key_of(change: Change, parent_id: str) -> Key:
    """Return under which key the target of ``change`` is found, in its ad group or campaign."""
    match_type = change.match_type.value if change.match_type else None
    return change.entity, parent_id, match_type, compared(change.text)


def _rows(account: Account) -> Iterable[Mapping[str, Any]]:
    """Return what runs; rows of an upload sheet say what someone wants, not what there is."""
    frame = account.frame
    mine = pl.col("campaign_id").is_not_null()
    mine &= pl.col("ad_product").fill_null(_PRODUCT) == _PRODUCT
    mine &= pl.col("operation").is_null()
    return frame.filter(mine).select(_COLUMNS).unique(maintain_order=True).iter_rows(named=True)


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
    """Return those of one name, by the ID of their campaign ("" for campaigns) and the name."""
    found: defaultdict[tuple[str, str], list[_Named]] = defaultdict(list)
    for one in named:
        parent = one.campaign_id if isinstance(one, AdGroup) else ""
        if one.name is not None:
            found[parent, one.name].append(one)
    return dict(found)


def _only(found: list[_Named], what: str, where: str) -> _Named:
    """Return the only one of that name; names of archived ones may be in use again."""
    alive = [one for one in found if one.state != ARCHIVED] or found
    if not alive:
        raise Refused(f"{where} has no {what}; names count letter for letter, or give its ID")
    if len(alive) > 1:
        raise Refused(f"{where} has {len(alive)} times {what}; say which one is meant by its ID")
    return alive[0]
