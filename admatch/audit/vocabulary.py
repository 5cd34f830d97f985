"""The words of listings and their meanings: each distinct word is encoded once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from admatch.encode.protocol import Vectors
from admatch.match.tokens import WORD, words
from admatch.messages import Message, say

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Vocabulary:
    """The distinct words of some texts, numbered from 0, and their ``vectors`` (w, dim)."""

    number_of: dict[str, int]
    names: list[str]
    vectors: Vectors

    @classmethod
    def of(cls, texts: Sequence[str], encode: Callable[[list[str]], Vectors]) -> "Vocabulary":
        """Return the vocabulary of texts; ``encode`` is called once."""
        number_of: dict[str, int] = {}
        for text in texts:
            for word in words(text):
                number_of.setdefault(word, len(number_of))
        return cls(number_of, list(number_of), encode(list(number_of)))

    def numbers(self, text: str) -> Numbers:
        """Return the numbers of a text's words, in their order; unknown words are left out."""
        known = [self.number_of[word] for word in words(text) if word in self.number_of]
        return np.array(known, dtype=np.int64)

    def quoted(self, numbers: Sequence[int], text: str, most: int = 5) -> str:
        """Return words of a text as it writes them: “garden”, “hoses” and 3 more."""
        shown = written(text)
        names = [self.names[number] for number in numbers[:most]]
        quoted = ", ".join(f"“{shown.get(name, name)}”" for name in names)
        more = len(numbers) - most
        return say("audit.list.more", words=quoted, more=more) if more > 0 else quoted


def written(text: str) -> dict[str, str]:
    """Return the spellings of a text's words, by the form that ``words`` gives them."""
    found: dict[str, str] = {}
    for token in WORD.findall(text.lower()):
        for word in words(token):
            found.setdefault(word, token if len(words(token)) == 1 else word)
    return found


def listed(messages: Sequence[Message]) -> Message:
    """Return messages as a list: a, b, c."""
    return reduce(lambda first, rest: say("audit.list.comma", first=first, rest=rest), messages)


def joined(messages: Sequence[Message]) -> Message:
    """Return messages as one clause: a and b."""
    return reduce(lambda first, rest: say("audit.list.and", first=first, rest=rest), messages)
