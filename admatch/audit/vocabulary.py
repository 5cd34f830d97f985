"""The words of listings and their meanings: each distinct word is encoded once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admatch.encode.protocol import Vectors
from admatch.match.lexical import WORD, words

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Vocabulary:
    """The words that some texts hold: ``places`` their numbers, ``vectors`` (w, dim)."""

    places: dict[str, int]
    names: list[str]
    vectors: Vectors

    @classmethod
    def of(cls, texts: Sequence[str], encode: Callable[[list[str]], Vectors]) -> "Vocabulary":
        """Return the distinct words of texts; ``encode`` is asked once."""
        places: dict[str, int] = {}
        for text in texts:
            for word in words(text):
                places.setdefault(word, len(places))
        return cls(places, list(places), encode(list(places)))

    def numbers(self, text: str) -> Numbers:
        """Return the numbers of a text's words, in their order; unknown ones are left out."""
        known = [self.places[word] for word in words(text) if word in self.places]
        return np.array(known, dtype=np.int64)

    def told(self, numbers: Sequence[int], text: str, most: int = 5) -> str:
        """Return words of a text as it writes them: “garden”, “hoses” and 3 more."""
        shown = written(text)
        names = [self.names[number] for number in numbers[:most]]
        more = len(numbers) - most
        told = ", ".join(f"“{shown.get(name, name)}”" for name in names)
        return told + (f" and {more} more" if more > 0 else "")


def written(text: str) -> dict[str, str]:
    """Return a text's words as it writes them, by what ``words`` makes of them."""
    found: dict[str, str] = {}
    for token in WORD.findall(text.lower()):
        for word in words(token):
            found.setdefault(word, token if len(words(token)) == 1 else word)
    return found
