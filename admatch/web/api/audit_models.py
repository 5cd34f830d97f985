"""What the API answers about audits."""

from datetime import datetime

from pydantic import Field

from admatch.web.api.models import Model, RowProblem
from admatch.web.api.sentence import Sentence
from admatch.web.store.queue import State


class NewAudit(Model):
    """An audit to start; with search terms it finds which words listings lack."""

    report_id: str | None = Field(None, max_length=64)


class AspectCount(Model):
    """How many findings there are of an aspect and a severity."""

    aspect: str
    severity: str
    findings: int


class BrandStyle(Model):
    """How alike a brand's pictures are, 0 … 100, and which products stand out."""

    brand: str | None
    products: int
    pictured: int
    consistency: float | None
    outliers: list[str]


class AuditSummary(Model):
    """What an audit found, in numbers; ``scores`` are means over the products."""

    products: int
    findings: int
    with_findings: int
    counts: list[AspectCount]
    scores: dict[str, float | None]
    brands: list[BrandStyle]
    notes: list[Sentence]
    problems: list[RowProblem]
    problem_count: int


class Audit(Model):
    """A catalog's newest audit."""

    id: str
    state: State
    reason: Sentence | None
    catalog_id: str
    report_id: str | None
    created: datetime
    stage: str | None = Field(description="While it is running.")
    done: int
    total: int
    summary: AuditSummary | None
    downloads: list[str]


class Finding(Model):
    """One thing to improve: what was seen, and what to do."""

    product_id: str
    title: str | None
    aspect: str
    severity: str
    score: float | None
    evidence: Sentence
    remedy: Sentence
    other_id: str | None
    picture: str | None


class Findings(Model):
    """A page of findings."""

    total: int
    page: int
    size: int
    items: list[Finding]


class AuditedProduct(Model):
    """A product's scores, 0 … 100; null where one is unknown."""

    product_id: str
    title: str | None
    brand: str | None
    pictures: int
    findings: int
    score: float | None
    scores: dict[str, float | None]
    picture: str | None


class AuditedProducts(Model):
    """A page of products."""

    total: int
    page: int
    size: int
    items: list[AuditedProduct]


class SimilarProduct(Model):
    """A product that is near in text, image or both, or that the same terms retrieve."""

    space: str
    rank: int
    other_id: str
    other_title: str | None
    similarity: float | None
    kind: str
    shared_terms: int | None
    shared_spend: float | None


class LackedTerm(Model):
    """A search term whose words a listing lacks."""

    search_term: str
    currency: str | None
    clicks: int | None
    spend: float | None
    orders: int | None
    sales: float | None
    probability: float | None
    missing: list[str]


class ProductFinding(Model):
    """A finding of one product."""

    aspect: str
    severity: str
    score: float | None
    evidence: Sentence
    remedy: Sentence
    other_id: str | None


class AuditedProductDetail(AuditedProduct):
    """A product with all that was found about it."""

    details: list[ProductFinding]
    similar: list[SimilarProduct]
    terms: list[LackedTerm]
