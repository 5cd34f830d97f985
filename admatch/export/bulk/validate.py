"""Which changes are written: each judged against the account and against the others."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from admatch.errors import shorten
from admatch.export.bulk.directory import Directory, Key, Target, key_of
from admatch.export.bulk.inverse import entry
from admatch.export.bulk.limits import KEYWORDS_PER_AD_GROUP, keyword_fault, product_fault
from admatch.export.bulk.locate import OF_CAMPAIGNS, Located, locate
from admatch.export.bulk.marketplace import Marketplace
from admatch.export.bulk.records import Entry, Refusal, Refused
from admatch.export.keyword_text import compared, folded
from admatch.impact.changes import Change, Operation
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
    negative of the set blocks it. ``restoring`` puts back what once stood: there only what Amazon
    cannot do is refused, not what it would no longer take as new.
    """
    judging = _Judging(directory, marketplace, restoring)
    numbered = sorted(enumerate(changes), key=lambda pair: (_turn(pair[1]), pair[0]))
    written: dict[int, Entry] = {}
    refused: dict[int, Refusal] = {}
    for number, change in numbered:
        try:
            written[number] = judging.entry(change)
        except Refused as reason:
            refused[number] = Refusal(change, str(reason))
    in_order = tuple(written[number] for number in sorted(written))
    return in_order, tuple(refused[number] for number in sorted(refused))


def _turn(change: Change) -> int:
    if change.operation != Operation.CREATE:
        return 0
    if change.entity in NEGATIVES:
        return 1 if change.entity in OF_CAMPAIGNS else 2
    return 3


class _Judging:
    """One change set being judged; remembers what it has taken so far."""

    def __init__(
        self, directory: Directory | None, marketplace: Marketplace, restoring: bool
    ) -> None:
        self._directory = directory
        self._marketplace = marketplace
        self._restoring = restoring
        self._created: set[Key] = set()
        self._touched: dict[str, Operation] = {}
        self._keywords = Counter(
            target.key[1]
            for target in (directory.targets.values() if directory else ())
            if target.key[0] == Entity.KEYWORD and not target.archived
        )

    def entry(self, change: Change) -> Entry:
        """Return the change with what undoes it; raises ``Refused``."""
        located = locate(change, self._directory)
        if change.operation == Operation.CREATE:
            return self._create(located)
        self._check_touched(located.change)
        taken = self._update(located) if change.operation == Operation.UPDATE else located
        if change.operation == Operation.ARCHIVE and located.change.text in _AUTO_GROUPS:
            raise Refused(
                f"'{change.text}' is a targeting group of an auto campaign, which can only be "
                "paused; pause it in the console"
            )
        made = entry(taken, self._marketplace, change)
        self._touched[located.change.target_id or ""] = change.operation
        return made

    def _check_touched(self, change: Change) -> None:
        earlier = self._touched.get(change.target_id or "")
        if earlier:
            done = f"{earlier.lower()} of ID {change.target_id}"
            raise Refused(f"this change set holds another {done} already; keep one of the two")

    def _update(self, located: Located) -> Located:
        change, market = located.change, self._marketplace
        if change.bid is None:
            raise Refused("an update needs a bid, and this one has none; give it one")
        bid = self._bid(change.bid)
        paid = located.default_bid if change.before is None else change.before
        if paid is not None and market.rounded(paid) == market.rounded(bid):
            owner = "the ad group's default" if change.before is None else "its bid"
            raise Refused(f"{owner} is {market.told(bid)} already, so nothing changes; drop it")
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
        return entry(located, self._marketplace, change)

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
                f"the campaign '{shorten(place.campaign)}' is an auto campaign, which takes no "
                f"{entity.lower()}; choose a manual one"
            )
        if entity == Entity.CAMPAIGN_NEGATIVE_PRODUCT and located.automatic is not True:
            kind = "a manual campaign" if located.automatic is False else "of unknown targeting"
            raise Refused(
                f"sellers exclude products from a whole campaign in auto campaigns only, and this "
                f"one is {kind}; exclude the product in its ad groups"
            )

    def _check_duplicates(self, located: Located) -> None:
        change = located.change
        key = key_of(change, located.parent_id)
        if key in self._created:
            raise Refused("this change set holds the same earlier on; drop one of the two")
        if found := self._standing(key):
            if found.id in self._touched:
                done = self._touched[found.id].lower()
                raise Refused(f"it is there, and its {done} is in this set; upload that first")
            state = f" ({found.state})" if found.state else ""
            raise Refused(
                f"it is already there{state} with ID {found.id}; nothing needs to be done"
            )
        if (wider := _AT_CAMPAIGN.get(change.entity)) and not self._restoring:
            whole = wider, change.place.campaign_id or "", *key[2:]
            if self._blocks(whole):
                raise Refused(
                    "it is already there for the whole campaign; nothing needs to be done"
                )

    def _check_blocked(self, located: Located) -> None:
        """Raise where a negative would keep the new keyword from all that it is meant for.

        A negative exact blocks an equal exact keyword; of an equal phrase or broad one it takes a
        single term, which is how terms are isolated. A negative phrase blocks every keyword that
        contains its words side by side.
        """
        for key in _blocking_keys(located.change):
            if self._blocks(key):
                where = "campaign" if key[0] == Entity.CAMPAIGN_NEGATIVE_KEYWORD else "ad group"
                raise Refused(
                    f"'{key[3]}' ({key[2]}) of the same {where} would block it; archive that "
                    "negative first or leave the keyword out"
                )

    def _check_room(self, located: Located) -> None:
        if self._keywords[located.parent_id] >= KEYWORDS_PER_AD_GROUP:
            raise Refused(
                f"an ad group takes {KEYWORDS_PER_AD_GROUP:,} keywords, and this one is full; "
                "put it into another"
            )

    def _standing(self, key: Key) -> Target | None:
        return self._directory.standing(key) if self._directory else None

    def _blocks(self, key: Key) -> bool:
        """Return whether a negative is at work under ``key``, or will be after this change set."""
        found = self._standing(key)
        ended = found is not None and self._touched.get(found.id) == Operation.ARCHIVE
        stands = found is not None and found.state != "paused" and not ended
        return stands or key in self._created


def _blocking_keys(change: Change) -> Iterator[Key]:
    """Yield where negatives that block the keyword would be found."""
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
            yield entity, parent, MatchType.NEGATIVE_EXACT.value, text
        for span in spans:
            yield entity, parent, MatchType.NEGATIVE_PHRASE.value, span
