"""The forms of API version 1: ``DialectV1``."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from admatch.amazon.dialect import (
    Fault,
    Row,
    common_columns,
    listed_rows,
    own_number,
    own_text,
)
from admatch.amazon.expressions import expression_text, predicates
from admatch.amazon.resources import Resource
from admatch.amazon.target_details import read_details, write_details
from admatch.errors import shorten
from admatch.impact.changes import Change
from admatch.reports.account.records import NEGATIVES, Entity, MatchType

_PRODUCT = "SPONSORED_PRODUCTS"
_LONGEST = 200  # letters of the details of a target whose type is not known
# The words of bulk files; Amazon's pages call the second one by two names.
_STRATEGIES = {
    "SALES_DOWN_ONLY": "Dynamic bids - down only",
    "SALES_UP_AND_DOWN": "Dynamic bids - up and down",
    "SALES": "Dynamic bids - up and down",
    "MANUAL": "Fixed bid",
}
_MATCH_TYPES = {
    ("EXACT", False): MatchType.EXACT,
    ("PHRASE", False): MatchType.PHRASE,
    ("BROAD", False): MatchType.BROAD,
    ("EXACT", True): MatchType.NEGATIVE_EXACT,
    ("PHRASE", True): MatchType.NEGATIVE_PHRASE,
}
# By negative, of a whole campaign, and for a keyword.
_ENTITIES = {
    (False, False, True): Entity.KEYWORD,
    (False, False, False): Entity.PRODUCT_TARGETING,
    (True, False, True): Entity.NEGATIVE_KEYWORD,
    (True, False, False): Entity.NEGATIVE_PRODUCT_TARGETING,
    (True, True, True): Entity.CAMPAIGN_NEGATIVE_KEYWORD,
    (True, True, False): Entity.CAMPAIGN_NEGATIVE_PRODUCT,
}
_FAULTS = {
    "FIELD_VALUE_NOT_UNIQUE": Fault.DUPLICATE,
    "DUPLICATE_FIELD_VALUE_FOUND": Fault.DUPLICATE,
    "TOO_MANY_REQUESTS": Fault.UNTOUCHED,
    "INTERNAL_ERROR": Fault.UNKNOWN,
    "CONFLICT": Fault.UNKNOWN,  # "could not be completed due to a conflict": of what, is not said
}


class DialectV1:
    """Nested rows, and one resource for keywords, product targets and negatives."""

    def columns(self, resource: Resource, row: Row) -> dict[str, Any]:
        """Return the columns of ``ACCOUNT_SCHEMA`` that a row of a list has."""
        common = common_columns(resource, row, _at(row, "bid", "bid"))
        return common | _OWN[resource.path](resource, row)

    def adjustments(self, row: Row) -> object:
        """Return the list of what placements add to a campaign's bids."""
        at = ("optimizations", "bidSettings", "bidAdjustments", "placementBidAdjustments")
        return _at(row, *at)

    def new(self, change: Change) -> dict[str, Any]:
        """Return the row that creates an entity; an ad group's names no campaign."""
        place = change.place
        if change.match_type is not None:
            word = next(word for (word, _), one in _MATCH_TYPES.items() if one is change.match_type)
            keyword = {"keyword": change.text, "matchType": word}
            kind, details = "KEYWORD", {"keywordTarget": keyword}
        else:
            kind, details = write_details((predicates(change.text) or [])[0])
        row = {
            **({"campaignId": place.campaign_id} if place.whole_campaign else {}),
            **({} if place.whole_campaign else {"adGroupId": place.ad_group_id}),
            "adProduct": _PRODUCT,
            "state": (change.state or "enabled").upper(),
            "negative": change.entity in NEGATIVES,
            "targetType": kind,
            "targetDetails": details,
        }
        return row if change.bid is None else row | {"bid": self.bid(change.bid)}

    def bid(self, amount: float | None) -> object:
        """Return an amount as a row writes a bid."""
        return {"bid": amount}

    def archives(self, resource: Resource, ids: Sequence[str | None]) -> dict[str, Any]:
        """Return the body that archives the entities with these IDs."""
        return {f"{resource.ids[0]}s": list(ids)}

    def made(self, resource: Resource, body: object) -> Iterator[Row]:
        """Yield a row, with its ``index`` and ID, for each change that an answer confirms."""
        for row in listed_rows(body.get("success") if isinstance(body, dict) else None):
            entity = row.get(resource.path.removesuffix("s"))
            yield {**(entity if isinstance(entity, dict) else {}), "index": row.get("index")}

    def failed(self, resource: Resource, body: object) -> Iterator[Row]:
        """Yield a row, with its ``index`` and ``errors``, for each change that failed."""
        return listed_rows(body.get("error") if isinstance(body, dict) else None)

    def fault(self, error: Row) -> Fault:
        """Return what one error says about the change."""
        return _FAULTS.get(str(error.get("code")), Fault.REFUSED)

    def reason(self, error: Row) -> str:
        """Return Amazon's own words for an error."""
        code, message = str(error.get("code")), error.get("message")
        return f"{code}: {message}" if message else code


def _campaign(resource: Resource, row: Row) -> dict[str, Any]:
    strategy = _at(row, "optimizations", "bidSettings", "bidStrategy")
    automatic = _at(row, "autoCreationSettings", "autoCreateTargets")
    known = isinstance(automatic, bool)
    return {
        "campaign": own_text(row.get("name")),
        "targeting_type": ("auto" if automatic else "manual") if known else None,
        "daily_budget": _daily_budget(row),
        "bidding_strategy": _STRATEGIES.get(str(strategy), own_text(strategy)),
    }


def _daily_budget(row: Row) -> float | None:
    for one in listed_rows(row.get("budgets")):
        if one.get("recurrenceTimePeriod") == "DAILY":
            value = ("budgetValue", "monetaryBudgetValue", "monetaryBudget", "value")
            return own_number(_at(one, *value))
    return None


def _ad_group(resource: Resource, row: Row) -> dict[str, Any]:
    # OpenAPI calls the amount defaultBid; Amazon's guide to migration writes bid.
    bid = _at(row, "bid", "defaultBid")
    default = own_number(_at(row, "bid", "bid") if bid is None else bid)
    return {"ad_group": own_text(row.get("name")), "default_bid": default, "bid": None}


def _ad(resource: Resource, row: Row) -> dict[str, Any]:
    product = ("creative", "productCreative", "productCreativeSettings", "advertisedProduct")
    named = {
        own_text(_at(row, *product, kind)): own_text(_at(row, *product, value))
        for kind, value in (
            ("resolvedProductIdType", "resolvedProductId"),
            ("productIdType", "productId"),
        )
    }
    return {"ad_id": resource.id_of(row), "sku": named.get("SKU"), "asin": named.get("ASIN")}


def _target(resource: Resource, row: Row) -> dict[str, Any]:
    """Return the columns of a target; one of an unknown type has that word as its entity."""
    kind, negative = str(row.get("targetType")), bool(row.get("negative"))
    details = row.get("targetDetails")
    details = details if isinstance(details, dict) else {}
    entity = _ENTITIES.get((negative, _is_of_campaign(row), kind == "KEYWORD"))
    columns: dict[str, Any] = {
        "target_id": resource.id_of(row),
        "entity": str(entity or kind),
        "keyword": None,
        "match_type": None,
        "expression": None,
    }
    if kind == "KEYWORD":
        return columns | _keyword(details, negative)
    parts = read_details(kind, details)
    if parts is not None:
        return columns | {"expression": expression_text(parts)}
    text = shorten(json.dumps(details, ensure_ascii=False), _LONGEST)
    return columns | {"entity": kind, "expression": text}


def _keyword(details: Row, negative: bool) -> dict[str, Any]:
    """Return text and match type; an unknown match type keeps Amazon's word."""
    word = str(_at(details, "keywordTarget", "matchType"))
    known = _MATCH_TYPES.get((word, negative))
    return {
        "keyword": own_text(_at(details, "keywordTarget", "keyword")),
        "match_type": str(known or (f"NEGATIVE_{word}" if negative else word)),
    }


def _is_of_campaign(row: Row) -> bool:
    level = row.get("targetLevel")
    return level == "CAMPAIGN" if level else not row.get("adGroupId")


def _at(row: object, *names: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what lies under these names; None where one of them is missing."""
    for name in names:
        row = row.get(name) if isinstance(row, dict) else None
    return row


_OWN = {"campaigns": _campaign, "adGroups": _ad_group, "ads": _ad, "targets": _target}
