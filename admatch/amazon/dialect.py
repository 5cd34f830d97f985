"""How a version of the API writes entities, changes and answers: ``Dialect``."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import Any, Protocol, TypeAlias

from admatch.amazon.resources import Resource
from admatch.impact.changes import Change

Row: TypeAlias = Mapping[str, Any]


class Fault(Enum):
    """What an error of a row says about the change that it asked for."""

    REFUSED = auto()  # nothing was done, and never will be
    DUPLICATE = auto()  # it exists, perhaps because it was done before
    UNTOUCHED = auto()  # nothing was done yet
    UNKNOWN = auto()  # it may have been done


class Dialect(Protocol):
    """One version's forms; ``find_dialect`` returns it."""

    def columns(self, resource: Resource, row: Row) -> dict[str, Any]:
        """Return the columns of ``ACCOUNT_SCHEMA`` that a row of a list has."""

    def adjustments(self, row: Row) -> object:
        """Return the list of what placements add to a campaign's bids, as its row has it."""

    def new(self, change: Change) -> dict[str, Any]:
        """Return the row that creates an entity."""

    def bid(self, amount: float | None) -> object:
        """Return an amount as a row writes a bid."""

    def archives(self, resource: Resource, ids: Sequence[str | None]) -> dict[str, Any]:
        """Return the body that archives the entities with these IDs."""

    def made(self, resource: Resource, body: object) -> Iterator[Row]:
        """Yield a row, with its ``index`` and ID, for each change that an answer confirms."""

    def failed(self, resource: Resource, body: object) -> Iterator[Row]:
        """Yield a row, with its ``index`` and ``errors``, for each change that failed."""

    def fault(self, error: Row) -> Fault:
        """Return what one error says about the change."""

    def reason(self, error: Row) -> str:
        """Return Amazon's own words for an error."""


def listed_rows(rows: object) -> Iterator[Row]:
    """Yield the objects of a list in an answer, which may be anything."""
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield row


def own_text(value: object) -> str | None:
    """Return an ID or a name as text."""
    return None if value is None else str(value)


def own_state(value: object) -> str | None:
    """Return a state as bulk files write it."""
    return None if value is None else str(value).lower()


def own_number(value: object) -> float | None:
    """Return an amount; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def common_columns(resource: Resource, row: Row, bid: object) -> dict[str, Any]:
    """Return the columns of ``ACCOUNT_SCHEMA`` that rows of both versions name alike."""
    return {
        "entity": resource.entities[0].value,
        "ad_product": "Sponsored Products",
        "campaign_id": own_text(row.get("campaignId")),
        "ad_group_id": own_text(row.get("adGroupId")),
        "portfolio_id": own_text(row.get("portfolioId")),
        "state": own_state(row.get("state")),
        "bid": own_number(bid),
    }
