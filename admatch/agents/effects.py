"""What changes do to an account, with ranges: ``Effect``, ``Touched``."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from admatch.agents.cells import CellText, cell, cells, currency_code
from admatch.agents.figures import (
    Money,
    Range,
    amounts,
    count_range,
    counts,
    money_range,
    share_range,
)

if TYPE_CHECKING:
    import polars as pl

    from admatch.pipeline.records import WhatIf


class Figures(BaseModel):
    """An account's figures over a period as long as the report's."""

    acos: Range | None = Field(default=None, description="Spend over sales.")
    tacos: Range | None = Field(default=None, description="Spend over all sales.")
    spend: Range | None = None
    orders: Range | None = None
    sales: Range | None = None
    profit: Range | None = Field(default=None, description="Only where the margin is known.")


class Effect(BaseModel):
    """One currency before and after the changes, and the difference."""

    currency: str | None = None
    before: Figures
    after: Figures
    difference: Figures = Field(description="After less before.")
    sales_at_risk: Range | None = None
    spent_again: Range | None = Field(
        default=None, description="Freed, but spent again by campaigns that reach their budget."
    )


class TouchedSum(BaseModel):
    """All rows of the report that the changes touch, added up, for one currency."""

    currency: str | None = None
    rows: int
    terms: int
    converting_terms: int = Field(description="Terms with an order.")
    clicks: int | None = None
    spend: Money | None = None
    orders: int | None = None
    sales: Money | None = None


class Touched(BaseModel):
    """A row of the report that a change touches, with its figures in the report."""

    change: CellText = Field(description="The text of the change.")
    effect: str | None = None
    term: CellText
    campaign: CellText | None = None
    ad_group: CellText | None = None
    product_id: CellText | None = Field(default=None, description="The own product it finds.")
    currency: str | None = None
    clicks: int | None = None
    spend: Money | None = None
    orders: int | None = None
    sales: Money | None = None


def effects(what_if: "WhatIf") -> list[Effect]:
    """Return what the changes do, a currency at a time."""
    return [
        Effect(
            currency=currency_code(code),
            **{
                side: _figures(getattr(one, side), code)
                for side in ("before", "after", "difference")
            },
            sales_at_risk=money_range(one.sales_at_risk, code),
            spent_again=money_range(one.spent_again, code) if one.spent_again.mean else None,
        )
        for code, one in what_if.by_currency.items()
    ]


def _figures(figures: Any, code: str | None) -> Figures:  # noqa: ANN401 - of impact
    return Figures(
        acos=share_range(figures.acos),
        tacos=share_range(figures.tacos),
        orders=count_range(figures.orders, "orders"),
        **{
            name: money_range(getattr(figures, name), code) for name in ("spend", "sales", "profit")
        },
    )


def touched_sums(touched: "pl.DataFrame") -> list[TouchedSum]:
    """Return the sums of the rows that changes touch, each row counted once."""
    import polars as pl

    rows = touched.unique(_ROW, maintain_order=True)
    sums = rows.group_by("currency", maintain_order=True).agg(
        pl.len().alias("rows"),
        pl.col("search_term").n_unique().alias("terms"),
        pl.col("search_term").filter(pl.col("orders") > 0).n_unique().alias("converting_terms"),
        pl.col("clicks", "spend", "orders", "sales").sum(),
    )
    return [_sum(row) for row in sums.to_dicts()]


_ROW = ("currency", "campaign", "ad_group", "search_term")


def _sum(row: dict[str, Any]) -> TouchedSum:
    code = currency_code(row["currency"])
    return TouchedSum(**(row | amounts(row, "spend", "sales") | {"currency": code}))


def touched_row(row: dict[str, Any]) -> Touched:
    """Return a row that a change touches."""
    return Touched(
        change=cell(str(row["text"])),
        effect=row["effect"],
        term=cell(row["search_term"]),
        **cells(row, "campaign", "ad_group", "product_id"),
        currency=currency_code(row["currency"]),
        **counts(row, "clicks", "orders"),
        **amounts(row, "spend", "sales"),
    )
