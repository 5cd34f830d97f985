"""A catalog's listings, audited: ``audit_listings``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from admatch.audit.agreement import image_title, main_picture
from admatch.audit.brands import brand_style
from admatch.audit.bullets import bullets_and_title
from admatch.audit.claims import image_claims
from admatch.audit.description import description
from admatch.audit.gallery import more_pictures
from admatch.audit.keywords import keywords
from admatch.audit.material import Material
from admatch.audit.missing_words import missing_words
from admatch.audit.neighbours import nearest
from admatch.audit.records import (
    FINDINGS_SCHEMA,
    SCORED,
    TERMS_SCHEMA,
    Aspect,
    Audit,
    Finding,
    Judged,
    Severity,
)
from admatch.audit.similar import similar_products, spaces
from admatch.audit.stuffing import stuffing
from admatch.index.index import Index
from admatch.match.records import Matches
from admatch.progress import Progress, silent
from admatch.reports.records import SearchTermReport

NEIGHBOURS = 20  # by text, that a listing is compared with
_WEIGHT = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}


def audit_listings(
    index: Index,
    *,
    report: SearchTermReport | None = None,
    matches: Matches | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Audit:
    """Return what is good and bad about the listings of an index.

    With a ``report``, or its ``matches`` where they are known already, terms say which words a
    listing lacks and which listings compete. With a ``cache`` folder no picture is encoded twice.

    >>> audit = am.audit_listings(index, matches=matches)
    >>> audit.products.height, "missing_words" in audit.findings["aspect"]
    (81, True)
    """
    if matches is None and report is not None:
        matches = index.match(report, progress=progress)
    material = Material.gathered(index.parts, cache, progress)
    near = nearest(material.vectors, NEIGHBOURS)
    progress("comparing listings", 1, 2)
    styled, brands = brand_style(material)
    judged = {
        Aspect.IMAGE_TITLE: image_title(material),
        Aspect.IMAGE_CLAIMS: image_claims(material),
        Aspect.BULLETS: bullets_and_title(material),
        Aspect.SEARCH_TERMS: keywords(material),
        Aspect.STUFFING: stuffing(material),
        Aspect.DESCRIPTION: description(material, near.others),
        Aspect.MAIN_PICTURE: main_picture(material, near.others),
        Aspect.MORE_PICTURES: more_pictures(material),
        Aspect.BRAND_STYLE: styled,
    }
    alike, rivals = similar_products(material, spaces(material, near), matches)
    terms, wishes = pl.DataFrame(schema=TERMS_SCHEMA), list[Finding]()
    if matches is not None:
        terms, wishes = missing_words(material, matches)
    found = [finding for one in judged.values() for finding in one.findings] + rivals + wishes
    progress("comparing listings", 2, 2)
    return Audit(
        _products(material, judged, found),
        _findings(material.frame, found),
        alike,
        brands,
        terms,
        tuple(_notes(index, material, matches)),
        material.pictures.problems,
    )


def _products(
    material: Material, judged: dict[Aspect, Judged], found: Sequence[Finding]
) -> pl.DataFrame:
    size = len(material)
    told = np.bincount([one.place for one in found], minlength=size)
    scores = pl.DataFrame(
        {aspect.value: judged[aspect].scores for aspect in (*SCORED, Aspect.BRAND_STYLE)}
    )
    scores = scores.fill_nan(None).with_columns(pl.all().round(1))
    return material.frame.select("product_id", "title", "brand").with_columns(
        pl.Series("pictures", material.pictures.counts(size)),
        pl.Series("findings", told),
        scores.select(score=pl.mean_horizontal([aspect.value for aspect in SCORED]).round(1))[
            "score"
        ],
        *scores.get_columns(),
    )


def _findings(frame: pl.DataFrame, found: Sequence[Finding]) -> pl.DataFrame:
    """Return one row a finding: by severity, then by score, then in the catalog's order."""
    ordered = sorted(
        found,
        key=lambda one: (
            _WEIGHT[one.severity],
            101.0 if one.score is None else one.score,
            one.place,
        ),
    )
    names, titles = frame["product_id"].to_list(), frame["title"].to_list()
    rows = [
        (
            names[one.place],
            titles[one.place],
            one.aspect.value,
            one.severity.value,
            None if one.score is None else round(one.score, 1),
            one.evidence,
            one.remedy,
            None if one.other is None else names[one.other],
        )
        for one in ordered
    ]
    return pl.DataFrame(rows, schema=FINDINGS_SCHEMA, orient="row")


def _notes(index: Index, material: Material, matches: Matches | None) -> list[str]:
    """Return what was not judged, and what it would take."""
    notes = []
    if not index.parts.encoder.image_model:
        notes.append("pictures were not looked at: this encoder reads text only")
    elif not len(material.pictures):
        notes.append("no product has a picture that can be read: give the catalog an image column")
    if not material.english:
        notes.append("colours claimed and what a text covers are judged in English only")
    if material.frame["bullets"].list.len().fill_null(0).sum() == 0:
        notes.append("no product has bullets")
    if matches is None:
        notes.append("without a search-term report, no missing words and no competing listings")
    if not material.reference.reads:
        notes.append("the encoder is not the reference population's: scores are within the catalog")
    return notes
