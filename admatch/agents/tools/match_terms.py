"""The tool ``match_terms``: the product that each search term is about, or none."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from admatch.agents.call import Call, CatalogFile, Currency, IndexFolder, Reports, files_of
from admatch.agents.cells import CellText, cell, currency_code
from admatch.agents.figures import Money, Share, amounts, counts, share
from admatch.agents.pages import Answer, Offset, Page, Rows, Sentences, Table, noted, sentences

if TYPE_CHECKING:
    import polars as pl

    from admatch.agents.results import Result
    from admatch.errors import Problem
    from admatch.pipeline.matching import Matched
    from admatch.pipeline.open_index import ProductSource


class OutcomeSum(BaseModel):
    """What was spent on terms of one outcome, in one currency."""

    outcome: str = Field(description="match, related, none or not_applicable.")
    currency: str | None = None
    terms: int
    clicks: int | None = None
    spend: Money | None = None
    orders: int | None = None
    sales: Money | None = None


class MatchedTerm(BaseModel):
    """A search term, all its rows added up, and the product that it is about."""

    term: CellText
    outcome: str
    probability: Share | None = Field(default=None, description="That a product is meant.")
    product_id: CellText | None = None
    product_title: CellText | None = None
    currency: str | None = None
    clicks: int | None = None
    spend: Money | None = None
    orders: int | None = None
    sales: Money | None = None


class MatchAnswer(Answer):
    """The totals by outcome, and the terms, those first that cost most."""

    outcomes: list[OutcomeSum]
    doubts: Sentences = Field(description="Why the catalog may be of another account.")
    page: Page[MatchedTerm]


def match_terms(
    call: Call,
    reports: Reports,
    catalog: CatalogFile = None,
    index: IndexFolder = None,
    currency: Currency = None,
    offset: Offset = 0,
    rows: Rows = 20,
) -> MatchAnswer:
    """Find the own product that each search term is about, by meaning, or that there is none.

    The outcome is match (a product of theirs), related (of a kind that they sell), none, or
    not_applicable (no words of a shopper). Use the totals as they are; never add up the rows.
    """
    files, source = call.reports(reports), call.needed_products(catalog, index)
    made = call.results.once(
        "match_terms", [*files, *files_of(source)], {"currency": currency},
        lambda: _matched(call, files, source, currency),
    )  # fmt: skip
    made.tables["terms"] = terms_table(made)
    found: Matched = made.value
    return MatchAnswer(
        result=made.name,
        notes=noted((*made.notes, *map(str, _problems(found)))),
        outcomes=[_sums(one) for one in _outcomes(found)],
        doubts=sentences(found.doubts),
        page=made.tables["terms"].page(offset, rows),
    )


def _matched(
    call: Call, files: list[Path], source: "ProductSource", currency: str | None
) -> "Matched":
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.matching import match
    from admatch.reports.aggregate import read_any_size

    call.progress("reading", 0, 1)
    report = read_any_size(files, currency=currency)
    return match(report, source, call.progress, cache=FolderCache())


def _outcomes(found: "Matched") -> list[dict[str, Any]]:
    from admatch.pipeline.summary import outcome_sums

    return outcome_sums(found.matches)


def _problems(found: "Matched") -> "list[Problem]":
    """Return what was skipped of the report, the catalog and its pictures."""
    catalog = found.matches.catalog
    of_catalog = catalog.problems if catalog is not None else ()
    return [*found.matches.report.problems, *of_catalog, *found.problems]


def _sums(row: dict[str, Any]) -> OutcomeSum:
    return OutcomeSum(
        outcome=row["outcome"] or "not_applicable",
        currency=currency_code(row["currency"]),
        terms=row["terms"],
        **_figures(row),
    )


def terms_table(made: "Result") -> Table[MatchedTerm]:
    """Return a row for each term and currency, the costliest first."""
    return Table(_terms(made.value), _term, made.uri("terms"))


def _terms(found: "Matched") -> "pl.DataFrame":
    from admatch.pipeline.records import term_lines

    lines = term_lines(found.matches)
    best = found.matches.frame.select("search_term", "product_id", "title")
    wide = lines.join(
        best.unique("search_term", maintain_order=True),
        on="search_term",
        how="left",
        maintain_order="left",
    )
    return wide.sort("spend", descending=True, nulls_last=True, maintain_order=True)


def _term(row: dict[str, Any]) -> MatchedTerm:
    meant = row["outcome"] == "match"
    return MatchedTerm(
        term=cell(row["search_term"]),
        outcome=row["outcome"],
        probability=share(row["probability"]),
        product_id=cell(row["product_id"]) if meant else None,
        product_title=cell(row["title"]) if meant else None,
        currency=currency_code(row["currency"]),
        **_figures(row),
    )


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    return counts(row, "clicks", "orders") | amounts(row, "spend", "sales")
