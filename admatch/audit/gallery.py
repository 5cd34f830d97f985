"""What further pictures add to the first."""

import numpy as np
import numpy.typing as npt

from admatch.audit.material import Material
from admatch.audit.records import Aspect, Finding, Floats, Judged, Severity
from admatch.messages import say

# Cosine to an earlier picture of the product above which nothing new is shown, and fit to the
# listing below which a picture is about something else. How many planted ones that finds, and its
# false alarms, are in tests/benchmarks/results/audit_further.json.
AGAIN, ASTRAY = 0.92, 0.0
FEW = 0.5  # share of the catalog's median number of pictures


def more_pictures(material: Material) -> Judged:
    """Return the share of each product's further pictures that add something.

    A picture that nearly repeats an earlier one, or that fits other listings as well as its own,
    adds nothing. 100 where all add; NaN where there is only the first. This is a plain share, not a
    standing. A+ pictures count as further ones where the catalog lists them.
    """
    scores, found = np.full(len(material), np.nan), []
    starts, counts = material.pictures.starts, material.pictures.counts(len(material))
    again, fits = repetition(material), picture_fits(material)
    usual = float(np.median(counts[counts > 0])) if (counts > 0).any() else 0.0
    for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        row, total = int(material.pictures.products[first]), end - first - 1
        if total:
            further = np.arange(first + 1, end)
            same, astray = again[further] > AGAIN, fits[further] < ASTRAY
            scores[row] = 100 * (1 - (same | astray).mean())
            found += _wasted(row, float(scores[row]), same, astray & ~same)
        if total + 1 <= FEW * usual:
            found.append(_few(row, total + 1, usual))
    return Judged(scores, found)


def repetition(material: Material) -> Floats:
    """Return the cosine of each picture to the nearest earlier one of its product, or -1."""
    pictures, found = material.pictures, np.full(len(material.pictures), -1.0)
    for first, end in zip(pictures.starts[:-1], pictures.starts[1:], strict=True):
        own = pictures.vectors[first:end]
        likeness = np.where(np.tri(end - first, k=-1, dtype=bool), own @ own.T, -1.0)
        found[first:end] = likeness.max(axis=1)
    return found


def picture_fits(material: Material) -> npt.NDArray[np.float64]:
    """Return how much better each picture fits its own listing than others."""
    rows = material.pictures.products
    return material.fit(material.pictures.vectors, material.vectors[rows], rows)


def _wasted(row: int, score: float, same: np.ndarray, astray: np.ndarray) -> list[Finding]:
    reasons = []
    if same.any():
        n = int(same.sum())
        reasons.append(say("audit.more_pictures.repeats", numbers=_numbers(same), n=n))
    if astray.any():
        n = int(astray.sum())
        reasons.append(say("audit.more_pictures.astray", numbers=_numbers(astray), n=n))
    if not reasons:
        return []
    if len(reasons) > 1:
        reasons = [say("audit.more_pictures.both", first=reasons[0], second=reasons[1])]
    severity = Severity.MEDIUM if score < 50 else Severity.LOW
    remedy = say("audit.more_pictures.wasted_remedy")
    return [Finding(row, Aspect.MORE_PICTURES, severity, score, reasons[0], remedy)]


def _numbers(which: np.ndarray) -> str:
    """Return the numbers of further pictures as a shopper counts: the main picture is 1."""
    return ", ".join(str(number + 2) for number in np.flatnonzero(which))


def _few(row: int, count: int, usual: float) -> Finding:
    evidence = say("audit.more_pictures.few", n=count, usual=round(usual))
    remedy = say("audit.more_pictures.few_remedy")
    return Finding(row, Aspect.MORE_PICTURES, Severity.LOW, None, evidence, remedy)
