"""Back-end search terms against the listing: which are off topic, and which repeat the title."""

from collections.abc import Sequence

import numpy as np

from admatch.audit.material import Material
from admatch.audit.records import Aspect, Finding, Floats, Judged, Severity
from admatch.audit.vocabulary import joined, written
from admatch.match.tokens import WORD, words
from admatch.messages import say

POOR = 50.0  # a score below it is a finding of medium severity: half of the words are wasted
# Words that are judged together: one word alone does not show whether it is about a product (AUROC
# .70), five do (tests/benchmarks/results/audit_keywords.json).
RUN, LEAST = 5, 3
OFF_TOPIC = -2.0  # fit below which a run is off topic; so is one in fourteen of a product's own


def keywords(material: Material) -> Judged:
    """Return the share of each product's back-end words that is useful: on topic, and new.

    100 where every run of words fits the listing better than others, and no word repeats the
    title, which Amazon reads anyway. This is a plain share, not a standing: back-end terms are not
    public, so there is no reference population of them.
    """
    runs = [word_runs(text) for text in material.hidden]
    rows = np.repeat(np.arange(len(runs)), [len(own) for own in runs])
    scores, found = np.full(len(material), np.nan), list[Finding]()
    if not len(rows):
        return Judged(scores, found)
    off = run_fits(material, [run for own in runs for run in own], rows) < OFF_TOPIC
    starts = np.searchsorted(rows, np.arange(len(runs) + 1))
    for row in np.unique(rows).tolist():
        own_off = off[starts[row] : starts[row + 1]]
        stray = [run for run, is_off in zip(runs[row], own_off, strict=True) if is_off]
        again = _again(material.hidden[row], str(material.frame["title"][row]))
        rest = [word for word in words(material.hidden[row]) if word not in again]
        useful = len(rest) - sum(len(set(words(run)) - set(again)) for run in stray)
        total = len(words(material.hidden[row]))
        scores[row] = 100 * max(0, useful) / total
        if stray or again:
            found.append(_wasted(row, float(scores[row]), stray, list(again.values())))
    return Judged(scores, found)


def word_runs(text: str) -> list[str]:
    """Return a text's words in runs of ``RUN``; a short last run joins the one before it."""
    every = WORD.findall(text)
    starts = list(range(0, len(every), RUN))
    if not every:
        return []
    if len(starts) > 1 and len(every) - starts[-1] < LEAST:
        starts.pop()
    ends = [*starts[1:], len(every)]
    return [" ".join(every[start:end]) for start, end in zip(starts, ends, strict=True)]


def run_fits(material: Material, runs: list[str], rows: np.ndarray) -> Floats:
    """Return how much better each run fits its product than others; infinite for a short run."""
    vectors = material.encode([run.lower() for run in runs], "encoding back-end terms")
    fits = material.fit(vectors, material.vectors[rows], rows)
    return np.where([len(run.split()) >= LEAST for run in runs], fits, np.inf)


def _again(hidden: str, title: str) -> dict[str, str]:
    """Return the back-end words that the title has too, each as it is written."""
    titled = set(words(title))
    return {word: shown for word, shown in written(hidden).items() if word in titled}


def _wasted(row: int, score: float, stray: Sequence[str], again: Sequence[str]) -> Finding:
    reasons = []
    if stray:
        named = ", ".join(f"“{run}”" for run in stray[:3])
        reasons.append(say("audit.search_terms.off_topic", names=named, n=len(stray)))
    if again:
        named = ", ".join(f"“{word}”" for word in again[:6])
        reasons.append(say("audit.search_terms.repeated", names=named, n=len(again)))
    return Finding(
        row,
        Aspect.SEARCH_TERMS,
        Severity.MEDIUM if score < POOR else Severity.LOW,
        score,
        say("audit.search_terms.evidence", reasons=joined(reasons)),
        say("audit.search_terms.remedy"),
    )
