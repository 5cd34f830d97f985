"""What further pictures add to the first."""

import numpy as np
import numpy.typing as npt

from admatch.audit.material import Material
from admatch.audit.records import Aspect, Finding, Floats, Judged, Severity

# Cosine to an earlier picture of the product above which nothing new is shown, and fit to the
# listing below which the picture is about something else: told of planted ones, and false alarms,
# are in tests/benchmarks/results/audit_further.json.
AGAIN, ASTRAY = 0.92, 0.0
FEW = 0.5  # of the catalog's median number of pictures


def more_pictures(material: Material) -> Judged:
    """Return what share of each product's further pictures adds something: new, and of it.

    A picture that nearly repeats an earlier one, or that fits other listings as well as its own,
    decorates. 100 where all add; NaN where there is none beside the first. Not a standing but a
    plain share. A+ pictures count as further ones where the catalog lists them.
    """
    scores, found = np.full(len(material), np.nan), []
    starts, counts = material.pictures.starts, material.pictures.counts(len(material))
    again, fits = repetition(material), picture_fits(material)
    usual = float(np.median(counts[counts > 0])) if (counts > 0).any() else 0.0
    for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        place, total = int(material.pictures.products[first]), end - first - 1
        if total:
            rows = np.arange(first + 1, end)
            same, astray = again[rows] > AGAIN, fits[rows] < ASTRAY
            scores[place] = 100 * (1 - (same | astray).mean())
            found += _wasted(place, float(scores[place]), same, astray & ~same)
        if total + 1 <= FEW * usual:
            found.append(_few(place, total + 1, usual))
    return Judged(scores, found)


def repetition(material: Material) -> Floats:
    """Return the cosine of each picture to the nearest earlier one of its product; -1 for none."""
    pictures, found = material.pictures, np.full(len(material.pictures), -1.0)
    for first, end in zip(pictures.starts[:-1], pictures.starts[1:], strict=True):
        own = pictures.vectors[first:end]
        likeness = np.where(np.tri(end - first, k=-1, dtype=bool), own @ own.T, -1.0)
        found[first:end] = likeness.max(axis=1)
    return found


def picture_fits(material: Material) -> npt.NDArray[np.float64]:
    """Return how much better each picture fits its own listing than others."""
    places = material.pictures.products
    return material.fit(material.pictures.vectors, material.vectors[places], places)


def _wasted(place: int, score: float, same: np.ndarray, astray: np.ndarray) -> list[Finding]:
    reasons = [
        f"{word} {_numbers(which)} {what}"
        for which, what in ((same, "nearly repeats another"), (astray, "is not of this product"))
        if which.any()
        for word in ["Picture"]
    ]
    if not reasons:
        return []
    return [
        Finding(
            place,
            Aspect.MORE_PICTURES,
            Severity.MEDIUM if score < 50 else Severity.LOW,
            score,
            "; ".join(reasons),
            "Show another side instead: its size beside something, its material, its use",
        )
    ]


def _numbers(which: np.ndarray) -> str:
    """Return the numbers that a shopper would count: the main picture is the first."""
    return ", ".join(str(number + 2) for number in np.flatnonzero(which))


def _few(place: int, count: int, usual: float) -> Finding:
    own = "one picture" if count == 1 else f"{count} pictures"
    return Finding(
        place,
        Aspect.MORE_PICTURES,
        Severity.LOW,
        None,
        f"There is only {own}; the catalog’s listings have {usual:.0f} as a rule",
        "Add pictures of its size, its material and its use",
    )
