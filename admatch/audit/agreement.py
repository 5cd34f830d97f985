"""Whether a product's picture shows what its title says, and sets it apart from similar ones."""

import numpy as np

from admatch.audit.material import SHARPNESS, Material
from admatch.audit.records import LOW, Aspect, Finding, Judged, severity_of
from admatch.encode.protocol import Vectors
from admatch.messages import say

BLOCK = 512  # pictures compared with a whole catalog at a time: 100 MB for 50,000 products
NEIGHBOURS = 20  # listings that a main picture has to set its product apart from
SAME = 0.97  # cosine of titles that name the same thing, such as variations


def image_title(material: Material) -> Judged:
    """Return how well each main picture fits its own title, compared with other titles.

    The signal is the log of the softmax weight, over cosines, of the own title relative to an
    average other one; the score is its standing among reference listings. Swapped pictures are
    told from right ones with AUROC .99 (tests/benchmarks/results/audit_swapped.json).
    """
    signal, rows, vectors = _signals(material)
    scores = material.reference.standing("image_title", signal, seen=True)
    poor = np.flatnonzero(scores[rows] <= LOW)
    best = _nearest(vectors[poor], material.titles)
    found = [
        _disagreement(material, int(rows[at]), float(scores[rows[at]]), int(other))
        for at, other in zip(poor, best, strict=True)
    ]
    return Judged(scores, found)


def _signals(material: Material) -> "tuple[np.ndarray, np.ndarray, Vectors]":
    """Return the signal of each product, and row and vector of each that has a picture."""
    main = material.pictures.main
    rows, vectors = material.pictures.products[main], material.pictures.vectors[main]
    signal = np.full(len(material), np.nan)
    signal[rows] = material.fit(vectors, material.titles[rows], rows)
    return signal, rows, vectors


def _disagreement(material: Material, row: int, score: float, other: int) -> Finding:
    better = round(min(99, 100 - score))
    if other == row:
        evidence = say("audit.image_title.evidence", better=better)
    else:
        title = material.title(other)
        evidence = say("audit.image_title.evidence_other", better=better, title=title)
    return Finding(
        row,
        Aspect.IMAGE_TITLE,
        severity_of(score),
        score,
        evidence,
        say("audit.image_title.remedy"),
        other if other != row else None,
    )


def _nearest(vectors: Vectors, titles: Vectors) -> "list[int]":
    """Return the row of the nearest title for each vector."""
    rows: list[int] = []
    for start in range(0, len(vectors), BLOCK):
        rows += (vectors[start : start + BLOCK] @ titles.T).argmax(axis=1).tolist()
    return rows


def main_picture(material: Material, near: "np.ndarray") -> Judged:
    """Return how well each main picture sets its product apart from the nearest other listings.

    The signal is the picture's cosine to its own listing less the softmax mean of its cosines to
    the ``near`` (n, k) listings that are not the same thing; the score is its standing among
    reference listings. A picture that fits them as well does not show a shopper which of them it
    is. There are no findings: the picture of the nearest other listing is told from the own one
    with AUROC .74 only (tests/benchmarks/results/audit_main_picture.json), too little to blame one.
    """
    main = material.pictures.main
    rows, vectors = material.pictures.products[main], material.pictures.vectors[main]
    signal = np.full(len(material), np.nan)
    if len(rows) and near.shape[1]:
        signal[rows] = _separation(material, rows, vectors, near[rows])
    return Judged(material.reference.standing("main_picture", signal, seen=True), ())


def _separation(
    material: Material, rows: "np.ndarray", vectors: Vectors, near: "np.ndarray"
) -> "np.ndarray":
    """Return the signal of ``main_picture`` for the products of some rows."""
    signal = np.empty(len(rows))
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        own = material.vectors[rows[part]]
        rivals = material.vectors[near[part]]
        same = np.einsum("kd,kjd->kj", own, rivals) >= SAME
        likeness = SHARPNESS * np.einsum("kd,kjd->kj", vectors[part], rivals)
        likeness[same | (near[part] < 0)] = np.nan
        usual = np.log(np.nanmean(np.exp(likeness), axis=1))
        signal[part] = SHARPNESS * np.einsum("kd,kd->k", vectors[part], own) - usual
    return signal
