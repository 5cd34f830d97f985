"""What a listing's words cover: function, scene, material and size."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from admatch.audit.material import Material
from admatch.audit.records import Aspect, Finding, Judged, Severity
from admatch.messages import Message, say

_TABLE = Path(__file__).with_name("facets.toml")
RELATED = 10  # similar listings that show what is usual for such a product
USUAL = 0.7  # share of them that cover a facet, above which its lack is a finding


class FacetName(StrEnum):
    """The things that shoppers want to know, in the order of the data file."""

    FUNCTION = "function"
    SCENE = "scene"
    MATERIAL = "material"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing that shoppers want to know, and a pattern of texts that cover it."""

    name: FacetName
    pattern: re.Pattern[str]


def description(material: Material, near: npt.NDArray[np.int64]) -> Judged:
    """Return how much of what similar listings cover each listing covers: the four facets.

    The score is the share of the facets that the text covers, each weighted by how many of the
    ``near`` (n, k) listings cover it or the listing itself does: an apple needs no material. 100 is
    everything usual. The patterns are English: NaN in other languages.
    """
    if not material.english:
        return Judged(np.full(len(material), np.nan), ())
    covers, related = covered(material), near[:, :RELATED]
    count = related.shape[1]
    usual = covers[related].mean(axis=1) if count else np.ones(covers.shape)
    weight = np.maximum(usual, covers)
    total = weight.sum(axis=1)
    done = (covers * weight).sum(axis=1)
    scores = 100 * np.divide(done, total, out=np.ones(len(covers)), where=total > 0)
    missed = ~covers & (usual >= USUAL) & (count >= RELATED // 2)
    found = [
        _missed(int(row), float(scores[row]), _facets()[facet], usual[row, facet], count)
        for row, facet in np.argwhere(missed)
    ]
    return Judged(scores, found)


def covered(material: Material) -> npt.NDArray[np.bool_]:
    """Return which facets the text of each listing covers, (n, 4)."""
    titles = material.frame["title"].to_list()
    texts = [f"{title} {body}".lower() for title, body in zip(titles, material.bodies, strict=True)]
    return np.array([[bool(facet.pattern.search(text)) for facet in _facets()] for text in texts])


@cache
def _facets() -> tuple[Facet, ...]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(
        Facet(FacetName(name), re.compile("|".join(entry["patterns"])))
        for name, entry in table.items()
    )


def _missed(row: int, score: float, facet: Facet, usual: float, count: int) -> Finding:
    what, remedy = _words(facet.name)
    evidence = say("audit.description.evidence", what=what, covers=round(usual * count), all=count)
    return Finding(row, Aspect.DESCRIPTION, Severity.LOW, score, evidence, remedy)


def _words(name: FacetName) -> tuple[Message, Message]:
    """Return what a text does not say, and what to do about it."""
    return {
        FacetName.FUNCTION: (
            say("audit.description.function"),
            say("audit.description.function_remedy"),
        ),
        FacetName.SCENE: (say("audit.description.scene"), say("audit.description.scene_remedy")),
        FacetName.MATERIAL: (
            say("audit.description.material"),
            say("audit.description.material_remedy"),
        ),
        FacetName.SIZE: (say("audit.description.size"), say("audit.description.size_remedy")),
    }[name]
