"""Words that an account sells with, beyond what meaning makes of them: ``WordGains``.

"lax vox set" follows from "lax vox schlauch", which sold. Each word has log-odds of its own, which
the orders of all terms that have it teach. They are fitted without the terms that they are used
for, so that no order counts twice, and used only where they foretell the orders of those terms.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit, logit

from admatch.arrays import Floats
from admatch.match.tokens import words
from admatch.threads import steady_numpy

FOLDS = 5
# Deviation of a word's log-odds. With 1 to 3 a third to two fifths of what was missing on a real
# account is found, a fifth to seven tenths of invented brands on simulated ones, and .3 to 2 points
# fewer foreign terms are refused there.
DEVIATION = 2.0
LEAST = 3.0  # nats that the words must gain in foretelling orders: odds of 20 to 1
NAMED = 3  # words, at most, that are named to a reader
_CLIP = 1e-3


@dataclass(frozen=True)
class WordGains:
    """What each term's words add to its log-odds, never below 0, (n,); and the strongest words."""

    gains: Floats
    words: tuple[str, ...] = ()

    @classmethod
    @steady_numpy()
    def of(cls, terms: Sequence[str], prior: Floats, ratio: Floats) -> "WordGains":
        """Return the gains of terms; all are 0 where words don't foretell the orders of others.

        ``ratio`` (n,) is the log of how much likelier a term's orders are if it is about a product.
        Words take nothing away: with that, more of one's own terms were lost than foreign ones
        refused.
        """
        table, names = _table(terms)
        heard = _Heard.of(prior, ratio)
        fold = np.array([zlib.crc32(term.encode("utf-8", "replace")) % FOLDS for term in terms])
        gains = np.zeros(len(terms))
        for number in range(FOLDS):
            others, these = fold != number, fold == number
            odds = _fitted(table[others], _Heard(heard.odds[others], heard.ratio[others]))
            gains[these] = np.maximum(table[these] @ odds, 0.0)
        better = heard.surprise(gains).sum() - heard.surprise(np.zeros(len(terms))).sum()
        if better < LEAST:
            return cls(np.zeros(len(terms)))
        odds = _fitted(table, heard)
        best = np.argsort(-odds, kind="stable")[:NAMED]
        return cls(gains, tuple(names[i] for i in best if odds[i] > 0))


@dataclass(frozen=True)
class _Heard:
    """The evidence of n terms: log-odds from meaning, and the log-ratio of their orders."""

    odds: Floats
    ratio: Floats

    @classmethod
    def of(cls, prior: Floats, ratio: Floats) -> "_Heard":
        """Return the evidence of terms with these probabilities and ratios."""
        return cls(logit(np.clip(prior, _CLIP, 1 - _CLIP)), ratio)

    def surprise(self, gains: Floats) -> Floats:
        """Return how likely each term's orders are, up to a constant, with gains in log-odds."""
        found: Floats = np.log1p(expit(self.odds + gains) * np.expm1(self.ratio))
        return found


def _fitted(table: csr_matrix, heard: _Heard) -> Floats:
    """Return the words' log-odds that make the orders likeliest, penalised."""

    def loss(odds: Floats) -> tuple[float, Floats]:
        gains = table @ odds
        p, likelier = expit(heard.odds + gains), np.expm1(heard.ratio)
        after = p * np.exp(heard.ratio) / (1 + p * likelier)
        slope = odds / DEVIATION**2 - table.T @ (after - p)
        return float(odds @ odds / (2 * DEVIATION**2) - heard.surprise(gains).sum()), slope

    found: Floats = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B").x
    return found


def _table(terms: Sequence[str]) -> tuple[csr_matrix, list[str]]:
    """Return which term has which word, (terms, words), and the words."""
    every = [sorted(set(words(term))) for term in terms]
    names = sorted({word for one in every for word in one})
    numbers = {word: i for i, word in enumerate(names)}
    rows = [row for row, one in enumerate(every) for _ in one]
    columns = [numbers[word] for one in every for word in one]
    shape = (len(terms), len(names))
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape), names
