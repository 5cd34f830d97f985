"""What the account has where a step would change something: ``Standing`` and ``judge``."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from admatch.amazon.client import AdsClient
from admatch.amazon.dialects import find_dialect
from admatch.amazon.resources import find_resource
from admatch.errors import shorten
from admatch.export.keyword_text import compared
from admatch.impact.changes import Change, Operation
from admatch.messages import say

_PARENTS = 100  # IDs of parents in one list request
_CENT = 0.005  # bids have two decimals at most
_ARCHIVED = "archived"
_Key: TypeAlias = tuple[str, str, str | None]  # parent, text as Amazon compares it, match type


@dataclass(frozen=True, slots=True)
class Standing:
    """A keyword, a target or a negative in the account."""

    id: str
    campaign_id: str | None
    ad_group_id: str | None
    text: str
    match_type: str | None
    bid: float | None
    state: str | None


class Verdict(Enum):
    """How the account compares with a change."""

    DONE = auto()  # as the change wants it
    FREE = auto()  # as it was when the change was planned
    GONE = auto()  # in no list, archived rows included
    CONFLICT = auto()  # otherwise


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, the ID of what it is about, and the reason for a conflict."""

    verdict: Verdict
    id: str | None = None
    note: str | None = None


class Standings:
    """What the account has, by ID and by what Amazon takes for the same."""

    def __init__(self, standing: Iterable[Standing]) -> None:
        self._by_id = {one.id: one for one in standing}
        self._by_key: defaultdict[_Key, list[Standing]] = defaultdict(list)
        for one in self._by_id.values():
            if one.state != _ARCHIVED:
                parent = one.ad_group_id or one.campaign_id or ""
                self._by_key[parent, compared(one.text), one.match_type].append(one)

    def of_id(self, target_id: str | None) -> Standing | None:
        """Return the entity with this ID, archived or not."""
        return self._by_id.get(target_id or "")

    def like(self, change: Change) -> Standing | None:
        """Return the entity with the text and match type of ``change`` in the same place."""
        match_type = change.match_type.value if change.match_type else None
        same = self._by_key.get((parent_of(change), compared(change.text), match_type))
        return same[0] if same else None


def find_standing(client: AdsClient, changes: Sequence[Change]) -> Standings:
    """Return everything that these changes, all of one kind, may be about.

    What is created is looked up in its ad group or campaign, everything else by its ID.
    """
    entity = changes[0].entity
    resource = find_resource(entity, client.version)
    if changes[0].operation != Operation.CREATE:
        ids = list(dict.fromkeys(one.target_id or "" for one in changes))
        rows = list(resource.by_id(client, ids))
    else:
        whole = changes[0].place.whole_campaign
        name = "campaignIdFilter" if whole else "adGroupIdFilter"
        alike = resource.where.get(entity, {})
        parents = list(dict.fromkeys(parent_of(one) for one in changes))
        rows = [
            row
            for start in range(0, len(parents), _PARENTS)
            for row in resource.listed(client, {name: parents[start : start + _PARENTS], **alike})
        ]
    dialect = find_dialect(client.version)
    return Standings(
        Standing(
            id=row["target_id"] or "",
            campaign_id=row["campaign_id"],
            ad_group_id=row["ad_group_id"],
            text=row["keyword"] or row["expression"] or "",
            match_type=row["match_type"],
            bid=row["bid"],
            state=row["state"],
        )
        for row in (dialect.columns(resource, one) for one in rows)
        if row["entity"] == entity
    )


def parent_of(change: Change) -> str:
    """Return the ID of the ad group, or of the campaign for a campaign-level change."""
    return change.place.ad_group_id or change.place.campaign_id or ""


def judge(change: Change, standing: Standings) -> Finding:
    """Return whether a change is done, can be made, or conflicts with the account."""
    if change.operation == Operation.CREATE:
        return _judge_new(change, standing)
    found = standing.of_id(change.target_id)
    if found is None:
        return Finding(Verdict.GONE, change.target_id, say("amazon.conflict.gone"))
    if not _is_about(found, change):
        note = say("amazon.conflict.other_text", text=shorten(found.text))
        return Finding(Verdict.CONFLICT, found.id, note)
    if change.operation == Operation.ARCHIVE:
        return Finding(Verdict.DONE if found.state == _ARCHIVED else Verdict.FREE, found.id)
    if change.new_state is not None and found.state != _ARCHIVED:
        done = found.state == change.new_state
        return Finding(Verdict.DONE if done else Verdict.FREE, found.id)
    return _judge_bid(change, found)


def _is_about(found: Standing, change: Change) -> bool:
    """Return whether both have one text; parts of a product target may be in any order."""
    one, other = compared(found.text), compared(change.text)
    parts = change.match_type is None and sorted(one.split()) == sorted(other.split())
    return one == other or parts


def _judge_new(change: Change, standing: Standings) -> Finding:
    found = standing.like(change)
    if found is None:
        return Finding(Verdict.FREE)
    if change.bid is not None and not _same(found.bid, change.bid):
        note = say("amazon.conflict.exists", bid=_shown(found.bid))
        return Finding(Verdict.CONFLICT, found.id, note)
    return Finding(Verdict.DONE, found.id)


def _judge_bid(change: Change, found: Standing) -> Finding:
    if found.state == _ARCHIVED:
        return Finding(Verdict.CONFLICT, found.id, say("amazon.conflict.archived"))
    if _same(found.bid, change.bid):
        return Finding(Verdict.DONE, found.id)
    if not _same(found.bid, change.before):
        bid, before = _shown(found.bid), _shown(change.before)
        return Finding(
            Verdict.CONFLICT, found.id, say("amazon.conflict.bid", bid=bid, before=before)
        )
    return Finding(Verdict.FREE, found.id)


def _shown(bid: float | None) -> str:
    """Return a bid as messages write it; without a bid of its own, a target has the default."""
    return say("amazon.conflict.default_bid") if bid is None else f"{bid:.2f}"


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < _CENT
