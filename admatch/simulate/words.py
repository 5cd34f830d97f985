"""Words as shoppers type them: tokens, folded plurals, names cut from titles, misspellings."""

import re
from collections.abc import Sequence

import numpy as np

_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_NAME_END = re.compile(r"[,|(\[/]|\s[-–—]\s|\s(?:with|for|from|without|on|by)\s", re.IGNORECASE)
_LINKS = frozenset({"a", "and", "by", "for", "in", "of", "on", "or", "the", "to", "with"})
_KEYS = ("qwertyuiopo", "asdfghjklk", "zxcvbnmn")  # a row's last key slips to the one before it
_NEIGHBOURS = {row[at]: row[at + 1] for row in _KEYS for at in range(len(row) - 1)}
NAME_WORDS = 5  # shoppers seldom type more words of a title


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case, numbers included, punctuation left out."""
    return _TOKEN.findall(text.lower())


def fold(word: str) -> str:
    """Return a lower-case English word in the singular: ``tomatoes`` and ``tomato`` are one."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("oes", "shes", "ches", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


def folded(text: str) -> frozenset[str]:
    """Return the folded words of a text without links (``for``, ``with``) and with hyphens cut."""
    parts = (part for token in tokens(text) for part in (token, *token.split("-")))
    return frozenset(fold(part) for part in parts if part not in _LINKS)


def plural(word: str) -> str:
    """Return the other number of a word: ``apple`` for ``apples`` and the reverse."""
    single = fold(word)
    if single != word:
        return single
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("o", "s", "x", "z", "ch", "sh")) else "s")


def name_of(title: str, brand: str | None) -> list[str]:
    """Return the words that name a product: the start of a title without brand and numbers."""
    text = title.lower()
    if brand and text.startswith(brand.lower()):
        text = text[len(brand) :]
    start = _NAME_END.split(text.strip(), maxsplit=1)[0]
    words = [word for word in tokens(start) if not any(map(str.isdigit, word))]
    return [word for word in words if word not in _LINKS][:NAME_WORDS]


def misspell(text: str, rng: np.random.Generator) -> str:
    """Return the text with one slip in a longer word: a letter lost, doubled, swapped or mistyped.

    The first letter stays, as it nearly always does. A text without a word of four letters is
    returned unchanged.
    """
    words = text.split(" ")
    usual = [at for at, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    long = [at for at in usual if len(words[at]) >= 6] or usual
    if not long:
        return text
    chosen = long[int(rng.integers(len(long)))]
    words[chosen] = _slip(words[chosen], rng)
    return " ".join(words)


def _slip(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(1, len(word) - 1))
    letter, following = word[at], word[at + 1]
    slips: Sequence[str] = (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + following + letter + word[at + 2 :],
        word[:at] + _NEIGHBOURS.get(letter, letter) + word[at + 1 :],
    )
    # Lost, doubled and swapped letters are commoner than a neighbouring key.
    return slips[int(rng.choice(4, p=(0.34, 0.26, 0.26, 0.14)))]
