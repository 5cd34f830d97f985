"""What entities, match types and operations are called in a sentence, in every language."""

from functools import cache

from admatch.impact.changes import Operation
from admatch.messages import Message, say
from admatch.reports.account.records import Entity, MatchType, Placement


def entity_name(entity: Entity) -> Message:
    """Return the noun for an entity: "negative keyword"."""
    return _entities()[entity]


def match_type_name(match_type: MatchType) -> Message:
    """Return the adjective for a match type: "negative exact"."""
    return _match_types()[match_type]


def operation_name(operation: Operation) -> Message:
    """Return the noun for an operation: "update"."""
    return _operations()[operation]


def placement_name(placement: Placement) -> Message:
    """Return the noun for a placement: "top of search"."""
    return _placements()[placement]


@cache
def _placements() -> dict[Placement, Message]:
    return {
        Placement.TOP: say("impact.placement.top"),
        Placement.REST: say("impact.placement.rest"),
        Placement.PRODUCT_PAGE: say("impact.placement.product_page"),
        Placement.BUSINESS: say("impact.placement.business"),
    }


@cache
def _entities() -> dict[Entity, Message]:
    return {
        Entity.PORTFOLIO: say("impact.entity.portfolio"),
        Entity.CAMPAIGN: say("impact.entity.campaign"),
        Entity.BIDDING_ADJUSTMENT: say("impact.entity.bidding_adjustment"),
        Entity.CAMPAIGN_NEGATIVE_KEYWORD: say("impact.entity.campaign_negative_keyword"),
        Entity.CAMPAIGN_NEGATIVE_PRODUCT: say("impact.entity.campaign_negative_product"),
        Entity.AD_GROUP: say("impact.entity.ad_group"),
        Entity.PRODUCT_AD: say("impact.entity.product_ad"),
        Entity.KEYWORD: say("impact.entity.keyword"),
        Entity.NEGATIVE_KEYWORD: say("impact.entity.negative_keyword"),
        Entity.PRODUCT_TARGETING: say("impact.entity.product_targeting"),
        Entity.NEGATIVE_PRODUCT_TARGETING: say("impact.entity.negative_product"),
    }


@cache
def _match_types() -> dict[MatchType, Message]:
    return {
        MatchType.EXACT: say("impact.match_type.exact"),
        MatchType.PHRASE: say("impact.match_type.phrase"),
        MatchType.BROAD: say("impact.match_type.broad"),
        MatchType.NEGATIVE_EXACT: say("impact.match_type.negative_exact"),
        MatchType.NEGATIVE_PHRASE: say("impact.match_type.negative_phrase"),
    }


@cache
def _operations() -> dict[Operation, Message]:
    return {
        Operation.CREATE: say("impact.operation.create"),
        Operation.UPDATE: say("impact.operation.update"),
        Operation.ARCHIVE: say("impact.operation.archive"),
    }
