"""Whether a product's picture shows what its title says, and tells it from its neighbours."""

import numpy as np

from admatch.audit.material import SHARPNESS, Material
from admatch.audit.records import LOW, Aspect, Finding, Judged, severity_of
from admatch.encode.protocol import Vectors

BLOCK = 512  # pictures compared with a whole catalog at a time: 100 MB for 50,000 products
NEIGHBOURS = 20  # listings that a main picture has to tell its product from
SAME = 0.97  # cosine of titles that name the same thing, such as variations


def image_title(material: Material) -> Judged:
    """Return how well each main picture fits its title: better than other titles, or not.

    The signal is the log of the weight that a softmax over cosines gives to the own title, over
    that of an average other one; the score is its standing among reference listings. Of swapped
    pictures it finds AUROC .99 (tests/benchmarks/results/audit_swapped.json).
    """
    signal, places, vectors = _signals(material)
    scores = material.reference.standing("image_title", signal, seen=True)
    poor = np.flatnonzero(scores[places] <= LOW)
    best = _nearest(vectors[poor], material.titles)
    found = [
        _disagreement(material, int(places[row]), float(scores[places[row]]), int(other))
        for row, other in zip(poor, best, strict=True)
    ]
    return Judged(scores, found)


def _signals(material: Material) -> "tuple[np.ndarray, np.ndarray, Vectors]":
    """Return the signal of each product, and place and vector of each that has a picture."""
    main = material.pictures.main
    places, vectors = material.pictures.products[main], material.pictures.vectors[main]
    signal = np.full(len(material), np.nan)
    signal[places] = material.fit(vectors, material.titles[places], places)
    return signal, places, vectors


def _disagreement(material: Material, place: int, score: float, other: int) -> Finding:
    better = f"{min(99, 100 - score):.0f} of 100"
    evidence = f"The picture fits its own title less than {better} usual ones do"
    if other != place:
        evidence += f"; of this catalog's titles it fits {material.title(other)} best"
    return Finding(
        place,
        Aspect.IMAGE_TITLE,
        severity_of(score),
        score,
        evidence,
        "Check whether the picture is of this product; if it is, name in the title what it shows",
        other if other != place else None,
    )


def _nearest(asked: Vectors, titles: Vectors) -> "list[int]":
    found: list[int] = []
    for start in range(0, len(asked), BLOCK):
        found += (asked[start : start + BLOCK] @ titles.T).argmax(axis=1).tolist()
    return found


def main_picture(material: Material, near: "np.ndarray") -> Judged:
    """Return how well each main picture tells its product from the nearest other listings.

    The signal is the picture's cosine to its own listing less the softmax mean of those to the
    ``near`` (n, k) listings that are not the same thing; the score its standing among reference
    listings. A picture that fits them as well does not tell a shopper which of them it is. No
    finding: the picture of the nearest other listing is told from the own one with AUROC .74 only
    (tests/benchmarks/results/audit_main_picture.json), too little to accuse one.
    """
    main = material.pictures.main
    places, vectors = material.pictures.products[main], material.pictures.vectors[main]
    signal = np.full(len(material), np.nan)
    if len(places) and near.shape[1]:
        signal[places] = _told_apart(material, places, vectors, near[places])
    return Judged(material.reference.standing("main_picture", signal, seen=True), ())


def _told_apart(
    material: Material, places: "np.ndarray", vectors: Vectors, near: "np.ndarray"
) -> "np.ndarray":
    signal = np.empty(len(places))
    for start in range(0, len(places), BLOCK):
        part = slice(start, start + BLOCK)
        own = material.vectors[places[part]]
        rivals = material.vectors[near[part]]
        same = np.einsum("kd,kjd->kj", own, rivals) >= SAME
        likeness = SHARPNESS * np.einsum("kd,kjd->kj", vectors[part], rivals)
        likeness[same | (near[part] < 0)] = np.nan
        usual = np.log(np.nanmean(np.exp(likeness), axis=1))
        signal[part] = SHARPNESS * np.einsum("kd,kd->k", vectors[part], own) - usual
    return signal
