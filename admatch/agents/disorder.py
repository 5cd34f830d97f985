"""A keyword in disorder as an agent gets it: ``Disorder``."""

from typing import Any

from pydantic import BaseModel, Field

from admatch.agents.cells import CellText, Sentence, cell, cells, row_sentence
from admatch.agents.figures import amounts, counts


class Disorder(BaseModel):
    """A keyword that competes, is blocked or never serves; nothing is changed about it."""

    issue: str = Field(description="duplicate, competing, blocked or never-serves.")
    keyword: CellText
    match_type: str
    campaign: CellText
    ad_group: CellText
    target_id: CellText | None = None
    bid: float | None = None
    impressions: int | None = None
    clicks: int | None = None
    spend: float | None = None
    orders: int | None = None
    sales: float | None = None
    what: Sentence | None = None


def disorder(row: dict[str, Any]) -> Disorder:
    """Return a line of ``decisions.hygiene`` as an agent gets it."""
    return Disorder(
        issue=row["issue"],
        keyword=cell(row["keyword"]),
        match_type=row["match_type"],
        **cells(row, "campaign", "ad_group", "target_id"),
        **amounts(row, "bid", "spend", "sales"),
        **counts(row, "impressions", "clicks", "orders"),
        what=row_sentence(row["what"], row["what_message"]),
    )
