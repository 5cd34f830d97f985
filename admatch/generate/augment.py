"""Product listings → queries that shoppers might have typed to find them.

A pseudo-query starts as one to four of a title's first words. Rewrites then change it as shoppers
do; the gain of each for the decoder is measured in ``tests/benchmarks/augmentation.py``.
"""

import csv
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

import numpy as np

WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
NAME_END = re.compile(r"[,|(\[/:;]|\s[-–—]\s|\s(?:with|for|from|without|by)\s", re.IGNORECASE)
HEAD = 10  # words: a title begins with what the product is


@dataclass(frozen=True, slots=True)
class Listing:
    """The source of a pseudo-query; ``rival`` is a brand that sells something else."""

    title: str
    brand: str | None = None
    rival: str | None = None


Rewrite: TypeAlias = Callable[[list[str], Listing, np.random.Generator], list[str]]


def pseudo_query(
    listing: Listing, rng: np.random.Generator, rewrites: Mapping[Rewrite, float]
) -> str:
    """Return a query that might mean a product; ``rewrites`` maps each one to its frequency."""
    words = _first_words(listing.title, rng)
    for rewrite, share in rewrites.items():
        if words and rng.random() < share:
            words = rewrite(words, listing, rng)
    return " ".join(words)


def _first_words(title: str, rng: np.random.Generator) -> list[str]:
    """Return one to four of a title's first words, in its order, half the time consecutive."""
    heads = WORD.findall(title.lower())[:HEAD]
    length = min(int(rng.integers(1, 5)), len(heads))
    if rng.random() < 0.5:
        start = int(rng.integers(0, len(heads) - length + 1))
        return heads[start : start + length]
    return [heads[i] for i in sorted(rng.choice(len(heads), length, replace=False))]


def reorder(words: list[str], listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the words in random order."""
    return [words[i] for i in rng.permutation(len(words))]


def attributes(words: list[str], listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return some attributes of the title and the noun that names the thing: "black hose"."""
    heads = WORD.findall(listing.title.lower())
    name = WORD.findall(NAME_END.split(listing.title.lower(), maxsplit=1)[0])
    known = [word for word in heads if word in _attributes() and word not in name[-1:]]
    if not name or not known:
        return words
    chosen = rng.permutation(len(known))[: int(rng.integers(1, 3))]
    return [*(known[i] for i in sorted(chosen)), *name[-int(rng.integers(1, 3)) :]]


def synonyms(words: list[str], listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the words, each that has synonyms replaced by one of them."""
    return [_one_of(_synonyms().get(word, (word,)), rng) for word in words]


def translate(words: list[str], listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the words that the dictionary knows, in one other language, without the others.

    Where it knows none of them, the words are unchanged.
    """
    language = _one_of(("de", "es", "fr", "it", "ja", "zh"), rng)
    known = [_translations()[word][language] for word in words if word in _translations()]
    return known or words


def plural(words: list[str], listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the words with the last one in the plural, or in the singular if it was plural."""
    last = words[-1]
    if len(last) > 3 and last.endswith("s") and not last.endswith("ss"):
        return [*words[:-1], last[:-1]]
    return [*words[:-1], last + ("es" if last.endswith(("x", "ch", "sh", "ss")) else "s")]


def brand(words: list[str], listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the words after the product's own brand or a rival's; the meaning stays the same."""
    name = listing.brand if rng.random() < 0.5 else listing.rival
    return [*WORD.findall(name.lower()), *words] if name else words


def intent(words: list[str], listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the words with an addition that shoppers make: "best", "cheap", "for sale"."""
    added = _one_of(_intents(), rng).replace("_", " ")
    return [added, *words] if rng.random() < 0.5 else [*words, added]


def misspell(words: list[str], listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the words with one letter dropped, doubled or swapped with the next."""
    text = " ".join(words)
    if len(text) < 4:
        return words
    start = int(rng.integers(1, len(text) - 2))
    a, b = text[start], text[start + 1]
    slip = ("", a + a, b + a)[int(rng.integers(3))]
    end = start + 2 if slip == b + a else start + 1
    return (text[:start] + slip + text[end:]).split()


# In the order in which they are applied, with the share of queries that each changes.
REWRITES: dict[Rewrite, float] = {
    attributes: 0.1,
    synonyms: 0.2,
    plural: 0.1,
    reorder: 0.15,
    brand: 0.1,
    intent: 0.05,
    misspell: 0.15,
}
# For encoders of several languages.
WITH_LANGUAGES: dict[Rewrite, float] = {translate: 0.3, **REWRITES}


def _one_of(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


@cache
def _lexicon() -> dict[str, object]:
    return tomllib.loads((files(__package__) / "lexicon.toml").read_text(encoding="utf-8"))


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    rows = _lexicon()["synonyms"]
    assert isinstance(rows, list)
    others: dict[str, tuple[str, ...]] = {}
    for row in rows:
        for word in row:
            others[word] = others.get(word, ()) + tuple(other for other in row if other != word)
    return others


@cache
def _attributes() -> frozenset[str]:
    return frozenset(str(_lexicon()["attributes"]).split())


@cache
def _intents() -> tuple[str, ...]:
    return tuple(str(_lexicon()["intents"]).split())


@cache
def _translations() -> dict[str, dict[str, str]]:
    text = (files(__package__) / "translations.csv").read_text(encoding="utf-8")
    return {row["en"]: row for row in csv.DictReader(text.splitlines())}
