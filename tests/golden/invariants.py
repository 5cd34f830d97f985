"""What holds in every situation, whatever it is about: ``broken_rules``, ``unpaid_changes``."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from admatch.decisions.actions import Action
from admatch.impact.budgets import capped_campaigns
from admatch.impact.changes import Change, ChangeSet, Operation
from admatch.impact.model import ImpactModel
from admatch.impact.placements import placements
from admatch.reports.account.records import NEGATIVES, Entity
from tests.golden.build import make_account, make_report
from tests.golden.decided import Decided

_LEAST_FACTOR, _MOST_FACTOR = 0.5, 1.2
_LOWEST_BID = {"USD": 0.02, "EUR": 0.02, "GBP": 0.02, "JPY": 2.0, "INR": 1.0}
_EVALUATED = 4  # changes of a set that the model evaluates one by one
_NOISE = 0.5  # of the least gain: what a change brings is estimated twice, in two ways


def broken_rules(decided: Decided) -> Iterator[str]:
    """Yield what is wrong with the chosen set as such."""
    best, totals = decided.advice.best(), decided.advice.totals
    if decided.situation.options.get("account") == "none" and len(best):
        yield f"{len(best)} changes are chosen without an account to write them into"
    counted = int(totals["changes"].sum()) if totals.height else 0
    if counted != len(best):
        yield f"{counted} changes are counted, {len(best)} are in the set"
    yield from _twice(best)
    yield from _bids(decided, best)
    yield from _sold(decided, best)


def _twice(best: ChangeSet) -> Iterator[str]:
    """Yield what is changed twice, and the terms that get more than one new keyword."""
    touched = Counter(
        (one.place.campaign, one.place.ad_group, one.entity, one.text.lower(), one.match_type)
        for one in best
    )
    yield from (f"changed twice: {name}" for name, count in touched.items() if count > 1)
    made = Counter(
        one.text.lower()
        for one in best
        if one.entity == Entity.KEYWORD and one.operation == Operation.CREATE
    )
    yield from (f"{name!r} gets {count} keywords" for name, count in made.items() if count > 1)


def _bids(decided: Decided, best: ChangeSet) -> Iterator[str]:
    """Yield the bids that are unknown, leave their step or lie below the marketplace's least."""
    known = decided.situation.options.get("account", "full") == "full"
    lowest = _LOWEST_BID.get(decided.situation.rows[0].currency or "", 0.01)
    for change in best:
        if change.operation != Operation.UPDATE or change.bid is None:
            continue
        if not known:
            yield f"a bid is chosen where none is known: {change.text!r}"
        if change.bid < lowest:
            yield f"bid {change.bid:g} of {change.text!r} is below the marketplace's {lowest:g}"
    for one in decided.situation.running:
        factor = decided.factor(one.target, best)
        before = decided.bid(one) or 1.0
        slack = 0.006 / before  # bids have two decimals
        if factor and not _LEAST_FACTOR - slack <= factor <= _MOST_FACTOR + slack:
            yield f"the bid of {one.target.text!r} is multiplied by {factor:.2f}"


def _sold(decided: Decided, best: ChangeSet) -> Iterator[str]:
    """Yield the terms with orders that a negative would block, other than to isolate them."""
    frame = decided.advice.frame
    isolated = set(
        frame.filter(action=Action.ISOLATE.value).select("search_term", "ad_group").iter_rows()
    )
    for row in decided.situation.rows:
        if not row.orders or (row.term, row.ad_group) in isolated:
            continue
        if decided.blocked(row, best):
            yield f"{row.term!r} has {row.orders} orders and is negated in {row.ad_group!r}"


def unpaid_changes(decided: Decided, model: ImpactModel) -> Iterator[str]:
    """Yield the chosen negatives and bids that bring less than a decision has to.

    A change brings its spend saved and its sales, worth the margin or the target. It has to bring
    a thousandth of the account's spend and the cost of a click. The new bids of an ad group in one
    direction are one decision. Nothing saves more than was spent, which needs no model; the least
    of the others are evaluated by it.
    """
    yield from _unpaid_settings(decided, model)
    advice, rows = decided.advice, decided.situation.rows
    before = {row["currency"]: row["spend_before"] for row in advice.totals.to_dicts()}
    spent: list[tuple[float, str | None, tuple[Change, ...]]] = []
    for changes in _decisions(decided):
        touched = [row for row in rows if decided.touches(changes, row)]
        if touched:
            spent.append((sum(row.spend for row in touched), touched[0].currency, changes))
    spent.sort(key=lambda one: one[0])
    for number, (most, currency, changes) in enumerate(spent):
        clicks = [row for row in rows if row.currency == currency and row.clicks]
        click = sum(row.spend for row in clicks) / max(sum(row.clicks for row in clicks), 1)
        least = max(0.001 * before[currency], click)
        gain = most
        if most >= least and number < _EVALUATED:
            gain = _gain(decided, model, ChangeSet(changes), currency)
        if gain < _NOISE * least:
            yield f"{_names(changes)} brings {gain:.2f} at most, less than {least:.2f}"


def _decisions(decided: Decided) -> Iterator[tuple[Change, ...]]:
    bids: dict[tuple[str, str | None, bool], list[Change]] = {}
    for change in decided.advice.best():
        if change.entity in NEGATIVES:
            yield (change,)
        elif change.operation != Operation.CREATE and change.setting is None:
            key = change.place.campaign, change.place.ad_group, decided.raises(change)
            bids.setdefault(key, []).append(change)
    yield from map(tuple, bids.values())


def _unpaid_settings(decided: Decided, model: ImpactModel) -> Iterator[str]:
    """Yield the new settings that lose beside what else is chosen."""
    best = decided.advice.best()
    rest = ChangeSet(tuple(one for one in best if one.setting is None))
    account, report = make_account(decided.situation), make_report(decided.situation)
    known = {"placements": placements(account), "capped": capped_campaigns(report, account)}
    for change in (one for one in best if one.setting is not None):
        for currency in decided.advice.totals["currency"]:
            both = ChangeSet((*rest, change))
            gain, without = (_gain(decided, model, one, currency, known) for one in (both, rest))
            if gain < without - 0.01:
                yield f"{_names((change,))} loses {without - gain:.2f}"


def _gain(
    decided: Decided,
    model: ImpactModel,
    changes: ChangeSet,
    currency: str | None,
    known: dict[str, Any] | None = None,
) -> float:
    advice = decided.advice
    effect = model.what_if(changes, **(known or {})).by_currency[currency].difference
    sales = 0.0 if effect.sales is None else effect.sales.mean
    return (advice.margin or advice.target_acos) * sales - effect.spend.mean


def _names(changes: tuple[Change, ...]) -> str:
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return f"{changes[0].operation} {changes[0].text!r}{more}"
