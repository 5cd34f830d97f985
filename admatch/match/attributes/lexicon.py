"""Colours, materials, wearers and clothing sizes in a text, in thirteen languages: ``stated``."""

import csv
import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from admatch.match.tokens import UNSPACED

# Endings of adjectives ("roter", "rojas"); what is left is looked up as it stands and with "o".
ENDINGS = re.compile(r"(?:e[rsnm]?|as|os|a|s)$")
SHORTEST = 3  # letters that an ending must leave
# "Silikonschlauch" names a material: the first part of a compound, and what may follow it.
COMPOUND, REST = 5, 4
COMPOUNDING = ("de", "nl", "sv")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an attribute, such as the colour red; ``kinds`` are what it is a kind of."""

    attribute: str
    name: str
    kinds: tuple[str, ...]

    @property
    def text(self) -> str:
        """The value in English."""
        return self.name.replace("-", " ")


@dataclass(frozen=True)
class _Lexicon:
    """Values by word, by phrase of several words, and by text in scripts without spaces.

    ``openers`` are the first words of phrases; ``compounds`` the values by the first part of a
    word, which ``part`` finds.
    """

    values: dict[str, tuple[Value, ...]]
    unspaced: dict[str, tuple[Value, ...]]
    openers: frozenset[str]
    longest: int
    compounds: dict[str, Value]
    part: re.Pattern[str]
    every: tuple[Value, ...]


def stated(text: str) -> list[Value]:
    """Return the values that a lower-case text names, each once."""
    lexicon = _lexicon()
    found: dict[Value, None] = {}
    words = WORD.findall(text)
    at = 0
    while at < len(words):
        values, length = _of(words[at]), 1
        if words[at] in lexicon.openers:
            for more in range(min(lexicon.longest, len(words) - at), 1, -1):
                if phrase := lexicon.values.get(" ".join(words[at : at + more])):
                    values, length = phrase, more
                    break
        found |= dict.fromkeys(values)
        at += length
    if UNSPACED.search(text):
        for word, values in lexicon.unspaced.items():
            if word in text:
                found |= dict.fromkeys(values)
    return list(found)


def siblings(word: str) -> list[str]:
    """Return English words for the other values of the attribute that a word names, if one."""
    values = _of(word)
    if len(values) != 1:
        return []
    return [
        value.name.replace("-", " ")
        for value in _lexicon().every
        if value.attribute == values[0].attribute
        and value != values[0]
        and value.name not in values[0].kinds
        and values[0].name not in value.kinds
    ]


def named(word: str) -> tuple[Value, ...]:
    """Return the values that a whole word names, in whatever form."""
    values = _lexicon().values
    stem = ENDINGS.sub("", word)
    forms = (word, stem, stem + "o") if len(stem) >= SHORTEST else (word,)
    return next((values[form] for form in forms if form in values), ())


@lru_cache(maxsize=2**16)
def _of(word: str) -> tuple[Value, ...]:
    if values := named(word):
        return values
    compound = _lexicon().part.match(word)
    return (_lexicon().compounds[compound[1]],) if compound else ()


@cache
def _lexicon() -> _Lexicon:
    known: dict[str, dict[Value, None]] = {}
    compounds: dict[str, Value] = {}
    added = tomllib.loads(_read("words.toml"))
    kinds: dict[str, Any] = added.pop("kinds")

    def value_of(attribute: str, name: str) -> Value:
        return Value(attribute, name, tuple(kinds.get(attribute, {}).get(name, ())))

    for row in csv.DictReader(_read("values.csv").splitlines()):
        value = value_of(row.pop("attribute"), row.pop("value"))
        for language, word in row.items():
            if word:
                known.setdefault(word, {})[value] = None
            if language in COMPOUNDING and len(word) >= COMPOUND and value.attribute == "material":
                compounds.setdefault(word, value)
    for attribute, values in added.items():
        for name, words in values.items():
            for word in (name.replace("-", " "), *words):
                known.setdefault(word, {})[value_of(attribute, name)] = None
    plain = {word: tuple(values) for word, values in known.items() if _clear(tuple(values))}
    unspaced = {word: values for word, values in plain.items() if UNSPACED.search(word)}
    several = [word.split() for word in plain if " " in word]
    parts = "|".join(sorted(compounds, key=len, reverse=True))
    return _Lexicon(
        plain,
        unspaced,
        frozenset(words[0] for words in several),
        max(map(len, several)),
        compounds,
        re.compile(rf"({parts})\w{{{REST}}}"),
        tuple(dict.fromkeys(value for values in plain.values() for value in values)),
    )


def _clear(values: tuple[Value, ...]) -> bool:
    """Return whether a word names at most one value of an attribute, in whatever language."""
    return len({value.attribute for value in values}) == len(values)


def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
