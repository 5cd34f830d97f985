"""Whether the bullets are about what the title names."""

import numpy as np
import numpy.typing as npt

from admatch.audit.material import Material
from admatch.audit.records import LOW, Aspect, Finding, Judged, severity_of
from admatch.encode.protocol import Vectors
from admatch.errors import shorten

MOST = 10  # bullets of a product that are read


def bullets_and_title(material: Material) -> Judged:
    """Return how well the worst bullet of each product fits its title, among reference listings.

    A bullet's signal is how much better it fits the own title than other titles do (see
    ``Material.fit``). A product's is that of its worst bullet, so a single stray one shows.
    """
    listed = [(row or [])[:MOST] for row in material.frame["bullets"].to_list()]
    places = np.repeat(np.arange(len(listed)), [len(row) for row in listed])
    texts = [bullet for row in listed for bullet in row]
    nothing = np.full(len(material), np.nan)
    if not texts:
        return Judged(nothing, ())
    fits = bullet_fits(material, texts, places)
    worst = nothing.copy()
    np.fmin.at(worst, places, fits)
    scores = material.reference.standing("bullets", worst)
    # A bullet on washing or a guarantee is no fault: only one that is far from its title is told.
    found = [
        _stray(int(place), float(scores[place]), texts[row])
        for row, place in enumerate(places)
        if scores[place] <= LOW and fits[row] == worst[place]
    ]
    return Judged(scores, found)


def bullet_fits(
    material: Material, texts: list[str], places: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return how much better each bullet fits the title of its product than other titles."""
    distinct = list(dict.fromkeys(texts))
    number = {text: row for row, text in enumerate(distinct)}
    vectors: Vectors = material.encode(distinct, "encoding bullets")
    asked = vectors[[number[text] for text in texts]]
    return material.fit(asked, material.titles[places], places)


def _stray(place: int, score: float, bullet: str) -> Finding:
    return Finding(
        place,
        Aspect.BULLETS,
        severity_of(score),
        score,
        f"The bullet “{shorten(bullet, 120)}” is not about what the title names",
        "Move it to the product that it is about, or say in it what it means for this one",
    )
