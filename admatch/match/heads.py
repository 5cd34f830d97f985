"""Which words of a term a product does not meet, and whether the head word is among them.

The head word says what the thing is: the last word of a term, or the last one before "for" or
"with", colours, materials and praise aside. "Garlic press" is a press, whatever it shares with
garlic, and so is "garlic press black".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from admatch.match.attributes.lexicon import named, stated
from admatch.match.attributes.quantities import without_quantities
from admatch.match.tokens import words

# What comes after the head: what the thing is for, made of, or sold with.
AFTER_HEAD = frozenset(
    (
        *("with", "for", "without", "from", "of", "to", "in", "on", "by", "and"),
        *("mit", "für", "ohne", "aus", "von", "zum", "zur", "und", "im"),
        *(
            "de",
            "del",
            "à",
            "au",
            "aux",
            "para",
            "con",
            "sin",
            "pour",
            "avec",
            "sans",
            "per",
            "senza",
            "di",
            "da",
        ),
        *("voor", "met", "zonder", "van", "för", "med"),
    )
)
# A colour that is a thing as often: "cara cara orange".
ALSO_THINGS = frozenset(("orange",))
# What shoppers add about the purchase, which says nothing of the thing.
ABOUT_BUYING = frozenset(
    (
        *("best", "cheap", "sale", "buy", "near", "me", "online", "delivery", "bulk", "deal"),
        *("price", "review", "affordable", "new", "shop", "store", "multipack", "order"),
        *("kaufen", "günstig", "billig", "bestellen", "preis", "barato", "comprar", "acheter"),
    )
)
# What shoppers call any thing, before or after its name: "passionfruit fresh".
PRAISE = (
    "fresh", "plain", "whole", "big", "large", "small", "good", "cheap", "best", "organic",
    "quality", "bulk", "original", "easy", "strong", "soft", "light", "premium", "natural", "real",
    "everyday", "classic", "simple", "nice", "favorite", "healthy", "quick", "top", "portable",
    "comfortable", "regular", "standard", "basic", "modern",
)  # fmt: skip
# A compound holds its parts: "Gartenschlauch" is a "Schlauch". Shorter parts occur by chance, and
# a slip makes too many short words another.
PART, WHOLE = 5, 6
REST = 3  # letters, at least, after a first part: "pressed" is no press


@dataclass(frozen=True, slots=True)
class TermWords:
    """The words of a term that say something, without its sizes; ``head`` is one of them."""

    words: tuple[str, ...]
    head: str


@lru_cache(maxsize=2**14)
def term_words(term: str) -> TermWords | None:
    """Return the words of a term; None where it has none but sizes."""
    every = words(without_quantities(term))
    if not (said := _saying(every)):
        return None
    before = next((at for at, word in enumerate(every) if at and word in AFTER_HEAD), len(every))
    heads = _saying(every[:before]) or said
    spelled = [word for word in heads if any(map(str.isalpha, word))] or heads
    things = [word for word in spelled if word not in PRAISE and not _is_value(word)] or spelled
    return TermWords(tuple(dict.fromkeys(said)), things[-1])


def _is_value(word: str) -> bool:
    return word not in ALSO_THINGS and bool(named(word))


def _saying(every: Sequence[str]) -> list[str]:
    said = [word for word in every if word not in AFTER_HEAD]
    return [word for word in said if word not in ABOUT_BUYING] or said


def unmet(term: str, title: str, in_text: Callable[[str], bool] = lambda word: False) -> list[str]:
    """Return the words of a term that a product has neither in its title nor in its text."""
    found = term_words(term)
    known, values = _title(title)
    said = found.words if found else ()
    return [word for word in said if not _met(word, known, values) and not in_text(word)]


def evidence(term: str, near: Mapping[str, float]) -> tuple[float, float, float, float]:
    """Return what the words say that a product lacks; ``near`` has the nearest cosine of each.

    1 where the head is met, else 0; the share of words that are lacking; the least cosine of a
    word, and that of the head: 1 where they are met.
    """
    found = term_words(term)
    if found is None:
        return 1.0, 0.0, 1.0, 1.0
    missing = len(near) / len(found.words)
    least = min(near.values(), default=1.0)
    return float(found.head not in near), missing, least, near.get(found.head, 1.0)


@lru_cache(maxsize=2**14)
def _title(title: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return a title's words, and the names of the values that it states."""
    values = stated(title.casefold())
    names = {name for value in values for name in (value.name, *value.kinds)}
    return frozenset(words(title)), frozenset(names)


def _met(word: str, known: frozenset[str], values: frozenset[str]) -> bool:
    if word in known or any(value.name in values for value in named(word)):
        return True
    return len(word) >= PART and any(
        (other.startswith(word) and len(other) >= len(word) + REST)
        or other.endswith(word)
        or (len(other) >= WHOLE and word.startswith(other))
        or one_slip(word, other)
        for other in known
    )


def one_slip(word: str, other: str) -> bool:
    """Return whether one slip makes one word the other: a letter more, less, wrong or swapped."""
    if abs(len(word) - len(other)) > 1 or word[0] != other[0]:
        return False
    same = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if same is None:
        return True
    a, b = word[same:], other[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
