"""Keyword stuffing: words said again, words that nothing supports, lists in place of a name."""

import itertools
import re
from collections.abc import Sequence

import numpy as np

from admatch.audit.material import Material
from admatch.audit.records import LOW, Aspect, Finding, Floats, Judged, severity_of
from admatch.audit.vocabulary import Numbers, Vocabulary
from admatch.encode.protocol import Vectors

# Of a title, in this order. Words said again and words near earlier ones; how alike its words, its
# neighbouring words and its halves are; how many meanings a word brings; how much of it the rest of
# the listing does not say or comes near; commas and bars.
FEATURES = (
    "repeated", "repeated_pairs", "akin", "echoed", "alike", "alike_side_by_side", "alike_halves",
    "meanings", "unsaid", "unsupported", "foreign", "signs",
)  # fmt: skip
AKIN = 0.65  # cosine of words that mean nearly the same: "hose", "hosepipe"
FOREIGN = 0.45  # below it, no word of the listing is near a word of its title
EXACT = 0.95  # cosine of one word with itself, after rounding
BODY_WORDS, LEAST_BODY = 150, 6  # distinct words of a body that are looked at, and needed
SIGNS = re.compile(r"[,;|]")


def stuffing(material: Material) -> Judged:
    """Return how little each title is stuffed, among reference listings' titles.

    The signal is fitted to titles that were stuffed on purpose, by repetition, near repetition,
    meaning per word and words that the rest of the listing does not support. The length of a title
    is no fault and counts for nothing.
    """
    titles = material.frame["title"].to_list()
    signal = -stuffed(material, titles, material.bodies)
    scores = material.reference.standing("stuffing", signal)
    found = [
        _told(material, place, float(scores[place]))
        for place in np.flatnonzero(scores <= LOW).tolist()
    ]
    return Judged(scores, found)


def stuffed(material: Material, titles: Sequence[str], bodies: Sequence[str]) -> Floats:
    """Return log-odds (n,) that titles are stuffed in one way or another; NaN without words."""
    fitted = material.reference.weights("stuffing")
    features = title_features(material.words, titles, bodies)
    scaled = scaled_features(features, fitted["mean"], fitted["spread"])
    ways = [scaled @ np.array(way["weights"]) + way["bias"] for way in fitted["ways"].values()]
    return np.where(np.isfinite(features[:, 0]), np.logaddexp.reduce(ways, axis=0), np.nan)


def scaled_features(features: Floats, usual: Sequence[float], spread: Sequence[float]) -> Floats:
    """Return features in units of their spread; what cannot be told is as usual: 0."""
    return np.asarray(np.nan_to_num((features - np.array(usual)) / np.array(spread)))


def title_features(vocabulary: Vocabulary, titles: Sequence[str], bodies: Sequence[str]) -> Floats:
    """Return ``FEATURES`` (n, 12) of titles beside the rest of their listings, NaN if unknown."""
    rows = [
        _features(vocabulary, vocabulary.numbers(title), vocabulary.numbers(body), title)
        for title, body in zip(titles, bodies, strict=True)
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


def _features(vocabulary: Vocabulary, title: Numbers, body: Numbers, text: str) -> list[float]:
    count = len(title)
    if not count:
        return [np.nan] * len(FEATURES)
    vectors = vocabulary.vectors[title]
    likeness = vectors @ vectors.T
    before = np.tril(likeness, -1).max(axis=1, initial=0.0)  # of the nearest word before it
    half, pairs = max(1, count // 2), list(itertools.pairwise(title.tolist()))
    several = count > 1
    return [
        1 - len(np.unique(title)) / count,
        len(pairs) - len(set(pairs)),
        float((before > AKIN).mean()),
        float(np.sort(before)[-3:].mean()),
        float((likeness.sum() - np.trace(likeness)) / (count * (count - 1))) if several else 1.0,
        float(np.diag(likeness, 1).mean()) if several else 1.0,
        _cosine(vectors[:half].sum(0), vectors[half:].sum(0)) if several else 1.0,
        float(np.trace(likeness) ** 2 / np.square(likeness).sum() / count),
        *_support(vectors, vocabulary.vectors[_first(body)]),
        len(SIGNS.findall(text)) / count,
    ]


def _support(title: Vectors, body: Vectors) -> tuple[float, float, float]:
    """Return the share of words that the body lacks, how far they are, and how many are foreign."""
    if len(body) < LEAST_BODY:
        return (np.nan, np.nan, np.nan)
    support = (title @ body.T).max(axis=1)
    return (
        float((support < EXACT).mean()),
        float(1 - support.mean()),
        float((support < FOREIGN).mean()),
    )


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / max(np.linalg.norm(one) * np.linalg.norm(other), 1e-9))


def _told(material: Material, place: int, score: float) -> Finding:
    vocabulary, title = material.words, material.frame["title"][place]
    numbers = vocabulary.numbers(title)
    again = _said_again(vocabulary, numbers)
    alone = _unsupported(vocabulary, numbers, vocabulary.numbers(material.bodies[place]))
    reasons = []
    if again:
        reasons.append(f"says {vocabulary.told(again, title)} again or in other words")
    if alone:
        reasons.append(
            f"has {vocabulary.told(alone, title)}, which the rest of the listing never backs"
        )
    if signs := len(SIGNS.findall(title)):
        reasons.append(f"parts its {len(numbers)} words by {signs} commas or bars")
    told = " and ".join(reasons) or "is a list of words more than a name"
    return Finding(
        place,
        Aspect.STUFFING,
        severity_of(score),
        score,
        f"The title {told}",
        "Name the product once, say each thing once, and move further words to the back-end terms",
    )


def _said_again(vocabulary: Vocabulary, numbers: Numbers) -> list[int]:
    likeness = np.tril(vocabulary.vectors[numbers] @ vocabulary.vectors[numbers].T, -1)
    again = likeness.max(axis=1, initial=0.0) > AKIN
    return list(dict.fromkeys(numbers[again].tolist()))


def _unsupported(vocabulary: Vocabulary, numbers: Numbers, body: Numbers) -> list[int]:
    some = _first(body)
    if len(some) < LEAST_BODY:
        return []
    support = (vocabulary.vectors[numbers] @ vocabulary.vectors[some].T).max(axis=1)
    return list(dict.fromkeys(numbers[support < FOREIGN].tolist()))


def _first(body: Numbers) -> Numbers:
    """Return the distinct words of a body that are looked at, in their order."""
    return np.array(list(dict.fromkeys(body.tolist()))[:BODY_WORDS], dtype=np.int64)
