"""Whether the bullets are about what the title names."""

import numpy as np
import numpy.typing as npt

from admatch.audit.material import Material
from admatch.audit.records import LOW, Aspect, Finding, Judged, severity_of
from admatch.encode.protocol import Vectors
from admatch.errors import shorten
from admatch.messages import say

MOST = 10  # bullets of a product that are read


def bullets_and_title(material: Material) -> Judged:
    """Return how well the worst bullet of each product fits its title, among reference listings.

    A bullet's signal is how much better it fits the own title than other titles (see
    ``Material.fit``). A product's signal is that of its worst bullet, so that a single stray one
    shows.
    """
    listed = [(bullets or [])[:MOST] for bullets in material.frame["bullets"].to_list()]
    rows = np.repeat(np.arange(len(listed)), [len(bullets) for bullets in listed])
    texts = [bullet for bullets in listed for bullet in bullets]
    nothing = np.full(len(material), np.nan)
    if not texts:
        return Judged(nothing, ())
    fits = bullet_fits(material, texts, rows)
    worst = nothing.copy()
    np.fmin.at(worst, rows, fits)
    scores = material.reference.standing("bullets", worst)
    # A bullet on washing or a guarantee is no fault: only one far from its title is a finding.
    found = [
        _stray(int(row), float(scores[row]), texts[at])
        for at, row in enumerate(rows)
        if scores[row] <= LOW and fits[at] == worst[row]
    ]
    return Judged(scores, found)


def bullet_fits(
    material: Material, texts: list[str], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return how much better each bullet fits the title of its product than other titles."""
    distinct = list(dict.fromkeys(texts))
    number = {text: at for at, text in enumerate(distinct)}
    vectors: Vectors = material.encode(distinct, "encoding bullets")
    listed = vectors[[number[text] for text in texts]]
    return material.fit(listed, material.titles[rows], rows)


def _stray(row: int, score: float, bullet: str) -> Finding:
    return Finding(
        row,
        Aspect.BULLETS,
        severity_of(score),
        score,
        say("audit.bullets.evidence", bullet=shorten(bullet, 120)),
        say("audit.bullets.remedy"),
    )
