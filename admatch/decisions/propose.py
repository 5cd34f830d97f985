"""Decided rows → the changes of a bulk file: ``changes_of``, ``later_negatives``."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl

from admatch.decisions.actions import CHANGING, LEVERS, NEW_KEYWORDS, PLACEMENTS, Action
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.reports.account.records import Entity, MatchType, Placement

# What a change says; rows saved by an earlier admatch lack some of it.
_NAMED = (
    *("unit", "action", "campaign", "ad_group", "campaign_id", "ad_group_id", "search_term"),
    *("phrase", "targeting", "match_type", "bid", "factor", "keyword_bid", "to_campaign"),
    *("to_ad_group", "setting", "new_setting"),
)


def changes_of(rows: pl.DataFrame) -> ChangeSet:
    """Return one change for each unit of the rows that change something, in the rows' order.

    Before them come the new campaigns, ad groups and ads that new keywords need. A new keyword
    without a known destination is left out, and so is a new bid for a target whose
    bid is unknown; the rows say so.
    """
    made = (*structure_of(rows), *changes_by_unit(rows).values())
    return ChangeSet(tuple(dict.fromkeys(change for change in made if change is not None)))


def structure_of(rows: pl.DataFrame) -> list[Change]:
    """Return the campaigns, ad groups and ads that new keywords of the rows need, parents first."""
    if "new_sku" not in rows.columns:  # rows saved by an earlier admatch
        return []
    new = pl.col("action").is_in([one.value for one in NEW_KEYWORDS])
    made = dict[Change, None]()
    for row in rows.filter(new).drop_nulls("new_sku").iter_rows(named=True):
        place = Place(row["to_campaign"], row["to_ad_group"])
        if row["new_campaign"]:
            made[Change.new_campaign(place.campaign, row["new_budget"])] = None
        made[Change.new_ad_group(place, round(row["new_default_bid"], 2))] = None
        made[Change.product_ad(row["new_sku"], place)] = None
    return list(made)


def later_negatives(rows: pl.DataFrame) -> ChangeSet:
    """Return the negatives of rows that get a new ad group, where their terms sold until now."""
    if "new_sku" not in rows.columns:  # rows saved by an earlier admatch
        return ChangeSet(())
    new = rows.filter(pl.col("new_sku").is_not_null())
    apart = new.with_columns(
        action=pl.lit(Action.ISOLATE.value), unit=pl.int_range(pl.len()), new_sku=None
    )
    return changes_of(apart)


def changes_by_unit(rows: pl.DataFrame) -> dict[int, Change | None]:
    """Return the change of each unit by its number; None where it cannot be said in a bulk file."""
    named = rows.select(name for name in _NAMED if name in rows.columns)
    changing = named.filter(pl.col("action").is_in([one.value for one in CHANGING]))
    firsts = changing.unique("unit", keep="first", maintain_order=True)
    return {row["unit"]: _change(row) for row in firsts.iter_rows(named=True)}


def _change(row: dict[str, Any]) -> Change | None:
    place = Place(row["campaign"], row["ad_group"], row["campaign_id"], row["ad_group_id"])
    action = Action(row["action"])
    if action in (Action.NEGATE_EXACT, Action.ISOLATE):
        return Change.negative_keyword(row["search_term"], MatchType.NEGATIVE_EXACT, place)
    if action is Action.NEGATE_PHRASE:
        return Change.negative_keyword(row["phrase"], MatchType.NEGATIVE_PHRASE, place)
    if action is Action.NEGATE_PRODUCT:
        return Change.negative_product(_asin(row["search_term"]), place)
    if action in NEW_KEYWORDS:
        return _new_keyword(row)
    if action is Action.ARCHIVE_NEGATIVE:
        return _end_of_negative(row, place)
    if action in PLACEMENTS:
        return _new_percentage(row)
    if action is Action.BUDGET_UP:
        place = Place(row["campaign"], campaign_id=row["campaign_id"])
        return replace(Change.budget(place, row["new_setting"]), before=row["setting"])
    if action is Action.PAUSE:
        return _pause(row, place)
    return _new_bid(row, place) if action in LEVERS else None


def _new_keyword(row: dict[str, Any]) -> Change | None:
    """Return the exact keyword with the bid that a click of its term is worth."""
    if row["to_campaign"] is None:
        return None
    place = Place(row["to_campaign"], row["to_ad_group"])
    worth = row.get("keyword_bid")  # rows saved by an earlier admatch have none
    bid = round(worth, 2) if worth else None
    return Change.keyword(row["search_term"], MatchType.EXACT, place, bid)


def _end_of_negative(row: dict[str, Any], place: Place) -> Change:
    """Return the end of a negative, which is a product's where it has no match type."""
    if row["match_type"] is None:
        product, whole = Entity.NEGATIVE_PRODUCT_TARGETING, Entity.CAMPAIGN_NEGATIVE_PRODUCT
        return Change.archive(whole if place.whole_campaign else product, row["targeting"], place)
    keyword, whole = Entity.NEGATIVE_KEYWORD, Entity.CAMPAIGN_NEGATIVE_KEYWORD
    entity, kind = whole if place.whole_campaign else keyword, MatchType(row["match_type"])
    return Change.archive(entity, row["targeting"], place, kind)


def _new_percentage(row: dict[str, Any]) -> Change:
    place = Place(row["campaign"], campaign_id=row["campaign_id"])
    change = Change.placement(Placement(row["targeting"]), place, row["new_setting"])
    return replace(change, before=row["setting"])


def _new_bid(row: dict[str, Any], place: Place) -> Change | None:
    if row["bid"] is None or row["targeting"] is None:
        return None
    bid = round(row["bid"] * row["factor"], 2)
    if row["match_type"] is None:
        change = Change.target_bid(row["targeting"], place, bid)
    else:
        change = Change.keyword_bid(row["targeting"], MatchType(row["match_type"]), place, bid)
    return replace(change, before=row["bid"])


def _pause(row: dict[str, Any], place: Place) -> Change | None:
    if row["targeting"] is None:
        return None
    kind = None if row["match_type"] is None else MatchType(row["match_type"])
    return Change.pause(row["targeting"], place, kind)


def _asin(term: str) -> str:
    """Return the ASIN that a term is, or contains as ``asin="…"``."""
    return next(iter(_codes(term)), term)


def _codes(term: str) -> Iterator[str]:
    for part in term.replace('"', " ").replace("=", " ").split():
        if len(part) == 10 and part.isalnum() and any(map(str.isdigit, part)):
            yield part.upper()
