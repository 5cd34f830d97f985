"""The tool ``phrase_blast_radius``: what negative phrases would block."""

from typing import Annotated

from pydantic import BaseModel, Field

from admatch.agents.call import (
    Call,
    CatalogFile,
    Currency,
    IndexFolder,
    Margin,
    Reports,
    Rho,
)
from admatch.agents.cells import CellText, cell
from admatch.agents.effects import Effect, Touched, TouchedSum, effects, touched_sums
from admatch.agents.estimate import Estimate
from admatch.agents.pages import Answer, Offset, Page, Rows, noted
from admatch.agents.tools.what_if import AdGroup, Campaign

_MOST_PHRASES = 10


class PhraseSum(BaseModel):
    """What one phrase would block, its rows added up by currency."""

    phrase: CellText
    blocks: list[TouchedSum]


class BlastAnswer(Answer):
    """What the phrases would block, one by one and together, and what that does."""

    phrases: list[PhraseSum]
    together: list[TouchedSum] = Field(description="Each row counted once.")
    effects: list[Effect] = Field(description="Of all the phrases together.")
    page: Page[Touched] = Field(description="The rows blocked, those with most clicks first.")


def phrase_blast_radius(
    call: Call,
    reports: Reports,
    phrases: Annotated[
        list[str],
        Field(min_length=1, max_length=_MOST_PHRASES, description="Words in their order."),
    ],
    campaign: Campaign = None,
    ad_group: AdGroup = None,
    catalog: CatalogFile = None,
    index: IndexFolder = None,
    rho: Rho = 0.0,
    margin: Margin = None,
    currency: Currency = None,
    offset: Offset = 0,
    rows: Rows = 20,
) -> BlastAnswer:
    """Show every search term that negative phrases would block, with its orders and sales.

    Ask before proposing any negative phrase: one that blocks a converting term costs orders.
    """
    from admatch.pipeline.what_if import NamedChanges

    named = NamedChanges(negative_phrase=phrases, campaign=campaign, ad_group=ad_group)
    made = Estimate(
        call.reports(reports), named, products=call.products(catalog, index),
        currency=currency, rho=rho, margin=margin,
    ).result(call, "phrase_blast_radius")  # fmt: skip
    touched = made.value.touched
    return BlastAnswer(
        result=made.name,
        notes=noted((*made.notes, *made.value.notes)),
        phrases=[
            # in each campaign, the changes are the phrases in their order
            PhraseSum(
                phrase=cell(one),
                blocks=touched_sums(touched.filter(touched["change"] % len(phrases) == number)),
            )
            for number, one in enumerate(phrases)
        ],
        together=touched_sums(touched),
        effects=effects(made.value.effect),
        page=made.tables["touched"].page(offset, rows),
    )
