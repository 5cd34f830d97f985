"""Back-end search terms against the listing: what is off topic, and what is said already."""

import numpy as np
import polars as pl

from admatch.audit.material import HIDDEN, Material
from admatch.audit.records import Aspect, Finding, Judged, Severity
from admatch.audit.vocabulary import Numbers

POOR = 50.0  # a score below it is told: half of the words are wasted
EXACT = 0.95  # cosine of a word with itself, after rounding


def keywords(material: Material) -> Judged:
    """Return what share of each product's back-end words is of use: on topic, and new.

    100 where every word is near a word of the listing, or to the listing as a whole, and none
    repeats its title, which Amazon has read already. Not a standing but a plain share: back-end
    terms are not public, so there is no reference population of them.
    """
    hidden = hidden_terms(material.frame)
    asked = [place for place, text in enumerate(hidden) if text]
    scores, found = np.full(len(material), np.nan), list[Finding]()
    if not asked:
        return Judged(scores, found)
    numbers = [material.words.numbers(hidden[place]) for place in asked]
    for place, words in zip(asked, numbers, strict=True):
        distinct = np.array(list(dict.fromkeys(words.tolist())), dtype=np.int64)
        if not len(distinct):
            continue
        off, again = _wasted(material, place, distinct)
        wasted = len(off) + len(again) + len(words) - len(distinct)
        scores[place] = 100 * max(0.0, 1 - wasted / len(words))
        if off or again:
            found.append(_told(material, place, float(scores[place]), off, again))
    return Judged(scores, found)


def hidden_terms(frame: pl.DataFrame) -> list[str]:
    """Return each product's back-end search terms, all fields joined."""
    pair = pl.element()
    values = pair.struct["value"].filter(pair.struct["name"].str.starts_with(HIDDEN))
    text = pl.col("attributes").list.eval(values).list.join(" ").fill_null("")
    return frame.select(text.alias("hidden"))["hidden"].to_list()


def topicality(material: Material, place: int, distinct: Numbers) -> "np.ndarray":
    """Return how near each word (k,) is to a product: to a word of it, or to it as a whole.

    The latter as how much better it fits this product than others.
    """
    listing = np.concatenate(
        [
            material.words.numbers(material.frame["title"][place]),
            material.words.numbers(material.bodies[place]),
        ]
    )
    vectors = material.words.vectors[distinct]
    places = np.full(len(distinct), place)
    whole = material.fit(vectors, np.repeat(material.vectors[[place]], len(distinct), 0), places)
    nearest = (vectors @ material.words.vectors[listing].T).max(axis=1, initial=0.0)
    return np.asarray(nearest + whole / 10, dtype=np.float64)


# Of words of its own description and words of other products' titles this bound lets one in ten of
# the latter pass, and refuses one in twenty of the former (tests/benchmarks/results/audit_*.json).
ON_TOPIC = 0.55


def _wasted(material: Material, place: int, distinct: Numbers) -> tuple[list[int], list[int]]:
    title = material.words.numbers(material.frame["title"][place])
    again = np.isin(distinct, title)
    off = (topicality(material, place, distinct) < ON_TOPIC) & ~again
    return distinct[off].tolist(), distinct[again].tolist()


def _told(
    material: Material, place: int, score: float, off: list[int], again: list[int]
) -> Finding:
    reasons = []
    if off:
        reasons.append(f"{material.words.told(off)} are about something else")
    if again:
        reasons.append(f"{material.words.told(again)} are in the title already")
    return Finding(
        place,
        Aspect.SEARCH_TERMS,
        Severity.MEDIUM if score < POOR else Severity.LOW,
        score,
        f"Of the back-end search terms {' and '.join(reasons)}",
        "Give their room to words that shoppers use for this product and that the listing lacks",
    )
