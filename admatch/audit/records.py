"""The result of an audit: an ``Audit`` of frames, made from ``Finding`` records."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.errors import Problem

Floats = npt.NDArray[np.float64]


class Aspect(StrEnum):
    """What is looked at in a listing; the first eight have a score, 0 … 100, in ``products``.

    A score is the number of listings, of 100 in a reference population, that do worse; some are
    plain shares. It is null where there is nothing to judge (no picture, no bullets, another
    language).
    """

    IMAGE_TITLE = "image_title"
    IMAGE_CLAIMS = "image_claims"
    BULLETS = "bullets"
    SEARCH_TERMS = "search_terms"
    STUFFING = "stuffing"
    DESCRIPTION = "description"
    MAIN_PICTURE = "main_picture"
    MORE_PICTURES = "more_pictures"
    BRAND_STYLE = "brand_style"
    LIKENESS = "likeness"
    MISSING_WORDS = "missing_words"


SCORED = tuple(Aspect)[:8]


class Severity(StrEnum):
    """How much a finding matters; ``HIGH`` comes first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Finding(NamedTuple):
    """One thing to improve: the evidence, and what to do.

    ``row`` and ``other`` are row numbers of the product and of another one that it concerns.
    """

    row: int
    aspect: Aspect
    severity: Severity
    score: float | None
    evidence: str
    remedy: str
    other: int | None = None


class Judged(NamedTuple):
    """The scores (n,) of one aspect, NaN where there is nothing to judge, and its findings."""

    scores: Floats
    findings: Sequence[Finding]


FINDINGS_SCHEMA: dict[str, pl.DataType] = {
    "product_id": pl.String(),
    "title": pl.String(),
    "aspect": pl.String(),  # an Aspect
    "severity": pl.String(),  # a Severity
    "score": pl.Float64(),
    "evidence": pl.String(),
    "remedy": pl.String(),
    "other_id": pl.String(),
    "messages": pl.String(),  # JSON: evidence and remedy as ``admatch.messages.as_json`` has them
}
SIMILAR_SCHEMA: dict[str, pl.DataType] = {
    "product_id": pl.String(),
    "space": pl.String(),  # text, image, mixed, or terms: both are retrieved by the same terms
    "rank": pl.Int64(),
    "other_id": pl.String(),
    "other_title": pl.String(),
    "similarity": pl.Float64(),  # cosine; for terms, the share of them that retrieve both
    "kind": pl.String(),  # similar, near-duplicate, variation, or cannibalising
    "shared_terms": pl.Int64(),
    "shared_spend": pl.Float64(),
}
BRANDS_SCHEMA: dict[str, pl.DataType] = {
    "brand": pl.String(),
    "products": pl.Int64(),
    "pictured": pl.Int64(),
    "consistency": pl.Float64(),  # 0 … 100
    "outliers": pl.List(pl.String()),
}
TERMS_SCHEMA: dict[str, pl.DataType] = {
    "search_term": pl.String(),
    "product_id": pl.String(),
    "title": pl.String(),
    "currency": pl.String(),
    "clicks": pl.Int64(),
    "spend": pl.Float64(),
    "orders": pl.Int64(),
    "sales": pl.Float64(),
    "probability": pl.Float64(),
    "missing": pl.List(pl.String()),
}


@dataclass(frozen=True)
class Audit:
    """The findings about a catalog's listings.

    ``products`` has one row a product in the catalog's order: ``product_id``, ``title``,
    ``brand``, ``pictures`` (the number that can be read), ``findings`` (their number), ``score``
    (the mean of its scores) and one column for each of ``SCORED``. ``findings`` has one row a
    finding, worst first. ``similar`` has the products that are near in text, picture or both, or
    retrieved by the same terms, ``brands`` the style of each brand's pictures, ``terms`` the search
    terms whose words a listing lacks. ``notes`` say what was not judged and why, ``problems`` which
    pictures cannot be read.
    """

    products: pl.DataFrame
    findings: pl.DataFrame
    similar: pl.DataFrame
    brands: pl.DataFrame
    terms: pl.DataFrame
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return self.products.height


def severity_of(score: float) -> Severity:
    """Return the severity of a finding with this score."""
    return Severity.HIGH if score <= HIGH else Severity.MEDIUM if score <= MEDIUM else Severity.LOW


# Of 100 sound listings, five get a finding and two of those a severe one: what detecting planted
# faults costs in false alarms is in tests/benchmarks/results/audit_*.json.
HIGH, MEDIUM, LOW = 1.0, 2.0, 5.0
