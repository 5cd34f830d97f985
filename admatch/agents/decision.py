"""One decision as an agent gets it: ``Decision``."""

from typing import Any

from pydantic import BaseModel, Field

from admatch.agents.cells import CellText, Sentence, cell, cells, currency_code, row_sentence
from admatch.agents.figures import SHARE, Money, Range, amounts, counts, money, share


class Decision(BaseModel):
    """What to do about a search term in an ad group, with its evidence in the report."""

    action: str
    chosen: bool = Field(description="Whether the change is in the proposed set.")
    writable: bool = Field(description="False: it cannot be written; never present it as done.")
    change: int | None = Field(
        default=None, description="Rows with the same number share one change, such as a bid."
    )
    term: CellText
    campaign: CellText | None = None
    ad_group: CellText | None = None
    targeting: CellText | None = None
    currency: str | None = None
    clicks: int | None = None
    spend: Money | None = None
    orders: int | None = None
    sales: Money | None = None
    product_id: CellText | None = Field(default=None, description="The product it finds.")
    acos_after: Range | None = None
    spend_freed: Money | None = None
    sales_at_risk: Money | None = None
    sales_at_risk_high80: Money | None = None
    gain: Money | None = None
    bid: Money | None = None
    new_bid: Money | None = None
    phrase: CellText | None = None
    to_campaign: CellText | None = None
    to_ad_group: CellText | None = None
    reason: Sentence | None = None
    warning: Sentence | None = None


_AMOUNTS = ("spend", "sales", "spend_freed", "sales_at_risk", "gain", "bid", "new_bid")
_CELLS = ("campaign", "ad_group", "targeting", "product_id", "phrase")
_DESTINATION = ("to_campaign", "to_ad_group")
_GOES_SOMEWHERE = ("harvest", "isolate", "move")


def decision(row: dict[str, Any]) -> Decision:
    """Return a row of ``Recommendations.rows`` as an agent gets it."""
    after = [share(row[f"acos_after{end}"]) for end in ("", "_low", "_high")]
    moves = row["action"].startswith(_GOES_SOMEWHERE)
    return Decision(
        action=row["action"],
        chosen=row["chosen"],
        writable=not row["unwritable"],
        change=row["unit"] if row["changing"] else None,
        term=cell(row["search_term"]),
        **cells(row, *_CELLS),
        **(cells(row, *_DESTINATION) if moves else {}),
        currency=currency_code(row["currency"]),
        **counts(row, "clicks", "orders"),
        **amounts(row, *_AMOUNTS),
        sales_at_risk_high80=money(row["sales_at_risk_high"]),
        acos_after=Range(mean=after[0], low80=after[1], high80=after[2], unit=SHARE),
        reason=row_sentence(row["reason"], row["reason_message"]),
        warning=row_sentence(row["warning"], row["warning_message"]),
    )
