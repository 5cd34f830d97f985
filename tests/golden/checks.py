"""What a situation demands, checked against decisions: ``Decided``."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import polars as pl

from admatch.decisions.actions import Action
from admatch.decisions.recommendations import Recommendations
from admatch.decisions.waste import waste_by_cause
from admatch.impact.changes import Change, ChangeSet, Operation
from admatch.reports.account.records import NEGATIVES, TARGETS, Entity, MatchType
from tests.golden.negatives import blocks
from tests.golden.records import Row, Running, Situation, Target

Line: TypeAlias = dict[str, Any]
_CENT = 0.011  # of a bid near 1.00
_SHOWN, _ROWS = 6, 3  # changes and rows named in a complaint
_HIGHEST_LOWER, _LOWEST_RAISE = 0.95, 1.02  # of new bid over old: less is no change worth signing


@dataclass(frozen=True)
class Decided:
    """A situation with what admatch decided about it."""

    situation: Situation
    advice: Recommendations

    def complaints(self) -> list[str]:
        """Return every line of the situation that the decisions do not keep."""
        best, every = self.advice.best(), self.advice.changes()
        found = [("must", line, not self._holds(line, best)) for line in self.situation.must]
        found += [
            ("proposed", line, not self._holds(line, every)) for line in self.situation.proposed
        ]
        found += [("never", line, self._holds(line, every)) for line in self.situation.never]
        found += [
            ("never chosen", line, self._holds(line, best)) for line in self.situation.never_chosen
        ]
        return [f"{kind}: {self._said(line)}" for kind, line, wrong in found if wrong]

    def _holds(self, line: Line, changes: ChangeSet) -> bool:
        verb = next(iter(line))
        return _VERBS[verb](self, line, changes)

    def _said(self, line: Line) -> str:
        """Return the line, with what was decided about the terms that it names."""
        text = str(next(iter(line.values())))
        about = self._of_term(text, line) or self._of_targeting(text, line)
        seen = [f"{row['action']} ({row['reason']})" for row in about[:_ROWS]]
        best = list(self.advice.best())
        shown = "; ".join(map(_short, best[:_SHOWN])) or "nothing"
        more = f" and {len(best) - _SHOWN} more" if len(best) > _SHOWN else ""
        return f"{line}\n    rows: {seen}\n    chosen: {shown}{more}"

    # what a line may say

    def negated(self, line: Line, changes: ChangeSet) -> bool:
        """Return whether negatives block the term: everywhere it is served, or in one ad group."""
        served = self._served(line["negate"], line)
        isolated = self._places_with(line["negate"], Action.ISOLATE)
        stopped = [
            (row.campaign, row.ad_group) not in isolated and _blocked(row, changes)
            for row in served
        ]
        return all(stopped) if line in self.situation.must else any(stopped)

    def reduced(self, line: Line, changes: ChangeSet) -> bool:
        """Return whether a term costs less: it is negated, or its target's bid falls or ends."""
        return all(
            _blocked(row, changes) or self.factor(row.target, changes) <= _HIGHEST_LOWER
            for row in self._served(line["reduce"], line)
        )

    def lowered(self, line: Line, changes: ChangeSet) -> bool:
        low, high = line.get("factor", (0.0, _HIGHEST_LOWER))
        return any(_within(one, low, high) and one < 1 for one in self._factors(line, changes))

    def raised(self, line: Line, changes: ChangeSet) -> bool:
        low, high = line.get("factor", (_LOWEST_RAISE, 100.0))
        return any(_within(one, low, high) and one > 1 for one in self._factors(line, changes))

    def paused(self, line: Line, changes: ChangeSet) -> bool:
        return any(one == 0 for one in self._factors(line, changes))

    def group_lowered(self, line: Line, changes: ChangeSet) -> bool:
        """Return whether most of an ad group's spend falls: by bids, pauses or negatives."""
        rows = [row for row in self.situation.rows if row.ad_group == line["lower_ad_group"]]
        most = line.get("factor", (0.0, _HIGHEST_LOWER))[1]
        under = sum(
            row.spend
            for row in rows
            if _blocked(row, changes) or _within(self.factor(row.target, changes), 0.0, most)
        )
        return under >= line.get("share", 0.9) * sum(row.spend for row in rows)

    def harvested(self, line: Line, changes: ChangeSet) -> bool:
        return self._new_keyword(line["harvest"], line, changes)

    def moved(self, line: Line, changes: ChangeSet) -> bool:
        named = self._places_with(line["move"], Action.MOVE)
        return bool(named) and self._new_keyword(line["move"], line, changes)

    def proposes_move(self, line: Line, changes: ChangeSet) -> bool:
        return bool(self._places_with(line["proposes_move"], Action.MOVE))

    def proposes_harvest(self, line: Line, changes: ChangeSet) -> bool:
        return bool(self._places_with(line["proposes_harvest"], Action.HARVEST_EXACT))

    def keyword_made(self, line: Line, changes: ChangeSet) -> bool:
        return self._new_keyword(line["keyword"], line, changes)

    def isolated(self, line: Line, changes: ChangeSet) -> bool:
        return bool(self._places_with(line["isolate"], Action.ISOLATE))

    def listing(self, line: Line, changes: ChangeSet) -> bool:
        return bool(self._places_with(line["listing"], Action.FIX_LISTING))

    def acts(self, line: Line, changes: ChangeSet) -> bool:
        """Return whether the row's action is one of those named (of any row of the term)."""
        rows = self._of_term(line["term"], line)
        assert rows, f"{self.situation}: no row of {line['term']!r}"
        return any(row["action"] in line["action"] for row in rows)

    def waits(self, line: Line, changes: ChangeSet) -> bool:
        """Return whether the term is watched, with the number of clicks that are still needed."""
        rows = self._of_term(line["waits"], line)
        watched = Action.WATCH.value
        return all(row["action"] == watched and (row["clicks_needed"] or 0) > 0 for row in rows)

    def changed(self, line: Line, changes: ChangeSet) -> bool:
        """Return whether anything is done about a term by itself: a negative, a new keyword."""
        text = line["change"]
        served = any(_blocked(row, changes) for row in self._served(text, line))
        return served or self._new_keyword(text, line, changes)

    def counted(self, line: Line, changes: ChangeSet) -> bool:
        low, high = line["changes"]
        return low <= len(changes) <= high

    def negations(self, line: Line, changes: ChangeSet) -> bool:
        low, high = line["negations"]
        return low <= sum(one.entity in NEGATIVES for one in changes) <= high

    def phrase(self, line: Line, changes: ChangeSet) -> bool:
        """Return whether this very text is made a negative phrase."""
        kind = MatchType.NEGATIVE_PHRASE
        return any(one.match_type == kind and one.text == line["phrase"] for one in changes)

    def withheld(self, line: Line, changes: ChangeSet) -> bool:
        return (changes.withheld is not None) is line["withheld"]

    def acos_after(self, line: Line, changes: ChangeSet) -> bool:
        low, high = line["acos_after"]
        return all(low <= one <= high for one in self._totals(line)["acos_after"])

    def spend_kept(self, line: Line, changes: ChangeSet) -> bool:
        low, high = line["spend_kept"]
        totals = self._totals(line)
        return all(low <= one <= high for one in totals["spend_after"] / totals["spend_before"])

    def wasted(self, line: Line, changes: ChangeSet) -> bool:
        """Return whether the expected waste is such a share of the spend."""
        low, high = line["waste"]
        totals = self._totals(line).to_dicts()
        amounts = (
            sum(amount for _, amount in waste_by_cause(self.advice, one["currency"]))
            for one in totals
        )
        return all(
            low <= waste / one["spend_before"] <= high
            for waste, one in zip(amounts, totals, strict=True)
        )

    def reached(self, line: Line, changes: ChangeSet) -> bool:
        return bool((self._totals(line)["reached"] == line["reached"]).all())

    # helpers

    def factor(self, target: Target, changes: Iterable[Change]) -> float:
        """Return new bid over old of a target: 0 where it ends, 1 where nothing is changed."""
        running = self._running(target)
        for change in changes:
            if (change.place.campaign, change.place.ad_group) != (target.campaign, target.ad_group):
                continue
            own = _is(change, target)
            whole = change.entity == Entity.AD_GROUP
            if not (own or whole):
                continue
            if change.operation == Operation.ARCHIVE or change.state == "paused":
                return 0.0
            before = self.bid(running)
            if change.bid and before and (own or running is None or running.bid is None):
                return change.bid / before
        return 1.0

    def touches(self, changes: Iterable[Change], row: Row) -> bool:
        """Return whether some of the changes block the row or give its target another bid."""
        return _blocked(row, changes) or self.factor(row.target, changes) != 1

    def raises(self, change: Change) -> bool:
        """Return whether a new bid is above the old one."""
        place = change.place.campaign, change.place.ad_group
        match = None if change.match_type is None else str(change.match_type)
        running = self._running(Target(*place, change.text, match))
        before = self.bid(running) or self.situation.defaults.get(place) or 0.0
        return change.bid is not None and change.bid > before

    def bid(self, running: Running | None) -> float | None:
        """Return the bid that holds for a target: its own, or its ad group's."""
        if running is None:
            return None
        place = running.target.campaign, running.target.ad_group
        return running.bid if running.bid is not None else self.situation.defaults[place]

    def _running(self, target: Target) -> Running | None:
        return next((one for one in self.situation.running if one.target == target), None)

    def _factors(self, line: Line, changes: ChangeSet) -> Iterator[float]:
        """Yield the factor of every target that the line names."""
        text = line[next(iter(line))]
        named = [
            one.target
            for one in self.situation.running
            if one.target.text == text
            and line.get("ad_group", one.target.ad_group) == one.target.ad_group
            and line.get("match", one.target.match) == one.target.match
        ]
        named += [row.target for row in self.situation.rows if row.targeting == text]
        assert named, f"{self.situation}: no target {text!r}"
        if "ad_group" in line:
            named = [one for one in named if one.ad_group == line["ad_group"]]
        if "match" in line:
            named = [one for one in named if one.match == line["match"]]
        return (self.factor(one, changes) for one in dict.fromkeys(named))

    def _served(self, term: str, line: Line) -> list[Row]:
        rows = [row for row in self.situation.rows if row.term == term]
        if "ad_group" in line:
            rows = [row for row in rows if row.ad_group == line["ad_group"]]
        assert rows, f"{self.situation}: no row of {term!r}"
        return rows

    def _of_term(self, term: str, line: Line) -> list[Line]:
        return [row for row in self._decisions.get(term, []) if _is_in(row, line)]

    def _of_targeting(self, text: str, line: Line) -> list[Line]:
        rows = (row for several in self._decisions.values() for row in several)
        return [row for row in rows if row["targeting"] == text and _is_in(row, line)]

    @cached_property
    def _decisions(self) -> dict[str, list[Line]]:
        """Decided rows by their term."""
        columns = ("campaign", "ad_group", "targeting", "action", "reason", "clicks_needed")
        rows = self.advice.frame.select("search_term", *columns)
        return rows.rows_by_key("search_term", named=True, include_key=True)

    def _places_with(self, term: str, action: Action) -> set[tuple[str, str]]:
        rows = self._of_term(term, {})
        return {(row["campaign"], row["ad_group"]) for row in rows if row["action"] == action.value}

    def _totals(self, line: Line) -> pl.DataFrame:
        totals = self.advice.totals
        return (
            totals.filter(pl.col("currency") == line["currency"]) if "currency" in line else totals
        )

    def _new_keyword(self, text: str, line: Line, changes: ChangeSet) -> bool:
        made = [one for one in changes if _makes_keyword(one) and one.text.lower() == text.lower()]
        if "to" in line:
            made = [one for one in made if one.place.ad_group == line["to"]]
        if "bid" in line:
            low, high = line["bid"]
            made = [one for one in made if one.bid is not None and low <= one.bid <= high]
        return bool(made)


_VERBS: dict[str, Callable[[Decided, Line, ChangeSet], bool]] = {
    "negate": Decided.negated,
    "reduce": Decided.reduced,
    "lower": Decided.lowered,
    "raise": Decided.raised,
    "pause": Decided.paused,
    "lower_ad_group": Decided.group_lowered,
    "harvest": Decided.harvested,
    "move": Decided.moved,
    "proposes_move": Decided.proposes_move,
    "proposes_harvest": Decided.proposes_harvest,
    "keyword": Decided.keyword_made,
    "isolate": Decided.isolated,
    "listing": Decided.listing,
    "term": Decided.acts,
    "waits": Decided.waits,
    "change": Decided.changed,
    "changes": Decided.counted,
    "negations": Decided.negations,
    "phrase": Decided.phrase,
    "waste": Decided.wasted,
    "reached": Decided.reached,
    "withheld": Decided.withheld,
    "acos_after": Decided.acos_after,
    "spend_kept": Decided.spend_kept,
}


def _blocked(row: Row, changes: Iterable[Change]) -> bool:
    return any(
        change.entity in NEGATIVES
        and change.operation == Operation.CREATE
        and change.place.campaign == row.campaign
        and change.place.ad_group in (None, row.ad_group)
        and blocks(change.text, change.match_type, row.term)
        for change in changes
    )


def _within(factor: float, low: float, high: float) -> bool:
    """Return whether a factor lies in a range; bids are rounded to cents."""
    return low - _CENT <= factor <= high + _CENT


def _is_in(row: Line, line: Line) -> bool:
    return bool(line.get("ad_group", row["ad_group"]) == row["ad_group"])


def _is(change: Change, target: Target) -> bool:
    return (
        change.entity in TARGETS
        and change.operation != Operation.CREATE
        and change.text.lower() == target.text.lower()
        and (change.match_type or None) == target.match
    )


def _makes_keyword(change: Change) -> bool:
    return change.entity == Entity.KEYWORD and change.operation == Operation.CREATE


def _short(change: Change) -> str:
    kind = change.match_type or change.entity
    bid = "" if change.bid is None else f" at {change.bid:g}"
    return f"{change.operation} {kind} {change.text!r} in {change.place.ad_group!r}{bid}"
