"""Every row of a report by outcome, with what each outcome cost and sold: ``Summary``."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from admatch.export.terms import term_lines
from admatch.match.records import Matches, Outcome


@dataclass(frozen=True, slots=True)
class Amounts:
    """Clicks, spend and sales of one outcome in one currency; None where the report has none."""

    currency: str | None
    clicks: int | None
    spend: float | None
    sales: float | None
    orders: int | None
    spend_share: float | None  # of all spend in this currency, 0 … 1

    @property
    def acos(self) -> float | None:
        """Spend over sales, or None where either is missing or nothing was sold."""
        return self.spend / self.sales if self.spend is not None and self.sales else None


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """The number of rows and distinct terms of one outcome, and its amounts by currency."""

    outcome: Outcome
    rows: int
    terms: int
    amounts: tuple[Amounts, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A report's rows by outcome: their ``rows`` add up to ``rows_read``, without ``skipped`` ones.

    ``outcomes`` has all outcomes, in the order of ``Outcome``.
    """

    rows_read: int
    skipped: int
    currencies: tuple[str | None, ...]
    outcomes: tuple[OutcomeLine, ...]

    def __getitem__(self, outcome: Outcome) -> OutcomeLine:
        return next(line for line in self.outcomes if line.outcome == outcome)


def summarise(matches: Matches) -> Summary:
    """Return the report's rows, terms and amounts by outcome; currencies with most rows first."""
    lines = term_lines(matches)
    by_rows = lines.group_by("currency", maintain_order=True).agg(pl.col("rows").sum())
    by_rows = by_rows.sort("rows", descending=True, maintain_order=True)
    currencies = tuple(by_rows["currency"].to_list())
    return Summary(
        rows_read=len(matches.report),
        skipped=matches.report.skipped,
        currencies=currencies,
        outcomes=tuple(_outcome_line(lines, outcome, currencies) for outcome in Outcome),
    )


def _outcome_line(
    lines: pl.DataFrame, outcome: Outcome, currencies: Sequence[str | None]
) -> OutcomeLine:
    mine = lines.filter(pl.col("outcome") == outcome.value)
    return OutcomeLine(
        outcome=outcome,
        rows=int(mine["rows"].sum()),
        terms=mine.select("search_term", "term_kind").n_unique(),
        amounts=tuple(_amounts(lines, mine, currency) for currency in currencies),
    )


def _amounts(lines: pl.DataFrame, mine: pl.DataFrame, currency: str | None) -> Amounts:
    in_currency = pl.col("currency").eq_missing(pl.lit(currency, dtype=pl.String))
    part = mine.filter(in_currency)
    spend, all_spend = _total(part, "spend"), _total(lines.filter(in_currency), "spend")
    return Amounts(
        currency=currency,
        clicks=_count(part, "clicks"),
        spend=spend,
        sales=_total(part, "sales"),
        orders=_count(part, "orders"),
        spend_share=spend / all_spend if spend is not None and all_spend else None,
    )


def _total(part: pl.DataFrame, column: str) -> float | None:
    known = part[column].drop_nulls()
    return float(known.sum()) if known.len() or not part.height else None


def _count(part: pl.DataFrame, column: str) -> int | None:
    total = _total(part, column)
    return None if total is None else int(total)
