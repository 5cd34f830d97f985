"""What a listing's words cover: function, scene, material and size."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from admatch.audit.material import Material
from admatch.audit.records import Aspect, Finding, Judged, Severity

_TABLE = Path(__file__).with_name("facets.toml")
KIN = 10  # listings that are asked what shoppers of such a thing are told
USUAL = 0.7  # of them tell it: then it is missed here


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing that shoppers want to know: what it is, how it is told, how to mend its lack."""

    what: str
    say: str
    pattern: re.Pattern[str]


def description(material: Material, near: npt.NDArray[np.int64]) -> Judged:
    """Return how much of what its kind tells each listing tells: function, scene, material, size.

    The score is the share of these four that the text covers, each weighed by how many of the
    ``near`` (n, k) listings cover it and itself: an apple needs no material. 100 is all that is
    usual. English only, as the words that tell are English: NaN in other languages.
    """
    if not material.english:
        return Judged(np.full(len(material), np.nan), ())
    told, kin = covered(material), near[:, :KIN]
    usual = told[kin].mean(axis=1) if kin.shape[1] else np.ones(told.shape)
    weight = np.maximum(usual, told)
    total = weight.sum(axis=1)
    covers = (told * weight).sum(axis=1)
    scores = 100 * np.divide(covers, total, out=np.ones(len(told)), where=total > 0)
    missed = ~told & (usual >= USUAL) & (kin.shape[1] >= KIN // 2)
    found = [
        _told(int(place), float(scores[place]), _facets()[facet], usual[place, facet], kin.shape[1])
        for place, facet in np.argwhere(missed)
    ]
    return Judged(scores, found)


def covered(material: Material) -> npt.NDArray[np.bool_]:
    """Return which facets each listing tells, (n, 4)."""
    titles = material.frame["title"].to_list()
    texts = [f"{title} {body}".lower() for title, body in zip(titles, material.bodies, strict=True)]
    return np.array([[bool(facet.pattern.search(text)) for facet in _facets()] for text in texts])


@cache
def _facets() -> tuple[Facet, ...]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(
        Facet(row["what"], row["say"], re.compile("|".join(row["patterns"])))
        for row in table.values()
    )


def _told(place: int, score: float, facet: Facet, usual: float, kin: int) -> Finding:
    return Finding(
        place,
        Aspect.DESCRIPTION,
        Severity.LOW,
        score,
        f"The text does not tell {facet.what}; {usual * kin:.0f} of the {kin} listings most like "
        "it do",
        facet.say[0].upper() + facet.say[1:],
    )
