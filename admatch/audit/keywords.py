"""Back-end search terms against the listing: what is off topic, and what is said already."""

from collections.abc import Sequence

import numpy as np

from admatch.audit.material import Material
from admatch.audit.records import Aspect, Finding, Floats, Judged, Severity
from admatch.audit.vocabulary import written
from admatch.match.lexical import WORD, words

POOR = 50.0  # a score below it is a finding of some weight: half of the words are wasted
# Words that are judged together: of one word alone it cannot be told whether it is about a product
# (AUROC .70), of five it can (tests/benchmarks/results/audit_keywords.json).
RUN, LEAST = 5, 3
OFF_TOPIC = -2.0  # fit below which a run is about something else: one own run in fourteen is


def keywords(material: Material) -> Judged:
    """Return what share of each product's back-end words is of use: on topic, and new.

    100 where every run of words fits the listing better than others, and no word repeats the
    title, which Amazon has read already. Not a standing but a plain share: back-end terms are not
    public, so there is no reference population of them.
    """
    runs = [word_runs(text) for text in material.hidden]
    places = np.repeat(np.arange(len(runs)), [len(row) for row in runs])
    scores, found = np.full(len(material), np.nan), list[Finding]()
    if not len(places):
        return Judged(scores, found)
    off = run_fits(material, [run for row in runs for run in row], places) < OFF_TOPIC
    starts = np.searchsorted(places, np.arange(len(runs) + 1))
    for place in np.unique(places).tolist():
        stray = [
            run
            for run, one in zip(runs[place], off[starts[place] : starts[place + 1]], strict=True)
            if one
        ]
        again = _again(material.hidden[place], str(material.frame["title"][place]))
        rest = [word for word in words(material.hidden[place]) if word not in again]
        useful = len(rest) - sum(len(set(words(run)) - set(again)) for run in stray)
        total = len(words(material.hidden[place]))
        scores[place] = 100 * max(0, useful) / total
        if stray or again:
            found.append(_told(place, float(scores[place]), stray, list(again.values())))
    return Judged(scores, found)


def word_runs(text: str) -> list[str]:
    """Return a text's words in runs of ``RUN``; a short last one joins the one before it."""
    every = WORD.findall(text)
    starts = list(range(0, len(every), RUN))
    if not every:
        return []
    if len(starts) > 1 and len(every) - starts[-1] < LEAST:
        starts.pop()
    ends = [*starts[1:], len(every)]
    return [" ".join(every[start:end]) for start, end in zip(starts, ends, strict=True)]


def run_fits(material: Material, runs: list[str], places: np.ndarray) -> Floats:
    """Return how much better each run fits its product than others; runs of few words are well."""
    vectors = material.encode([run.lower() for run in runs], "encoding back-end terms")
    fits = material.fit(vectors, material.vectors[places], places)
    return np.where([len(run.split()) >= LEAST for run in runs], fits, np.inf)


def _again(hidden: str, title: str) -> dict[str, str]:
    """Return the back-end words that the title has, as they are written."""
    there = set(words(title))
    return {word: shown for word, shown in written(hidden).items() if word in there}


def _told(place: int, score: float, stray: Sequence[str], again: Sequence[str]) -> Finding:
    reasons = []
    if stray:
        named = ", ".join(f"“{run}”" for run in stray[:3])
        reasons.append(f"{named} {'is' if len(stray) == 1 else 'are'} about something else")
    if again:
        named = ", ".join(f"“{word}”" for word in again[:6])
        reasons.append(f"{named} {'is' if len(again) == 1 else 'are'} in the title already")
    return Finding(
        place,
        Aspect.SEARCH_TERMS,
        Severity.MEDIUM if score < POOR else Severity.LOW,
        score,
        f"Of the back-end search terms {' and '.join(reasons)}",
        "Give their room to words that shoppers use for this product and that the listing lacks",
    )
