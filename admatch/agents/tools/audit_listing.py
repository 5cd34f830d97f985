"""The tool ``audit_listing``: what is wrong with a listing, or with all of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from admatch.agents.call import Call, CatalogFile, Currency, IndexFolder, files_of
from admatch.agents.cells import CellText, Sentence, cell, sentence
from admatch.agents.pages import Answer, Offset, Page, Rows, Sentences, Table, noted, sentences
from admatch.errors import InputError
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.audit.records import Audit
    from admatch.pipeline.open_index import ProductSource


class ListingFinding(BaseModel):
    """One thing to improve in a listing, with the evidence and what to do."""

    product_id: CellText
    product_title: CellText | None = None
    aspect: str
    severity: str = Field(description="high, medium or low.")
    score: float | None = Field(default=None, description="0 … 100: so many of 100 do worse.")
    evidence: Sentence
    remedy: Sentence
    other_id: CellText | None = Field(default=None, description="Another product it concerns.")


class AuditAnswer(Answer):
    """How many listings have findings, and the findings, worst first."""

    listings: int
    listings_with_findings: int
    findings: int
    not_judged: Sentences = Field(description="What was not judged, and why.")
    page: Page[ListingFinding]


def audit_listing(
    call: Call,
    catalog: CatalogFile = None,
    index: IndexFolder = None,
    product_id: Annotated[
        str | None, Field(description="Only this product's findings; all by default.")
    ] = None,
    reports: Annotated[
        list[str] | None, Field(description="Search terms, to find the words that listings lack.")
    ] = None,
    currency: Currency = None,
    offset: Offset = 0,
    rows: Rows = 15,
) -> AuditAnswer:
    """Find what is wrong with listings: words against pictures, stuffing, style, likeness."""
    source = call.needed_products(catalog, index)
    files = call.reports(reports or [])
    made = call.results.once(
        "audit_listing", [*files_of(source), *files], {"currency": currency},
        lambda: _audited(call, source, files, currency),
    )  # fmt: skip
    audit, notes = made.value
    made.tables["findings"] = Table(audit.findings, _finding, made.uri("findings"))
    found = audit.findings
    if product_id is not None:
        if product_id not in audit.products["product_id"]:
            raise InputError(say("agents.no_product", id=product_id))
        found = found.filter(found["product_id"] == product_id)
    return AuditAnswer(
        result=made.name,
        notes=noted((*made.notes, *notes, *map(str, audit.problems))),
        listings=len(audit) if product_id is None else 1,
        listings_with_findings=found["product_id"].n_unique(),
        findings=found.height,
        not_judged=sentences(audit.notes),
        page=Table(found, _finding).page(offset, rows),
    )


def _audited(
    call: Call, source: "ProductSource", files: list[Path], currency: str | None
) -> "tuple[Audit, tuple[str, ...]]":
    from admatch.audit.audit import audit_listings
    from admatch.reports.aggregate import read_any_size
    from admatch.reports.terms import shopper_terms

    call.progress("reading", 0, 1)
    report = read_any_size(files, currency=currency) if files else None
    terms = [] if report is None else shopper_terms(report).to_list()
    made = call.index(source, terms)
    index = made.value
    pictures = index.catalog.frame["images"].explode().drop_nulls()
    if not all(Path(one).resolve().is_relative_to(call.root.folder) for one in pictures):
        raise InputError(say("agents.pictures"))
    return audit_listings(index, report=report, progress=call.progress), made.notes


def _sentence(text: str, message: Any) -> Sentence:  # noqa: ANN401 - JSON
    known = message["id"] if isinstance(message, dict) else None
    return sentence(text).model_copy(update={"id": known})


def _finding(row: dict[str, Any]) -> ListingFinding:
    import json

    said = json.loads(row["messages"]) if row["messages"] else {}
    return ListingFinding(
        product_id=cell(row["product_id"]),
        product_title=cell(row["title"]),
        aspect=row["aspect"],
        severity=row["severity"],
        score=None if row["score"] is None else round(row["score"], 1),
        evidence=_sentence(row["evidence"], said.get("evidence")),
        remedy=_sentence(row["remedy"], said.get("remedy")),
        other_id=cell(row["other_id"]),
    )
