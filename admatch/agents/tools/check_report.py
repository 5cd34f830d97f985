"""The tool ``check_report``: what a file is, its days and totals, and whether it can be used."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from admatch.agents.call import Call, Currency
from admatch.agents.cells import CellText, Sentence, cell, currency_code, sentence
from admatch.agents.figures import Money, Share, amounts, counts, share
from admatch.agents.pages import Answer, Offset, Page, Rows, Sentences, Table, sentences


class Sums(BaseModel):
    """All rows of a report added up, for one currency."""

    currency: str | None = None
    impressions: int | None = None
    clicks: int | None = None
    spend: Money | None = None
    orders: int | None = None
    units: int | None = None
    sales: Money | None = None
    acos: Share | None = Field(default=None, description="Spend over sales.")


class TermCount(BaseModel):
    """How many distinct search terms are of a kind: keyword, ASIN, category, …."""

    kind: str
    terms: int


class ReportFacts(BaseModel):
    """A search-term report: its size, days and sums."""

    rows: int
    skipped: int
    repeated: int = Field(description="Rows left out because they stand there twice.")
    granularity: str
    first_day: str | None = None
    last_day: str | None = None
    window_days: int | None = Field(default=None, description="Days of attribution.")
    terms: list[TermCount]
    totals: list[Sums]


class EntityCount(BaseModel):
    """How many rows of an account file are of one kind."""

    entity: CellText
    rows: int


class IssueCount(BaseModel):
    """How many keywords have an issue: duplicate, competing, blocked or never-serves."""

    issue: str
    keywords: int


class AccountFacts(BaseModel):
    """A bulk download of an account."""

    rows: int
    skipped: int
    entities: list[EntityCount]
    hygiene: list[IssueCount]


class CatalogFacts(BaseModel):
    """A catalog of products."""

    products: int
    skipped: int


class CheckAnswer(Answer):
    """What was found in one file; a bulk file can be a report and an account at once."""

    file: str
    usable: bool
    refusal: Sentence | None = Field(default=None, description="Why it cannot be used.")
    what: Sentences
    report: ReportFacts | None = None
    account: AccountFacts | None = None
    catalog: CatalogFacts | None = None
    page: Page[Sentence] = Field(description="What was skipped or looks wrong, with the remedy.")


def check_report(
    call: Call,
    file: Annotated[str, Field(description="Any file of the advertiser, relative to the root.")],
    currency: Currency = None,
    offset: Offset = 0,
    rows: Rows = 10,
) -> CheckAnswer:
    """Say what a file is, its period, currencies and totals, and what in it cannot be trusted.

    Call this first for every file. The totals are those of the file's rows; never add up rows.
    """
    path = call.root.file(file)
    made = call.results.once(
        "check_report", [path], {"currency": currency}, lambda: _found(call, path, currency)
    )
    problems = Table(made.value["problems"], lambda row: sentence(row["problem"]))
    found = made.value["facts"]
    refusal = found["refusal"]
    return CheckAnswer(
        file=file,
        usable=found["usable"],
        refusal=None if refusal is None else sentence(refusal),
        what=sentences(found["what"]),
        report=found["report"] and _report(found["report"]),
        account=found["account"] and _account(found["account"]),
        catalog=found["catalog"] and CatalogFacts(**found["catalog"]),
        page=problems.page(offset, rows),
    )


def _found(call: Call, path: Path, currency: str | None) -> dict[str, Any]:
    import polars as pl

    from admatch.pipeline.inspect_file import check_file, facts

    call.progress("reading", 0, 1)
    found = facts(check_file(path, currency))
    call.progress("reading", 1, 1)
    return {
        "facts": found,
        "problems": pl.DataFrame({"problem": found["problems"]}, schema={"problem": pl.String}),
    }


def _report(found: dict[str, Any]) -> ReportFacts:
    first, last = found["period"] or (None, None)
    return ReportFacts(
        **{name: found[name] for name in ("rows", "skipped", "repeated", "granularity")},
        first_day=first,
        last_day=last,
        window_days=found["window_days"],
        terms=[TermCount(kind=kind, terms=many) for kind, many in found["terms"].items()],
        totals=[_sums(total) for total in found["totals"]],
    )


def _sums(total: dict[str, Any]) -> Sums:
    return Sums(
        currency=currency_code(total["currency"]),
        acos=share(total["acos"]),
        **counts(total, "impressions", "clicks", "orders", "units"),
        **amounts(total, "spend", "sales"),
    )


def _account(found: dict[str, Any]) -> AccountFacts:
    kinds = [EntityCount(entity=cell(one), rows=many) for one, many in found["entities"].items()]
    issues = [IssueCount(issue=one, keywords=many) for one, many in found["hygiene"].items()]
    return AccountFacts(
        rows=found["rows"], skipped=found["skipped"], entities=kinds[:20], hygiene=issues
    )
