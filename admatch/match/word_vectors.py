"""How near a term's words are to those of a title, by an encoder: ``WordVectors``.

A term "zucchini spiralizer" lacks a word in "Zucchini, 500 g", and nothing there is near it; "tart
apples" lacks one in "Sour Green Apples", where one is. Words are read one by one, so every encoder
can do it, and a word is read once, however many products have it.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from threading import Lock
from typing import TypeAlias

import numpy as np

from admatch.arrays import Floats32, Vectors
from admatch.match.tokens import words

MOST = 50_000  # words kept: 77 MB with 384 dimensions

Encode: TypeAlias = Callable[[list[str]], Vectors]


class WordVectors:
    """The unit vectors of words, each encoded once."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._kept: dict[str, Floats32] = {}
        self._lock = Lock()

    def of(self, wanted: Sequence[str]) -> Vectors:
        """Return the vectors (n, dim) of words."""
        with self._lock:
            new = [word for word in dict.fromkeys(wanted) if word not in self._kept]
            if len(self._kept) + len(new) > MOST:
                self._kept.clear()
                new = list(dict.fromkeys(wanted))
            if new:
                self._kept.update(zip(new, self._encode(new), strict=True))
            return np.stack([self._kept[word] for word in wanted])

    def nearest(
        self, lacking: Sequence[Sequence[str]], titles: Sequence[str]
    ) -> list[dict[str, float]]:
        """Return, for each title, the cosine of its nearest word to each word that it lacks."""
        split = [words(title) if some else [] for some, title in zip(lacking, titles, strict=True)]
        left, right = (
            {word: i for i, word in enumerate(dict.fromkeys(chain.from_iterable(every)))}
            for every in (lacking, split)
        )
        if not left or not right:
            return [dict.fromkeys(some, 0.0) for some in lacking]
        cosines = self.of(list(left)) @ self.of(list(right)).T
        found = []
        for some, known in zip(lacking, split, strict=True):
            rows, columns = [left[word] for word in some], [right[word] for word in known]
            best = cosines[np.ix_(rows, columns)].max(axis=1, initial=0.0)
            found.append(dict(zip(some, map(float, best), strict=True)))
        return found
