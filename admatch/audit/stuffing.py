"""Keyword stuffing: repeated words, words that nothing supports, lists instead of a name."""

import itertools
import re
from collections.abc import Sequence

import numpy as np

from admatch.audit.material import Material
from admatch.audit.records import LOW, Aspect, Finding, Floats, Judged, Severity, severity_of
from admatch.audit.vocabulary import Numbers, Vocabulary, joined
from admatch.encode.protocol import Vectors
from admatch.messages import Message, say

# Of a title, in this order: repeated words, and words near earlier ones; the likeness of its words,
# of neighbouring words and of its halves; distinct meanings a word; how much of it the rest of the
# listing does not say or come near; commas and bars.
FEATURES = (
    "repeated", "repeated_pairs", "near_repeats", "echoed", "likeness", "likeness_of_neighbours",
    "likeness_of_halves", "meanings", "unsaid", "unsupported", "foreign", "signs",
)  # fmt: skip
SYNONYM = 0.65  # cosine of words that mean nearly the same: "hose", "hosepipe"
FOREIGN = 0.45  # cosine below which no word of the listing is near a word of its title
EXACT = 0.95  # cosine of one word with itself, after rounding
LISTED = 3  # words a comma or bar, at most, of a title that is a list
BODY_WORDS, LEAST_BODY = 150, 6  # distinct words of a body that are used at most, and needed
SIGNS = re.compile(r"[;|]|,(?!\d)")  # not the comma of 2,5 mm


def stuffing(material: Material) -> Judged:
    """Return how free of stuffing each title is, among the titles of reference listings.

    The signal is fitted to titles that were stuffed on purpose: by repetition, near repetition,
    meaning per word, and words that the rest of the listing does not support. The length of a title
    is no fault and does not count.
    """
    titles = material.frame["title"].to_list()
    signal = -stuffed(material, titles, material.bodies)
    scores = material.reference.standing("stuffing", signal)
    low = np.flatnonzero(scores <= LOW).tolist()
    found = [_finding(material, row, float(scores[row])) for row in low]
    return Judged(scores, [one for one in found if one is not None])


def stuffed(material: Material, titles: Sequence[str], bodies: Sequence[str]) -> Floats:
    """Return the log-odds (n,) that each title is stuffed in some way; NaN without words."""
    fitted = material.reference.weights("stuffing")
    features = title_features(material.words, titles, bodies)
    scaled = scaled_features(features, fitted["mean"], fitted["spread"])
    ways = [scaled @ np.array(way["weights"]) + way["bias"] for way in fitted["ways"].values()]
    return np.where(np.isfinite(features[:, 0]), np.logaddexp.reduce(ways, axis=0), np.nan)


def scaled_features(features: Floats, usual: Sequence[float], spread: Sequence[float]) -> Floats:
    """Return features in units of their spread; unknown ones are typical: 0."""
    return np.asarray(np.nan_to_num((features - np.array(usual)) / np.array(spread)))


def title_features(vocabulary: Vocabulary, titles: Sequence[str], bodies: Sequence[str]) -> Floats:
    """Return ``FEATURES`` (n, 12) of titles given the rest of their listings; NaN if unknown."""
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
    before = np.tril(likeness, -1).max(axis=1, initial=0.0)  # to the nearest earlier word
    half, pairs = max(1, count // 2), list(itertools.pairwise(title.tolist()))
    several = count > 1
    return [
        1 - len(np.unique(title)) / count,
        len(pairs) - len(set(pairs)),
        float((before > SYNONYM).mean()),
        float(np.sort(before)[-3:].mean()),
        float((likeness.sum() - np.trace(likeness)) / (count * (count - 1))) if several else 1.0,
        float(np.diag(likeness, 1).mean()) if several else 1.0,
        _cosine(vectors[:half].sum(0), vectors[half:].sum(0)) if several else 1.0,
        float(np.trace(likeness) ** 2 / np.square(likeness).sum() / count),
        *_support(vectors, vocabulary.vectors[_first(body)]),
        len(SIGNS.findall(text)) / count,
    ]


def _support(title: Vectors, body: Vectors) -> tuple[float, float, float]:
    """Return the share of words that the body lacks, their distance, and the foreign share."""
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


def _finding(material: Material, row: int, score: float) -> Finding | None:
    """Return what is wrong with a title; None where commas merely part a few properties."""
    title = material.frame["title"][row]
    count, signs = len(material.words.numbers(title)), len(SIGNS.findall(title))
    reasons = faults = _faults(material, row)
    if signs:
        reasons = [*faults, say("audit.stuffing.separators", words=count, n=signs)]
    if not faults and 0 < signs * LISTED < count:
        return None
    evidence = say(
        "audit.stuffing.evidence", reasons=joined(reasons or [say("audit.stuffing.list_of_words")])
    )
    if not faults:  # nothing is said twice or out of place: the title is only a list
        remedy = say("audit.stuffing.list_remedy")
        return Finding(row, Aspect.STUFFING, Severity.LOW, score, evidence, remedy)
    remedy = say("audit.stuffing.remedy")
    return Finding(row, Aspect.STUFFING, severity_of(score), score, evidence, remedy)


def _faults(material: Material, row: int) -> list[Message]:
    """Return what a title says twice, or out of place."""
    vocabulary, title = material.words, material.frame["title"][row]
    numbers = vocabulary.numbers(title)
    faults = []
    if again := _repeated(vocabulary, numbers):
        faults.append(say("audit.stuffing.repeats", words=vocabulary.quoted(again, title)))
    if alone := _unsupported(vocabulary, numbers, vocabulary.numbers(material.bodies[row])):
        faults.append(say("audit.stuffing.unsupported", words=vocabulary.quoted(alone, title)))
    return faults


def _repeated(vocabulary: Vocabulary, numbers: Numbers) -> list[int]:
    likeness = np.tril(vocabulary.vectors[numbers] @ vocabulary.vectors[numbers].T, -1)
    again = likeness.max(axis=1, initial=0.0) > SYNONYM
    repeated = dict.fromkeys(numbers[again].tolist())
    return [one for one in repeated if _is_word(vocabulary.names[one])]


def _is_word(name: str) -> bool:
    """Return whether a name is no measure and no single letter, which sizes and types repeat."""
    return name.isalpha() and (len(name) > 1 or not name.isascii())


def _unsupported(vocabulary: Vocabulary, numbers: Numbers, body: Numbers) -> list[int]:
    some = _first(body)
    if len(some) < LEAST_BODY:
        return []
    support = (vocabulary.vectors[numbers] @ vocabulary.vectors[some].T).max(axis=1)
    return list(dict.fromkeys(numbers[support < FOREIGN].tolist()))


def _first(body: Numbers) -> Numbers:
    """Return the distinct words of a body, in their order, up to ``BODY_WORDS``."""
    return np.array(list(dict.fromkeys(body.tolist()))[:BODY_WORDS], dtype=np.int64)
