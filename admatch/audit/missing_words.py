"""From search terms to listings: the words that shoppers use and a listing lacks."""

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from admatch.audit.material import Material
from admatch.audit.records import TERMS_SCHEMA, Aspect, Finding, Severity
from admatch.audit.vocabulary import written
from admatch.display.money import money
from admatch.match.lexical import words
from admatch.match.records import Matches, Outcome

SAID = 0.7  # cosine of a word to one of the listing's that says the same: "sofa", "couch"
SHORT = 3  # letters of a word in Latin letters that says something: not "me", "xl"
MISSPELT = 0.8  # share of letters in common with a word of the listing: the same, misspelt
LEAST_CLICKS = 5  # on a product's terms with a word that sold nothing, before its lack is told
TOLD = 3  # words of a product that are told


def missing_words(material: Material, matches: Matches) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the terms (``TERMS_SCHEMA``) whose words their listing lacks, and what to add.

    Only terms that are about a product count, each for the product it retrieves first. A word is
    lacking where neither title, bullets, description, attributes nor back-end terms have it or one
    that means the same. Terms stand by what they sell, then by what they cost.
    """
    terms = _retrieved(matches)
    if terms.is_empty():
        return pl.DataFrame(schema=TERMS_SCHEMA), []
    number = dict(zip(material.frame["product_id"], range(len(material)), strict=True))
    places = [number.get(name, -1) for name in terms["product_id"].to_list()]
    meanings = _meanings(material, terms["search_term"].to_list())
    lacking = [
        _lacking(material, term, place, meanings) if place >= 0 else []
        for term, place in zip(terms["search_term"].to_list(), places, strict=True)
    ]
    rows = terms.with_columns(
        missing=pl.Series(lacking, dtype=pl.List(pl.String)), place=pl.Series(places)
    ).filter(pl.col("missing").list.len() > 0)
    ordered = rows.sort("sales", "spend", descending=True, nulls_last=True, maintain_order=True)
    return ordered.select(*TERMS_SCHEMA), _wishes(ordered)


def _retrieved(matches: Matches) -> pl.DataFrame:
    """Return each term that is about a product with that product and the term's figures."""
    figures = matches.frame.filter(pl.col("outcome") == Outcome.MATCH.value)
    sums = (pl.col(name).sum() for name in ("clicks", "spend", "orders", "sales"))
    by = ("search_term", "currency", "product_id", "title")
    return figures.group_by(by, maintain_order=True).agg(
        *sums, probability=pl.col("product_probability").first()
    )


def _meanings(material: Material, terms: Iterable[str]) -> "dict[str, np.ndarray]":
    """Return the vectors of the terms' words: those of the vocabulary, and new ones."""
    wanted = dict.fromkeys(word for term in terms for word in words(term))
    new = [word for word in wanted if word not in material.words.places]
    vectors = material.encode(new, "encoding words of terms")
    known = {
        word: material.words.vectors[material.words.places[word]]
        for word in wanted
        if word in material.words.places
    }
    return known | dict(zip(new, vectors, strict=True))


def _lacking(
    material: Material, term: str, place: int, meanings: "dict[str, np.ndarray]"
) -> list[str]:
    told = f"{material.frame['title'][place]} {material.frame['brand'][place] or ''}"
    listing = material.words.numbers(f"{told} {material.bodies[place]} {material.hidden[place]}")
    asked = [
        word
        for word in dict.fromkeys(words(term))
        if word not in _empty_words() and (len(word) >= SHORT or not word.isascii())
    ]
    if not asked:
        return []
    vectors = np.stack([meanings[word] for word in asked])
    nearest = (vectors @ material.words.vectors[listing].T).max(axis=1, initial=-1.0)
    known = [material.words.names[number] for number in dict.fromkeys(listing.tolist())]
    shown = written(term)
    return [
        shown[word]
        for word, near in zip(asked, nearest, strict=True)
        if near < SAID and not get_close_matches(word, known, n=1, cutoff=MISSPELT)
    ]


def _wishes(terms: pl.DataFrame) -> list[Finding]:
    """Return one finding a product: its missing words with what their terms brought and cost."""
    single = terms.explode("missing", empty_as_null=False)
    sums = (pl.col(name).sum() for name in ("clicks", "spend", "orders", "sales"))
    by_word = (
        single.group_by("place", "currency", "missing", maintain_order=True)
        .agg(*sums, terms=pl.len())
        .filter((pl.col("clicks") >= LEAST_CLICKS) | (pl.col("orders") > 0))
        .sort("sales", "spend", "missing", descending=[True, True, False], nulls_last=True)
    )
    return [
        _wish(place, group.head(TOLD).to_dicts())
        for (place, _), group in by_word.group_by("place", "currency", maintain_order=True)
    ]


def _wish(place: object, rows: "list[dict[str, object]]") -> Finding:
    told = ", ".join(
        f"“{row['missing']}” ({row['clicks']} clicks for {money(row['spend'], row['currency'])}"  # type: ignore[arg-type]
        f", {row['orders'] or 0} {'order' if row['orders'] == 1 else 'orders'})"
        for row in rows
    )
    sold = any(row["orders"] for row in rows)
    return Finding(
        int(place),  # type: ignore[call-overload]
        Aspect.MISSING_WORDS,
        Severity.MEDIUM if sold else Severity.LOW,
        None,
        f"Search terms that retrieve this listing say {told}; the listing does not",
        "If it is true of the product, say it in title, bullets or back-end terms",
    )


@cache
def _empty_words() -> frozenset[str]:
    text = files("admatch.decisions").joinpath("empty_words.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)["words"])
