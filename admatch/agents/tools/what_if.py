"""The tool ``what_if``: what changes would do to ACOS, spend, orders and sales."""

from typing import Annotated

from pydantic import Field

from admatch.agents.call import (
    AccountFile,
    Call,
    CatalogFile,
    Currency,
    IndexFolder,
    Margin,
    Reports,
    Rho,
)
from admatch.agents.cells import CellText, Sentence, cell, sentence
from admatch.agents.effects import Effect, Touched, TouchedSum, effects, touched_sums
from admatch.agents.estimate import Estimate
from admatch.agents.pages import Answer, Offset, Page, Rows, noted

_MOST_UNKNOWN = 5

Texts = Annotated[list[str] | None, Field(description="New negatives or keywords, as texts.")]
Campaign = Annotated[
    str | None, Field(description="A campaign's whole name; without it, every campaign.")
]
AdGroup = Annotated[str | None, Field(description="An ad group's whole name in the campaign.")]


class Unknown(CellText):
    """A change whose effect the report does not show; it counts as changing nothing."""

    reason: Sentence


class WhatIfAnswer(Answer):
    """The account before and after; expected figures, with 80 % ranges."""

    changes: int
    rho: float
    effects: list[Effect]
    touched: list[TouchedSum] = Field(description="Sums of the rows touched, each counted once.")
    unknown_total: int
    unknown: list[Unknown]
    page: Page[Touched] = Field(description="The rows touched, those with most clicks first.")


def what_if(
    call: Call,
    reports: Reports,
    negative_exact: Texts = None,
    negative_phrase: Texts = None,
    negative_product: Texts = None,
    exact: Texts = None,
    bid: Annotated[float | None, Field(description="The bid of the new exact keywords.")] = None,
    campaign: Campaign = None,
    ad_group: AdGroup = None,
    changes: Annotated[
        str | None, Field(description="A bulk sheet of changes, such as a staged one.")
    ] = None,
    catalog: CatalogFile = None,
    index: IndexFolder = None,
    account: AccountFile = None,
    rho: Rho = 0.0,
    margin: Margin = None,
    total_sales: Annotated[
        float | None, Field(description="Sales including organic ones, for TACOS.")
    ] = None,
    currency: Currency = None,
    offset: Offset = 0,
    rows: Rows = 10,
) -> WhatIfAnswer:
    """Estimate what changes would do to ACOS, spend, orders and sales; changes nothing.

    Give the same catalog and account as to recommend, and the same changes get the same figures.
    """
    from admatch.pipeline.what_if import NamedChanges

    named = NamedChanges(
        negative_exact or (), negative_phrase or (), negative_product or (), exact or (),
        bid, campaign, ad_group,
    )  # fmt: skip
    made = Estimate(
        call.reports(reports), named, call.optional(changes), call.products(catalog, index),
        call.optional(account), currency, rho, margin, total_sales,
    ).result(call, "what_if")  # fmt: skip
    effect = made.value.effect
    unknown = [
        Unknown(cell_text=cell(str(one.change.text)).cell_text, reason=sentence(one.reason))
        for one in effect.unknown[:_MOST_UNKNOWN]
    ]
    return WhatIfAnswer(
        result=made.name,
        notes=noted((*made.notes, *made.value.notes)),
        changes=made.value.changes,
        rho=effect.rho,
        effects=effects(effect),
        touched=touched_sums(made.value.touched),
        unknown_total=len(effect.unknown),
        unknown=unknown,
        page=made.tables["touched"].page(offset, rows),
    )
