"""The audit of a catalog's listings: ``audit_listings``."""

import json
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
from admatch.messages import as_json, say
from admatch.progress import Progress, silent
from admatch.reports.records import SearchTermReport
from admatch.threads import steady_numpy

NEIGHBOURS = 20  # listings near in text that each listing is compared with
_WEIGHT = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}


@steady_numpy()
def audit_listings(
    index: Index,
    *,
    report: SearchTermReport | None = None,
    matches: Matches | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Audit:
    """Return the audit of the listings in an index.

    With a ``report``, or with its ``matches`` where they are known already, search terms show which
    words a listing lacks and which listings compete. With a ``cache`` folder no picture is encoded
    twice.

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
    terms, lacking = pl.DataFrame(schema=TERMS_SCHEMA), list[Finding]()
    if matches is not None:
        terms, lacking = missing_words(material, matches)
    found = [finding for one in judged.values() for finding in one.findings] + rivals + lacking
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
    counts = np.bincount([one.row for one in found], minlength=size)
    scores = pl.DataFrame(
        {aspect.value: judged[aspect].scores for aspect in (*SCORED, Aspect.BRAND_STYLE)}
    )
    scores = scores.fill_nan(None).with_columns(pl.all().round(1))
    return material.frame.select("product_id", "title", "brand").with_columns(
        pl.Series("pictures", material.pictures.counts(size)),
        pl.Series("findings", counts),
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
            one.row,
        ),
    )
    names, titles = frame["product_id"].to_list(), frame["title"].to_list()
    rows = [
        (
            names[one.row],
            titles[one.row],
            one.aspect.value,
            one.severity.value,
            None if one.score is None else round(one.score, 1),
            str(one.evidence),
            str(one.remedy),
            None if one.other is None else names[one.other],
            _messages(one),
        )
        for one in ordered
    ]
    return pl.DataFrame(rows, schema=FINDINGS_SCHEMA, orient="row")


def _messages(finding: Finding) -> str:
    both = {"evidence": as_json(finding.evidence), "remedy": as_json(finding.remedy)}
    return json.dumps(both, ensure_ascii=False)


def _notes(index: Index, material: Material, matches: Matches | None) -> list[str]:
    """Return what was not judged, and what it would take."""
    notes: list[str] = []
    if not index.parts.encoder.image_model:
        notes.append(say("audit.notes.text_only"))
    elif not len(material.pictures):
        notes.append(say("audit.notes.no_pictures"))
    if not material.english:
        notes.append(say("audit.notes.english_only"))
    if material.frame["bullets"].list.len().fill_null(0).sum() == 0:
        notes.append(say("audit.notes.no_bullets"))
    if matches is None:
        notes.append(say("audit.notes.no_report"))
    if not material.reference.same_text_encoder:
        notes.append(say("audit.notes.own_population"))
    return notes
