"""Misspelt words of terms → the words of a catalog's titles: ``Spelling``.

Neither the encoder nor the words read "asaragus". A word is corrected if nobody knows it, the
encoder's vocabulary included, and one slip makes it a word of a title.
"""

import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files

from admatch.match.heads import one_slip
from admatch.match.tokens import WORD, words

SHORTEST = 5  # letters: shorter words are one slip from too many others
# What is left of a known word without one of these is known: "knitted", "dustless", "pointy".
SUFFIXES = ("ed", "er", "ing", "y", "ly", "less", "able", "est")


class Spelling:
    """Corrects terms by the words of ``titles``; ``known`` says which words are none to correct."""

    def __init__(self, titles: Iterable[str], known: Callable[[str], bool]) -> None:
        lower = [title.lower() for title in titles]
        counts = Counter(word for title in lower for word in WORD.findall(title))
        self._encoded = known
        self._words = frozenset(counts).union(*map(words, lower))
        # Most frequent first, by first letter and length, which one slip changes by one at most.
        self._like: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(counts, key=lambda word: (-counts[word], word)):
            if len(word) >= SHORTEST - 1 and word.isalpha():
                self._like[word[0], len(word)].append(word)

    def corrected(self, term: str) -> str:
        """Return a lower-case term with its misspelt words replaced; most stay as they are."""
        return WORD.sub(lambda found: self._word(found[0]), term)

    def _word(self, word: str) -> str:
        if len(word) < SHORTEST or not word.isalpha() or self._known(word):
            return word
        sizes = (len(word), len(word) + 1, len(word) - 1)
        near = (one for size in sizes for one in self._like.get((word[0], size), ()))
        return next((one for one in near if one_slip(word, one)), word)

    def _known(self, word: str) -> bool:
        stems = [word.removesuffix(suffix) for suffix in SUFFIXES if word.endswith(suffix)]
        stems += [f"{stem}e" for stem in stems] + [stem[:-1] for stem in stems if _doubled(stem)]
        return any(
            self._encoded(one) or one in _known_words() or one in self._words
            for part in (word, *stems)
            for one in {part, *words(part)}
        )


def _doubled(stem: str) -> bool:
    return len(stem) > SHORTEST - 2 and stem[-1] == stem[-2]


@cache
def _known_words() -> frozenset[str]:
    """Return 11,000 English words that are no misspelling."""
    packed = (files(__package__) / "known_words.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().splitlines())
