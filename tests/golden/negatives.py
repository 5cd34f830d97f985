"""What a negative blocks, by rules that are simpler than admatch's and share no code with it."""

import re
from functools import cache

from admatch.reports.account.records import MatchType

_ASIN = re.compile(r"b0[a-z0-9]{8}", re.IGNORECASE)
_PLURALS = (
    (re.compile(r"['’]s?$"), ""),
    (re.compile(r"(?<=\w\w)ies$"), "y"),
    (re.compile(r"(?<=ss|ch|sh)es$|(?<=[xzo])es$"), ""),
    (re.compile(r"(?<=\w[^\Wsui])s$"), ""),
)


def blocks(text: str, kind: MatchType | None, term: str) -> bool:
    """Return whether a negative blocks a term; ``kind`` is None for a negative product.

    Negative keywords do not block pages, negative products nothing else.
    """
    page = _ASIN.fullmatch(term) is not None
    if kind is None:
        return page and term.upper() in text.upper()
    if page:
        return False
    words, of_term = _words(text), _words(term)
    if kind == MatchType.NEGATIVE_EXACT:
        return words == of_term
    starts = range(len(of_term) - len(words) + 1)
    return any(of_term[start : start + len(words)] == words for start in starts)


@cache
def _words(text: str) -> list[str]:
    """Return the words of a text in small letters, plurals as their singulars."""
    return [_singular(word) for word in re.findall(r"[\w'’]+", text.lower())]


def _singular(word: str) -> str:
    for plural, ending in _PLURALS:
        if plural.search(word):
            return plural.sub(ending, word)
    return word
