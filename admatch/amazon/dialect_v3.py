"""The forms of API version 3: ``DialectV3``."""

from collections.abc import Iterator, Sequence
from typing import Any

from admatch.amazon.dialect import (
    Fault,
    Row,
    common_columns,
    listed_rows,
    own_number,
    own_state,
)
from admatch.amazon.expressions import expression_text, predicates
from admatch.amazon.resources import Resource
from admatch.impact.changes import Change
from admatch.reports.account.records import NEGATIVES, MatchType

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
_FAULTS = {
    "duplicateValueError": Fault.DUPLICATE,
    "throttledError": Fault.UNTOUCHED,
    "internalServerError": Fault.UNKNOWN,
}


class DialectV3:
    """Flat rows, a resource for each kind of keyword and target; product targets as predicates."""

    def columns(self, resource: Resource, row: Row) -> dict[str, Any]:
        """Return the columns of ``ACCOUNT_SCHEMA`` that a row of a list has."""
        common = common_columns(resource, row, row.get("bid"))
        return common | _OWN.get(resource.path, _target)(resource, row)

    def adjustments(self, row: Row) -> object:
        """Return the list of what placements add to a campaign's bids."""
        bidding = row.get("dynamicBidding")
        return bidding.get("placementBidding") if isinstance(bidding, dict) else None

    def new(self, change: Change) -> dict[str, Any]:
        """Return the row that creates an entity."""
        row: dict[str, Any] = {"campaignId": change.place.campaign_id}
        if not change.place.whole_campaign:
            row["adGroupId"] = change.place.ad_group_id
        row["state"] = (change.state or "enabled").upper()
        if change.match_type is not None:
            word = next(word for word, known in _MATCH_TYPES.items() if known is change.match_type)
            row |= {"keywordText": change.text, "matchType": word}
        else:
            row["expression"] = predicates(change.text)
            row |= {} if change.entity in NEGATIVES else {"expressionType": "MANUAL"}
        return row if change.bid is None else row | {"bid": change.bid}

    def bid(self, amount: float | None) -> object:
        """Return an amount as a row writes a bid."""
        return amount

    def archives(self, resource: Resource, ids: Sequence[str | None]) -> dict[str, Any]:
        """Return the body that archives the entities with these IDs."""
        return {resource.filter: {"include": list(ids)}}

    def made(self, resource: Resource, body: object) -> Iterator[Row]:
        """Yield a row, with its ``index`` and ID, for each change that an answer confirms."""
        return _rows(resource, body, "success")

    def failed(self, resource: Resource, body: object) -> Iterator[Row]:
        """Yield a row, with its ``index`` and ``errors``, for each change that failed."""
        return _rows(resource, body, "error")

    def fault(self, error: Row) -> Fault:
        """Return what one error says about the change."""
        return _FAULTS.get(str(error.get("errorType")), Fault.REFUSED)

    def reason(self, error: Row) -> str:
        """Return Amazon's own words for an error."""
        kind = str(error.get("errorType"))
        value = error.get("errorValue")
        detail = value.get(kind) if isinstance(value, dict) else None
        message = detail.get("message") or detail.get("reason") if isinstance(detail, dict) else ""
        return f"{kind}: {message}" if message else kind


def _rows(resource: Resource, body: object, which: str) -> Iterator[Row]:
    lists = body.get(resource.rows) if isinstance(body, dict) else None
    yield from listed_rows(lists.get(which) if isinstance(lists, dict) else None)


def _campaign(resource: Resource, row: Row) -> dict[str, Any]:
    bidding = row.get("dynamicBidding") or {}
    strategy = bidding.get("strategy") or ""
    return {
        "campaign": row.get("name"),
        "targeting_type": own_state(row.get("targetingType")),
        "daily_budget": own_number((row.get("budget") or {}).get("budget")),
        "bidding_strategy": _STRATEGIES.get(strategy, strategy) or None,
    }


def _ad_group(resource: Resource, row: Row) -> dict[str, Any]:
    return {"ad_group": row.get("name"), "default_bid": own_number(row.get("defaultBid"))}


def _product_ad(resource: Resource, row: Row) -> dict[str, Any]:
    return {"ad_id": resource.id_of(row), "sku": row.get("sku"), "asin": row.get("asin")}


def _target(resource: Resource, row: Row) -> dict[str, Any]:
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
