"""Which changes are written: each is checked against the account and against the others."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from admatch.errors import shorten
from admatch.export.bulk.directory import Directory, Key, Target, key_of
from admatch.export.bulk.inverse import entry
from admatch.export.bulk.limits import KEYWORDS_PER_AD_GROUP, keyword_fault, product_fault
from admatch.export.bulk.locate import OF_CAMPAIGNS, Located, locate
from admatch.export.bulk.marketplace import Marketplace
from admatch.export.bulk.new_places import NewPlaces, is_structure
from admatch.export.bulk.records import Entry, Refusal, Refused
from admatch.export.bulk.settings import is_setting, setting_entry
from admatch.export.keyword_text import compared, folded
from admatch.impact.changes import STRUCTURE, Change, Operation
from admatch.impact.wording import entity_name, match_type_name, operation_name
from admatch.messages import say
from admatch.reports.account.records import NEGATIVES, Entity, MatchType

_AUTO_GROUPS = ("close-match", "loose-match", "substitutes", "complements")
_AT_CAMPAIGN = {
    Entity.NEGATIVE_KEYWORD: Entity.CAMPAIGN_NEGATIVE_KEYWORD,
    Entity.NEGATIVE_PRODUCT_TARGETING: Entity.CAMPAIGN_NEGATIVE_PRODUCT,
}


def validate(
    changes: Iterable[Change],
    directory: Directory | None,
    marketplace: Marketplace,
    *,
    restoring: bool = False,
) -> tuple[tuple[Entry, ...], tuple[Refusal, ...]]:
    """Return what is written and what is refused, each in the order of ``changes``.

    Archives count before negatives, and negatives before keywords: a keyword is refused where any
    negative of the set blocks it. ``restoring`` puts back what existed before: then only what
    Amazon cannot do is refused, not what it would no longer accept as new.
    """
    validation = _Validation(directory, marketplace, restoring)
    numbered = sorted(enumerate(changes), key=lambda pair: (_turn(pair[1]), pair[0]))
    written: dict[int, Entry] = {}
    refused: dict[int, Refusal] = {}
    for number, change in numbered:
        try:
            written[number] = validation.entry(change)
        except Refused as reason:
            refused[number] = Refusal(change, reason.message)
    in_order = tuple(written[number] for number in sorted(written))
    return in_order, tuple(refused[number] for number in sorted(refused))


def _turn(change: Change) -> int:
    if change.operation != Operation.CREATE:
        return 0
    if change.entity in NEGATIVES:
        return 1 if change.entity in OF_CAMPAIGNS else 2
    if change.entity in STRUCTURE:
        return 3 + STRUCTURE.index(change.entity)
    return 3 + len(STRUCTURE)


class _Validation:
    """The validation of one change set; remembers what it has accepted so far."""

    def __init__(
        self, directory: Directory | None, marketplace: Marketplace, restoring: bool
    ) -> None:
        self._directory = directory
        self._marketplace = marketplace
        self._restoring = restoring
        self._places = NewPlaces(directory, marketplace)
        self._created: set[Key] = set()
        self._touched: dict[str, Operation] = {}
        self._keywords = Counter(
            target.key[1]
            for target in (directory.targets.values() if directory else ())
            if target.key[0] == Entity.KEYWORD and not target.archived
        )

    def entry(self, change: Change) -> Entry:
        """Return the change with what undoes it; raises ``Refused``."""
        if is_setting(change):
            return self._setting(change)
        if is_structure(change) and (change.operation == Operation.CREATE or self._restoring):
            return self._places.entry(change)
        located = self._locate(change)
        if change.operation == Operation.CREATE:
            return self._create(located)
        self._check_touched(located.change)
        taken = located
        if change.new_state is not None:
            self._check_state(located)
        elif change.operation == Operation.UPDATE:
            taken = self._update(located)
        if change.operation == Operation.ARCHIVE and located.change.text in _AUTO_GROUPS:
            raise Refused(say("export.refused.auto_group", text=change.text))
        made = entry(taken, self._marketplace, change)
        self._touched[located.change.target_id or ""] = change.operation
        return made

    def _locate(self, change: Change) -> Located:
        new = self._places.place(change.place)
        if new is None:
            return locate(change, self._directory)
        return Located(replace(change, place=new), automatic=False)

    def _setting(self, change: Change) -> Entry:
        made = setting_entry(change, self._directory, self._marketplace)
        key = f"{made.change.place.campaign_id}\t{change.entity}\t{change.text}"
        self._check_touched(replace(change, target_id=key))
        self._touched[key] = Operation.UPDATE
        return made

    def _check_touched(self, change: Change) -> None:
        earlier = self._touched.get(change.target_id or "")
        if earlier:
            raise Refused(
                say(
                    "export.refused.changed_twice",
                    operation=operation_name(earlier),
                    id=change.target_id or "",
                )
            )

    @staticmethod
    def _check_state(located: Located) -> None:
        if located.change.state == located.state:
            raise Refused(say("export.refused.same_state", state=located.state or ""))

    def _update(self, located: Located) -> Located:
        change, market = located.change, self._marketplace
        if change.bid is None:
            raise Refused(say("export.refused.update_without_bid"))
        bid = self._bid(change.bid)
        paid = located.default_bid if change.before is None else change.before
        if paid is not None and market.rounded(paid) == market.rounded(bid):
            shown = market.format_bid(bid)
            if change.before is None:
                raise Refused(say("export.refused.same_default", bid=shown))
            raise Refused(say("export.refused.same_bid", bid=shown))
        return replace(located, change=replace(change, bid=bid))

    def _create(self, located: Located) -> Entry:
        change = located.change
        made = replace(
            change,
            text=folded(change.text),
            bid=None if change.bid is None else self._bid(change.bid),
            target_id=None,
            before=None,
            state=change.state or "enabled",
        )
        located = replace(located, change=made)
        if not self._restoring:
            self._check_text(made)
            self._check_campaign(located)
        self._check_duplicates(located)
        if made.entity == Entity.KEYWORD and not self._restoring:
            self._check_blocked(located)
            self._check_room(located)
        self._created.add(key_of(made, located.parent_id))
        self._keywords[located.parent_id] += made.entity == Entity.KEYWORD
        made_entry = entry(located, self._marketplace, change)
        return replace(made_entry, undone_above=self._places.place(change.place) is not None)

    def _bid(self, bid: float) -> float:
        if self._restoring:
            return bid
        rounded = self._marketplace.rounded(bid)
        if fault := self._marketplace.bid_fault(rounded):
            raise Refused(fault)
        return rounded

    @staticmethod
    def _check_text(change: Change) -> None:
        if change.match_type is None:
            fault = product_fault(change.text, change.entity)
        else:
            fault = keyword_fault(change.text, change.match_type)
        if fault:
            raise Refused(fault)

    @staticmethod
    def _check_campaign(located: Located) -> None:
        entity, place = located.change.entity, located.change.place
        if located.automatic and entity in (Entity.KEYWORD, Entity.PRODUCT_TARGETING):
            raise Refused(
                say(
                    "export.refused.auto_campaign",
                    campaign=shorten(place.campaign),
                    entity=entity_name(entity),
                )
            )
        if entity == Entity.CAMPAIGN_NEGATIVE_PRODUCT and located.automatic is not True:
            if located.automatic is False:
                raise Refused(say("export.refused.manual_campaign"))
            raise Refused(say("export.refused.unknown_campaign"))

    def _check_duplicates(self, located: Located) -> None:
        change = located.change
        key = key_of(change, located.parent_id)
        if key in self._created:
            raise Refused(say("export.refused.duplicate"))
        if existing := self._standing(key):
            self._refuse_existing(existing)
        if (wider := _AT_CAMPAIGN.get(change.entity)) and not self._restoring:
            whole = wider, change.place.campaign_id or "", *key[2:]
            if self._blocks(whole):
                raise Refused(say("export.refused.exists_for_campaign"))

    def _refuse_existing(self, existing: Target) -> None:
        if existing.id in self._touched:
            operation = operation_name(self._touched[existing.id])
            raise Refused(say("export.refused.exists_and_changes", operation=operation))
        if existing.state:
            raise Refused(say("export.refused.exists_as", state=existing.state, id=existing.id))
        raise Refused(say("export.refused.exists", id=existing.id))

    def _check_blocked(self, located: Located) -> None:
        """Raise ``Refused`` where a negative would block everything that the keyword is meant for.

        A negative exact blocks an equal exact keyword; of an equal phrase or broad one it blocks a
        single term, which is how terms are isolated. A negative phrase blocks every keyword that
        contains its words side by side.
        """
        for entity, parent, match_type, text in _blocking_keys(located.change):
            if not self._blocks((entity, parent, match_type.value, text)):
                continue
            kind = match_type_name(match_type)
            if entity == Entity.CAMPAIGN_NEGATIVE_KEYWORD:
                raise Refused(say("export.refused.blocked_by_campaign", text=text, match_type=kind))
            raise Refused(say("export.refused.blocked_by_ad_group", text=text, match_type=kind))

    def _check_room(self, located: Located) -> None:
        if self._keywords[located.parent_id] >= KEYWORDS_PER_AD_GROUP:
            raise Refused(say("export.refused.full", most=KEYWORDS_PER_AD_GROUP))

    def _standing(self, key: Key) -> Target | None:
        return self._directory.standing(key) if self._directory else None

    def _blocks(self, key: Key) -> bool:
        """Return whether a negative is active under ``key``, or will be after this change set."""
        target = self._standing(key)
        ended = target is not None and self._touched.get(target.id) == Operation.ARCHIVE
        active = target is not None and target.state != "paused" and not ended
        return active or key in self._created


def _blocking_keys(change: Change) -> Iterator[tuple[Entity, str, MatchType, str]]:
    """Yield the keys of negatives that would block the keyword."""
    text, place = compared(change.text), change.place
    words = text.split(" ")
    spans = [
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
    ]
    for entity, parent in (
        (Entity.NEGATIVE_KEYWORD, place.ad_group_id or ""),
        (Entity.CAMPAIGN_NEGATIVE_KEYWORD, place.campaign_id or ""),
    ):
        if change.match_type == MatchType.EXACT:
            yield entity, parent, MatchType.NEGATIVE_EXACT, text
        for span in spans:
            yield entity, parent, MatchType.NEGATIVE_PHRASE, span
