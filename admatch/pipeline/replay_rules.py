"""The rules that admatch is replayed against, as change sets: ``rule_changes``."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from admatch.errors import InputError
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.messages import Message, say
from admatch.pipeline.replay_traffic import Traffic
from admatch.reports.account.records import MatchType
from admatch.reports.exchange import ExchangeRates
from admatch.reports.records import TermKind

ADMATCH, NOTHING = "admatch", "nothing"
RULES = ("10 clicks", "15 clicks", "20 clicks", "$10", "2/CVR clicks", "bids")
POLICIES = (ADMATCH, *RULES, NOTHING)
STEP = 0.20  # of a bid, at most
_DOLLARS = 10.0
# About as much where admatch ships no rate: an order of size is all that the rule asks for.
_AS_MUCH = {"INR": 850.0, "BRL": 55.0, "SEK": 95.0, "PLN": 36.0, "TRY": 430.0, "SAR": 37.0}
_PLACE = ("campaign", "ad_group", "campaign_id", "ad_group_id")
Bids = dict[tuple[str, str, str, str | None], float]


def policy_name(policy: str) -> Message:
    """Return what a reader calls one of ``POLICIES``."""
    names = {
        ADMATCH: say("pipeline.replay.policy.admatch"),
        "10 clicks": say("pipeline.replay.policy.clicks", clicks=10),
        "15 clicks": say("pipeline.replay.policy.clicks", clicks=15),
        "20 clicks": say("pipeline.replay.policy.clicks", clicks=20),
        "$10": say("pipeline.replay.policy.spend"),
        "2/CVR clicks": say("pipeline.replay.policy.cvr"),
        "bids": say("pipeline.replay.policy.bids"),
        NOTHING: say("pipeline.replay.policy.nothing"),
    }
    return names[policy]


def rule_changes(
    past: Traffic, currency: str | None, target: float, bids: Bids
) -> dict[str, ChangeSet]:
    """Return what each of ``RULES`` changes, and ``NOTHING``, from the past alone.

    Terms without an order are negated in their ad group: from 10, 15 or 20 clicks on, from $10 on
    (in the account's currency), from as many clicks on as bring two orders on average. Or every bid
    follows revenue per click times the target ACOS, by a step of 20 % at most.
    """
    terms = past.rows.group_by("campaign", "ad_group", "search_term", maintain_order=True).agg(
        pl.col("campaign_id", "ad_group_id", "term_kind", "asin").first(),
        pl.col("clicks", "orders", "spend").sum(),
    )
    without = terms.filter(pl.col("orders") == 0)
    clicks, orders = past.total("clicks"), past.total("orders")
    least = 2 * clicks / orders if orders else float("inf")
    conditions = {
        "10 clicks": pl.col("clicks") >= 10,
        "15 clicks": pl.col("clicks") >= 15,
        "20 clicks": pl.col("clicks") >= 20,
        "$10": pl.col("spend") >= ten_dollars(currency),
        "2/CVR clicks": pl.col("clicks") >= least,
    }
    made = {name: tuple(_negations(without.filter(one))) for name, one in conditions.items()}
    made |= {"bids": tuple(_repriced(past, target, bids)), NOTHING: ()}
    return {name: ChangeSet(changes) for name, changes in made.items()}


def ten_dollars(currency: str | None) -> float:
    """Return about $10 in a currency: 10 where it is unknown, infinite where its worth is."""
    if currency in _AS_MUCH:
        return _AS_MUCH[currency]
    try:
        return _DOLLARS * ExchangeRates.load().rate("USD", currency or "USD")
    except InputError:
        return float("inf")


def _negations(terms: pl.DataFrame) -> Iterator[Change]:
    for row in terms.iter_rows(named=True):
        place = Place(*(row[name] for name in _PLACE))
        if row["term_kind"] == TermKind.KEYWORD.value:
            exact = MatchType.NEGATIVE_EXACT
            yield Change.negative_keyword(row["search_term"], exact, place)
        elif row["asin"] is not None:
            yield Change.negative_product(row["asin"], place)


def _repriced(past: Traffic, target: float, bids: Bids) -> Iterator[Change]:
    """Yield the new bid of each target: what a click brings times the target, within a step."""
    sums = past.rows.group_by(
        "campaign", "ad_group", "targeting", "match_type", maintain_order=True
    ).agg(pl.col("campaign_id", "ad_group_id").first(), pl.col("spend", "sales").sum())
    # a click that costs what it is worth has the right bid, whatever Amazon charges below it
    exact = target * pl.col("sales") / pl.col("spend")
    moved = sums.filter(pl.col("spend") > 0).with_columns(factor=exact.clip(1 - STEP, 1 + STEP))
    for row in moved.filter(pl.col("factor") != 1).iter_rows(named=True):
        kind = row["match_type"] and MatchType(row["match_type"])
        before = bids.get((row["campaign"], row["ad_group"], row["targeting"], kind))
        if before is None:
            continue
        place, bid = Place(*(row[name] for name in _PLACE)), before * row["factor"]
        change = Change.target_bid(row["targeting"], place, bid)
        if kind is not None:
            change = Change.keyword_bid(row["targeting"], kind, place, bid)
        yield replace(change, before=before)


def with_bids_before(changes: ChangeSet, bids: Bids) -> ChangeSet:
    """Return the changes with the bids that they replace."""
    known = []
    for change in changes:
        text = " ".join(change.text.lower().split())
        place = change.place
        key = (place.campaign, place.ad_group or "", text, change.match_type)
        known.append(replace(change, before=change.before or bids.get(key)))
    return ChangeSet(tuple(known), changes.withheld)
