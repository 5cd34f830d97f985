"""The words that shoppers use and a listing lacks, from search terms and their matches."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl

from admatch.audit.material import Material
from admatch.audit.records import TERMS_SCHEMA, Aspect, Finding, Severity
from admatch.audit.said import said
from admatch.audit.vocabulary import listed, written
from admatch.display.money import money
from admatch.match.heads import AFTER_HEAD, term_words
from admatch.match.records import Matches, Outcome
from admatch.match.tokens import words
from admatch.messages import Message, say

SYNONYM = 0.7  # cosine of a word to one of the listing that means the same: "sofa", "couch"
SHORT = 3  # letters of a word in Latin script that carries meaning: not "me", "xl"
MISSPELT = 0.8  # share of letters shared with a word of the listing: the same word, misspelt
LEAST_CLICKS = 5  # on terms with a word that sold nothing, before its lack is a finding
LEAST_SOLD = 3  # the same on terms that sold: one click with an order is chance
BRANDED = 0.5  # share of a word's listings whose brand it names, from which on it is a brand
OFTENER = 5  # times as many listings have a word that a rare one is a misspelling of
_SLIPS = 2  # letters by which a misspelt word may be longer or shorter
SHOWN = 3  # words of a product that a finding names


def missing_words(material: Material, matches: Matches) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the terms (``TERMS_SCHEMA``) whose words their listing lacks, and the findings.

    Only terms that match a product count, each for the product that it retrieves first. A word is
    missing where neither title, bullets, description, attributes nor back-end terms have it or one
    that means the same, and other listings of the catalog do. Terms are ordered by sales, then by
    spend.
    """
    terms = _retrieved(matches)
    if terms.is_empty():
        return pl.DataFrame(schema=TERMS_SCHEMA), []
    number = dict(zip(material.frame["product_id"], range(len(material)), strict=True))
    rows = [number.get(name, -1) for name in terms["product_id"].to_list()]
    meanings = _meanings(material, terms["search_term"].to_list())
    proposable = _Proposable(material)
    lacking = [
        _lacking(material, term, row, meanings, proposable) if row >= 0 else []
        for term, row in zip(terms["search_term"].to_list(), rows, strict=True)
    ]
    rows_lacking = terms.with_columns(
        missing=pl.Series(lacking, dtype=pl.List(pl.String)), row=pl.Series(rows)
    ).filter(pl.col("missing").list.len() > 0)
    ordered = rows_lacking.sort(
        "sales", "spend", descending=True, nulls_last=True, maintain_order=True
    )
    return ordered.select(*TERMS_SCHEMA), _findings(ordered)


def _retrieved(matches: Matches) -> pl.DataFrame:
    """Return each term that matches a product, with that product and the term's figures."""
    figures = matches.frame.filter(pl.col("outcome") == Outcome.MATCH.value)
    sums = (pl.col(name).sum() for name in ("clicks", "spend", "orders", "sales"))
    by = ("search_term", "currency", "product_id", "title")
    return figures.group_by(by, maintain_order=True).agg(
        *sums, probability=pl.col("product_probability").first()
    )


def _meanings(material: Material, terms: Iterable[str]) -> "dict[str, np.ndarray]":
    """Return the vectors of the terms' words: those of the vocabulary, and new ones."""
    vocabulary = material.words
    every = dict.fromkeys(word for term in terms for word in words(term))
    new = [word for word in every if word not in vocabulary.number_of]
    vectors = material.encode(new, "encoding words of terms")
    known = {
        word: vocabulary.vectors[vocabulary.number_of[word]]
        for word in every
        if word in vocabulary.number_of
    }
    return known | dict(zip(new, vectors, strict=True))


def _lacking(
    material: Material,
    term: str,
    row: int,
    meanings: "dict[str, np.ndarray]",
    proposable: "_Proposable",
) -> list[str]:
    """Return the words of a term that a product's listing lacks, as the term writes them."""
    named = f"{material.frame['title'][row]} {material.frame['brand'][row] or ''}"
    text = f"{named} {material.bodies[row]} {material.hidden[row]}"
    listing = material.words.numbers(text)
    if proposable.of_another_kind(term, frozenset(words(text))):
        return []
    compounds = not material.english
    wanted = [word for word in proposable.wanted(term) if not said(word, text, compounds=compounds)]
    if not wanted:
        return []
    vectors = np.stack([meanings[word] for word in wanted])
    nearest = (vectors @ material.words.vectors[listing].T).max(axis=1, initial=-1.0)
    known = [material.words.names[number] for number in dict.fromkeys(listing.tolist())]
    shown = written(term)
    return [
        shown[word]
        for word, near in zip(wanted, nearest, strict=True)
        if near < SYNONYM and not get_close_matches(word, known, n=1, cutoff=MISSPELT)
    ]


class _Proposable:
    """The words that may be proposed: those that listings of the catalog say as plain words.

    A word that no listing has may be the name of another's brand or misspelt, whatever it sold;
    nothing in a report tells it from a word that is worth saying.
    """

    def __init__(self, material: Material) -> None:
        self._listings, branded = Counter[str](), Counter[str]()
        brands = material.frame["brand"].to_list()
        for row, title in enumerate(material.frame["title"].to_list()):
            text = f"{title} {material.bodies[row]} {material.hidden[row]}"
            own = frozenset(words(text))
            self._listings.update(own)
            branded.update(own.intersection(words(brands[row] or "")))
        self._brands = {one for one, n in branded.items() if n >= BRANDED * self._listings[one]}
        self._by_start: dict[str, list[str]] = {}
        for name in self._listings:
            if len(name) > SHORT:
                self._by_start.setdefault(name[0], []).append(name)
        self._known: dict[str, bool] = {}
        heads = (term_words(title.partition(",")[0]) for title in material.frame["title"].to_list())
        self._kinds = {one.head for one in heads if one is not None}

    def wanted(self, term: str) -> list[str]:
        """Return the words of a term that may be proposed.

        A word beside one that no listing has may be part of a name: "great value", "yukon gold".
        """
        every = words(term)
        strange = [self._strange(word) for word in every]
        beside = [any(strange[max(at - 1, 0) : at + 2]) for at in range(len(every))]
        free = (word for word, named in zip(every, beside, strict=True) if not named)
        return [word for word in dict.fromkeys(free) if _says_something(word) and word in self]

    def of_another_kind(self, term: str, listing: frozenset[str]) -> bool:
        """Return whether a term asks for what other products are: juice, of a grapefruit."""
        asked = term_words(term)
        return asked is not None and asked.head in self._kinds and asked.head not in listing

    def _strange(self, word: str) -> bool:
        return word.isalpha() and _says_something(word) and not self._listings[word]

    def __contains__(self, word: object) -> bool:
        text = str(word)
        if text not in self._known:
            said = self._listings[text] > 0 and text not in self._brands
            self._known[text] = said and not self._misspelt(text)
        return self._known[text]

    def _misspelt(self, word: str) -> bool:
        """Return whether a rare word is nearly one that many more listings have."""
        often = OFTENER * self._listings[word]
        alike = [
            name
            for name in self._by_start.get(word[:1], ())
            if abs(len(name) - len(word)) <= _SLIPS and self._listings[name] >= often
        ]
        return bool(get_close_matches(word, alike, n=1, cutoff=MISSPELT))


def _findings(terms: pl.DataFrame) -> list[Finding]:
    """Return one finding a product: its missing words with the figures of their terms."""
    single = terms.explode("missing", empty_as_null=False)
    sums = (pl.col(name).sum() for name in ("clicks", "spend", "orders", "sales"))
    by_word = (
        single.group_by("row", "currency", "missing", maintain_order=True)
        .agg(*sums, terms=pl.len())
        .filter(
            (pl.col("clicks") >= LEAST_CLICKS)
            | ((pl.col("orders") > 0) & (pl.col("clicks") >= LEAST_SOLD))
        )
        .sort("sales", "spend", "missing", descending=[True, True, False], nulls_last=True)
    )
    return [
        _finding(row, group.head(SHOWN).to_dicts())
        for (row, _), group in by_word.group_by("row", "currency", maintain_order=True)
    ]


def _finding(row: object, lacking: list[dict[str, Any]]) -> Finding:
    sold = any(one["orders"] for one in lacking)
    return Finding(
        int(row),  # type: ignore[call-overload]
        Aspect.MISSING_WORDS,
        Severity.MEDIUM if sold else Severity.LOW,
        None,
        say("audit.missing_words.evidence", words=listed(list(map(_word, lacking)))),
        say("audit.missing_words.remedy"),
    )


def _word(one: dict[str, Any]) -> Message:
    return say(
        "audit.missing_words.word",
        word=one["missing"],
        clicks=say("audit.missing_words.clicks", n=one["clicks"]),
        spend=money(one["spend"], one["currency"]),
        orders=say("audit.missing_words.orders", n=one["orders"] or 0),
    )


def _says_something(word: str) -> bool:
    long = len(word) >= SHORT or not word.isascii()
    return long and word not in _empty_words() and word not in AFTER_HEAD


@cache
def _empty_words() -> frozenset[str]:
    text = files("admatch.decisions").joinpath("empty_words.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)["words"])
