"""The verbs of a situation's lines, and which lines decisions do not keep: ``complaints``."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from admatch.decisions.actions import Action
from admatch.decisions.waste import waste_of
from admatch.impact.changes import STRUCTURE, Change, ChangeSet, Operation
from admatch.reports.account.records import NEGATIVES, Entity, MatchType, Placement
from tests.golden.decided import Decided
from tests.golden.records import Row, Situation, Target

Line: TypeAlias = dict[str, Any]
Verb: TypeAlias = Callable[[Decided, Line, ChangeSet], bool]

_CENT = 0.011  # of a bid near 1.00: bids are rounded
_SHOWN, _ROWS = 6, 3  # changes and rows named in a complaint
_HIGHEST_LOWER, _LOWEST_RAISE = 0.95, 1.02  # of new bid over old: less is no change worth signing


def complaints(decided: Decided) -> list[str]:
    """Return every line of the situation that the decisions do not keep."""
    situation, advice = decided.situation, decided.advice
    best, every = advice.best(), advice.changes()
    wrong = [
        *(("must", line) for line in situation.must if not _holds(decided, line, best)),
        *(("proposed", line) for line in situation.proposed if not _holds(decided, line, every)),
        *(("never", line) for line in situation.never if _holds(decided, line, every)),
        *(("never chosen", line) for line in situation.never_chosen if _holds(decided, line, best)),
    ]
    return [f"{kind}: {_with_decisions(decided, line)}" for kind, line in wrong]


def unknown_names(situation: Situation) -> Iterator[str]:
    """Yield the lines that name no verb, or a term, targeting or ad group that is not there."""
    targets = [one.target for one in situation.running]
    terms = {row.term for row in situation.rows}
    targetings = {row.targeting for row in situation.rows} | {one.text for one in targets}
    groups = {ad_group for _, ad_group in situation.defaults}
    for line in [*situation.must, *situation.proposed, *situation.never, *situation.never_chosen]:
        verb = next(iter(line))
        about = {**dict.fromkeys(_OF_TERM, terms), **dict.fromkeys(_OF_TARGETING, targetings)}
        known = about.get(verb) or (groups if verb == "lower_ad_group" else None)
        named = [line[verb]] if known else []
        where = ("ad_group",) if verb.endswith(("_placement", "_budget")) else ("to", "ad_group")
        places = [line[name] for name in where if name in line]
        if verb not in _VERBS or not set(named) <= (known or set()) or not set(places) <= groups:
            yield f"{situation}: {line}"


def _holds(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    return _VERBS[next(iter(line))](decided, line, changes)


def _with_decisions(decided: Decided, line: Line) -> str:
    """Return the line, with what was decided about the terms that it names."""
    text = str(next(iter(line.values())))
    about = decided.of_term(text, line.get("ad_group")) or decided.of_targeting(text)
    rows = [f"{row['action']} ({row['why']}) in {row['ad_group']!r}" for row in about[:_ROWS]]
    best = list(decided.advice.best())
    shown = "; ".join(map(_short, best[:_SHOWN])) or "nothing"
    more = f" and {len(best) - _SHOWN} more" if len(best) > _SHOWN else ""
    return f"{line}\n    rows: {rows}\n    chosen: {shown}{more}"


# Terms


def _negates(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether negatives block a term wherever it is served, other than to isolate it.

    A line that forbids it is broken by a single place.
    """
    isolated = _places_with(decided, line["negate"], Action.ISOLATE)
    stopped = [
        (row.campaign, row.ad_group) not in isolated and decided.blocked(row, changes)
        for row in _served(decided, line["negate"], line)
    ]
    return all(stopped) if line in decided.situation.must else any(stopped)


def _reduces(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether a term costs less: it is negated, or its target's bid falls or ends."""
    return all(
        decided.blocked(row, changes) or decided.factor(row.target, changes) <= _HIGHEST_LOWER
        for row in _served(decided, line["reduce"], line)
    )


def _changes_term(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether something is done about a term itself: a negative, a new keyword."""
    rows = _served(decided, line["change"], line)
    return any(decided.blocked(row, changes) for row in rows) or _makes(line, "change", changes)


def _acts(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether a row of the term has one of the actions named."""
    return any(
        row["action"] in line["action"]
        for row in decided.of_term(line["term"], line.get("ad_group"))
    )


def _waits(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether the term is watched, with the number of clicks that are still needed."""
    return all(
        row["action"] == Action.WATCH.value and (row["clicks_needed"] or 0) > 0
        for row in decided.of_term(line["waits"], line.get("ad_group"))
    )


def _moves(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    named = _places_with(decided, line["move"], Action.MOVE)
    return bool(named) and _makes(line, "move", changes)


def _has_action(verb: str, action: Action) -> Verb:
    def has(decided: Decided, line: Line, changes: ChangeSet) -> bool:
        return bool(_places_with(decided, line[verb], action))

    return has


def _makes_keyword(verb: str) -> Verb:
    def makes(decided: Decided, line: Line, changes: ChangeSet) -> bool:
        return _makes(line, verb, changes)

    return makes


def _makes(line: Line, verb: str, changes: ChangeSet) -> bool:
    """Return whether a keyword of this text is made, in the ad group and at the bid of the line."""
    low, high = line.get("bid", (0.0, float("inf")))
    return any(
        one.entity == Entity.KEYWORD
        and one.operation == Operation.CREATE
        and one.text.lower() == line[verb].lower()
        and one.place.ad_group == line.get("to_new", line.get("to", one.place.ad_group))
        and low <= (one.bid or 0.0) <= high
        for one in changes
    )


def _served(decided: Decided, term: str, line: Line) -> list[Row]:
    rows = [row for row in decided.situation.rows if row.term == term]
    return [row for row in rows if line.get("ad_group", row.ad_group) == row.ad_group]


def _places_with(decided: Decided, term: str, action: Action) -> set[tuple[str, str]]:
    rows = decided.of_term(term)
    return {(row["campaign"], row["ad_group"]) for row in rows if row["action"] == action.value}


# Targetings and ad groups


def _lowers(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    low, high = line.get("factor", (0.0, _HIGHEST_LOWER))
    factors = _factors(decided, line, "lower", changes)
    ends = low == 0  # only then may it be the end of the bid
    return any(_within(one, low, high) and one < 1 and (ends or one > 0) for one in factors)


def _raises(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    low, high = line.get("factor", (_LOWEST_RAISE, 100.0))
    factors = _factors(decided, line, "raise", changes)
    return any(_within(one, low, high) and one > 1 for one in factors)


def _pauses(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    return any(one == 0 for one in _factors(decided, line, "pause", changes))


def _lowers_group(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether most of an ad group's spend falls: by bids, pauses or negatives."""
    rows = [row for row in decided.situation.rows if row.ad_group == line["lower_ad_group"]]
    most = line.get("factor", (0.0, _HIGHEST_LOWER))[1]
    under = sum(
        row.spend
        for row in rows
        if decided.blocked(row, changes) or _within(decided.factor(row.target, changes), 0.0, most)
    )
    return bool(under >= line.get("share", 0.9) * sum(row.spend for row in rows))


def _factors(decided: Decided, line: Line, verb: str, changes: ChangeSet) -> Iterator[float]:
    """Yield new bid over old of every target that the line names."""
    targets: list[Target] = [one.target for one in decided.situation.running]
    targets += [row.target for row in decided.situation.rows]
    for target in dict.fromkeys(targets):
        here = line.get("ad_group", target.ad_group) == target.ad_group
        if target.text == line[verb] and here and line.get("match", target.match) == target.match:
            yield decided.factor(target, changes)


def _within(factor: float, low: float, high: float) -> bool:
    return low - _CENT <= factor <= high + _CENT


def _archives(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether a negative in force ends."""
    return any(
        one.operation == Operation.ARCHIVE
        and one.entity in NEGATIVES
        and one.text == line["archive"]
        and one.place.ad_group == line.get("ad_group", one.place.ad_group)
        for one in changes
    )


# Settings of campaigns


def _raises_placement(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    return any(after > before for before, after in _percentages(line, "raise_placement", changes))


def _lowers_placement(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    return any(after < before for before, after in _percentages(line, "lower_placement", changes))


def _raises_budget(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    low, high = line.get("to", (0.0, float("inf")))
    return any(
        one.entity == Entity.CAMPAIGN
        and one.place.campaign == line["raise_budget"]
        and one.setting > one.before
        and low <= one.setting <= high
        for one in changes
    )


def _percentages(line: Line, verb: str, changes: ChangeSet) -> Iterator[tuple[float, float]]:
    """Yield old and new percentage of a placement: `to` may limit the new one."""
    low, high = line.get("to", (0.0, 900.0))
    for one in changes:
        named = one.entity == Entity.BIDDING_ADJUSTMENT
        if named and one.text == Placement[line[verb].upper()] and low <= one.setting <= high:
            yield one.before or 0.0, one.setting


# The whole set


def _counts(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    low, high = line["changes"]
    return bool(low <= len(changes) <= high)


def _makes_places(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether at least so many campaigns, ad groups and ads are made, before keywords."""
    kinds = [one.entity in STRUCTURE and one.operation == Operation.CREATE for one in changes]
    number = sum(kinds)
    return number >= line["makes"] and all(kinds[:number])


def _counts_negations(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    low, high = line["negations"]
    made = [one for one in changes if one.operation == Operation.CREATE]
    return bool(low <= sum(one.entity in NEGATIVES for one in made) <= high)


def _negates_phrase(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    kind = MatchType.NEGATIVE_PHRASE
    return any(one.match_type == kind and one.text == line["phrase"] for one in changes)


def _is_withheld(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    return (changes.withheld is not None) is line["withheld"]


def _reaches(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    return bool((decided.totals(line.get("currency"))["reached"] == line["reached"]).all())


def _ends_at_acos(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    low, high = line["acos_after"]
    return all(low <= one <= high for one in decided.totals(line.get("currency"))["acos_after"])


def _keeps_spend(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether the spend that is left is such a share of today's."""
    low, high = line["spend_kept"]
    totals = decided.totals(line.get("currency"))
    return all(low <= one <= high for one in totals["spend_after"] / totals["spend_before"])


def _wastes(decided: Decided, line: Line, changes: ChangeSet) -> bool:
    """Return whether the expected waste is such a share of the spend."""
    low, high = line["waste"]
    shares = [
        waste_of(decided.advice, one["currency"]).mean / one["spend_before"]
        for one in decided.totals(line.get("currency")).to_dicts()
    ]
    return all(low <= share <= high for share in shares)


_VERBS: dict[str, Verb] = {
    "negate": _negates,
    "reduce": _reduces,
    "change": _changes_term,
    "term": _acts,
    "waits": _waits,
    "move": _moves,
    "harvest": _makes_keyword("harvest"),
    "keyword": _makes_keyword("keyword"),
    "isolate": _has_action("isolate", Action.ISOLATE),
    "proposes_move": _has_action("proposes_move", Action.MOVE),
    "proposes_harvest": _has_action("proposes_harvest", Action.HARVEST_EXACT),
    "lower": _lowers,
    "raise": _raises,
    "pause": _pauses,
    "lower_ad_group": _lowers_group,
    "archive": _archives,
    "raise_placement": _raises_placement,
    "lower_placement": _lowers_placement,
    "raise_budget": _raises_budget,
    "changes": _counts,
    "negations": _counts_negations,
    "makes": _makes_places,
    "phrase": _negates_phrase,
    "withheld": _is_withheld,
    "reached": _reaches,
    "acos_after": _ends_at_acos,
    "spend_kept": _keeps_spend,
    "waste": _wastes,
}
_OF_TERM = (
    *("negate", "reduce", "change", "term", "waits", "move", "harvest", "keyword", "isolate"),
    *("proposes_move", "proposes_harvest"),
)
_OF_TARGETING = ("lower", "raise", "pause")


def _short(change: Change) -> str:
    kind = change.match_type or change.entity
    bid = "" if change.bid is None else f" at {change.bid:g}"
    return f"{change.operation} {kind} {change.text!r} in {change.place.ad_group!r}{bid}"
