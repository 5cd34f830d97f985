"""Rows of the API → rows of an ``Account``."""

from collections.abc import Mapping
from typing import Any

from admatch.amazon.expressions import expression_text
from admatch.amazon.resources import Resource
from admatch.reports.account.records import MatchType

# The words of bulk files for the API's words, where they differ by more than case.
_STRATEGIES = {
    "LEGACY_FOR_SALES": "Dynamic bids - down only",
    "AUTO_FOR_SALES": "Dynamic bids - up and down",
    "MANUAL": "Fixed bid",
}
_MATCH_TYPES = {
    "EXACT": MatchType.EXACT,
    "PHRASE": MatchType.PHRASE,
    "BROAD": MatchType.BROAD,
    "NEGATIVE_EXACT": MatchType.NEGATIVE_EXACT,
    "NEGATIVE_PHRASE": MatchType.NEGATIVE_PHRASE,
}


def account_row(resource: Resource, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of ``ACCOUNT_SCHEMA`` that a row of the API has."""
    columns = {
        "entity": resource.entity.value,
        "ad_product": "Sponsored Products",
        "campaign_id": _text(row.get("campaignId")),
        "ad_group_id": _text(row.get("adGroupId")),
        "portfolio_id": _text(row.get("portfolioId")),
        "state": _lower(row.get("state")),
        "bid": _number(row.get("bid")),
    }
    return columns | _OWN.get(resource.path, _target)(resource, row)


def _campaign(resource: Resource, row: Mapping[str, Any]) -> dict[str, Any]:
    bidding = row.get("dynamicBidding") or {}
    strategy = bidding.get("strategy") or ""
    return {
        "campaign": row.get("name"),
        "targeting_type": _lower(row.get("targetingType")),
        "daily_budget": _number((row.get("budget") or {}).get("budget")),
        "bidding_strategy": _STRATEGIES.get(strategy, strategy) or None,
    }


def _ad_group(resource: Resource, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"ad_group": row.get("name"), "default_bid": _number(row.get("defaultBid"))}


def _product_ad(resource: Resource, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"ad_id": resource.id_of(row), "sku": row.get("sku"), "asin": row.get("asin")}


def _target(resource: Resource, row: Mapping[str, Any]) -> dict[str, Any]:
    word = row.get("matchType")
    match_type = _MATCH_TYPES.get(word, word) if isinstance(word, str) else None
    expression = row.get("expression")
    return {
        "target_id": resource.id_of(row),
        "keyword": row.get("keywordText"),
        "match_type": str(match_type) if match_type and not expression else None,
        "expression": expression_text(expression) if expression else None,
    }


_OWN = {"campaigns": _campaign, "adGroups": _ad_group, "productAds": _product_ad}


def match_type_word(match_type: MatchType) -> str:
    """Return the API's word for a match type."""
    return next(word for word, known in _MATCH_TYPES.items() if known is match_type)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _lower(value: str | None) -> str | None:
    return None if value is None else value.lower()


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
