"""Planted near-duplicates, variants and competing listings, and how the audit tells them apart."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from admatch.audit.claims import colours
from admatch.audit.material import Material
from admatch.audit.missing_words import missing_words
from admatch.audit.neighbours import Nearest, nearest
from admatch.audit.pictures import Pictures
from admatch.audit.similar import similar_products, spaces
from admatch.catalog.records import Catalog
from admatch.encode.product_text import product_vectors
from admatch.index.index import Index
from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.match.tokens import words
from admatch.progress import silent
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport
from tests.benchmarks.audit_reference import Bench, halves, listed
from tests.benchmarks.shared_data import _bestbuy, _toys

SEED, LISTINGS, PLANTED = 7, 800, 50
RIVALS, ASKED = 20, 8  # pairs of each kind that compete or not, and terms of each
OTHER_WORDS = ("Deluxe", "Classic", "Third", "Sixth", "Junior", "Travel")
NO_PICTURES = Pictures(np.empty(0, np.int64), [], np.empty((0, 1), np.float32))
DUPLICATES = ("spelt in another way", "words in another order", "a word left out, half of the text")
VARIANTS = ("another number", "another colour", "another brand", "another word")


@dataclass(frozen=True)
class Listings:
    """What the check of similar products looks at: listings without pictures."""

    frame: pl.DataFrame
    vectors: np.ndarray
    pictures: Pictures

    def __len__(self) -> int:
        return self.frame.height


def planted(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return copies of some listings, each changed in one ``way``; ``of`` is its row."""
    rows = frame.select("title", "description", "brand").to_dicts()
    brands = sorted({row["brand"] for row in rows if row["brand"]})
    made = []
    for way in (*DUPLICATES, *VARIANTS):
        changed = [
            (at, copy) for at, row in enumerate(rows) if (copy := _copy(row, way, brands, rng))
        ]
        chosen = rng.permutation(len(changed))[:PLANTED]
        made += [changed[one][1] | {"of": changed[one][0], "way": way} for one in chosen.tolist()]
    return pl.DataFrame(made)


def _copy(
    row: dict[str, str | None], way: str, brands: list[str], rng: np.random.Generator
) -> dict[str, str | None] | None:
    """Return a listing changed in one way, None where it has nothing to change."""
    title, text = str(row["title"]), str(row["description"] or "")
    words = title.split()
    if way == DUPLICATES[0]:
        return row | {"title": re.sub(r"[^\w. ]+", " ", title).title()}
    if way == DUPLICATES[1]:
        return row | {"title": " ".join(rng.permutation(words))} if len(words) > 3 else None
    if way == DUPLICATES[2]:
        plain = [at for at, word in enumerate(words) if word.isalpha() and not _says(word)]
        if len(plain) < 4:
            return None
        left = plain[-1]
        return row | {
            "title": " ".join(words[:left] + words[left + 1 :]),
            "description": text[: len(text) // 2],
        }
    if way == VARIANTS[0]:
        return _replaced(row, re.search(r"\b\d+\b", title), lambda one: str(int(one) * 2 + 1))
    if way == VARIANTS[1]:
        found = next((match for match in re.finditer(r"\w+", title) if _says(match[0])), None)
        others = [
            one
            for one in ("Red", "Blue", "Green", "White", "Black", "Pink")
            if found and one.lower() != found[0].lower()
        ]
        return _replaced(row, found, lambda _: str(rng.choice(others)))
    if way == VARIANTS[3]:
        found = next((one for one in re.finditer(r"[A-Za-z]{5,}", title)), None)
        return _replaced(row, found, lambda _: str(rng.choice(OTHER_WORDS)))
    brand = row["brand"]
    if not brand or not (found := re.search(rf"\b{re.escape(brand)}\b", title, re.IGNORECASE)):
        return None
    other = str(rng.choice([one for one in brands if one.lower() != brand.lower()]))
    return (_replaced(row, found, lambda _: other) or {}) | {"brand": other}


def _says(word: str) -> bool:
    """Return whether a word is the name of a colour."""
    return word.lower() in colours().words


def _replaced(row, found, other) -> dict[str, str | None] | None:
    """Return a listing with what was found in its title replaced, in its text as well."""
    if found is None:
        return None
    old, new = found[0], other(found[0])
    changed = {
        name: re.sub(rf"\b{re.escape(old)}\b", new, row[name] or "", flags=re.IGNORECASE)
        for name in ("title", "description")
    }
    return row | changed


def near_duplicates(bench: Bench) -> list[dict[str, object]]:
    """Return how well copies are told from variants, by the audit and by the cosine alone."""
    rows = []
    for name, frame in (("toys", _toys()), ("bestbuy", _bestbuy())):
        some = listed(halves(frame)[1][:LISTINGS])
        copies = planted(some, np.random.default_rng(SEED))
        columns = ("title", "description", "brand")
        whole = listed(pl.concat([some.select(columns), copies.select(columns)]))
        vectors = product_vectors(whole, bench.encode)
        found = _reported(some, whole, vectors, copies["of"].to_numpy())
        for system, hits in found.items():
            shares = {
                way: float(hits[(copies["way"] == way).to_numpy()].mean())
                for way in (*DUPLICATES, *VARIANTS)
                if (copies["way"] == way).any()
            }
            right = copies["way"].is_in(DUPLICATES).to_numpy()
            rows.append(
                {"set": name, "system": system, "pairs": len(right)}
                | {"precision": float(right[hits].mean()), "recall": float(hits[right].mean())}
                | {way: shares.get(way) for way in (*DUPLICATES, *VARIANTS)}
            )
    return rows


def _reported(
    some: pl.DataFrame, whole: pl.DataFrame, vectors: np.ndarray, of: np.ndarray
) -> dict[str, np.ndarray]:
    """Return which copies each system reports, one copy at a time beside the catalog."""
    size = len(some)
    cosine = np.einsum("kd,kd->k", vectors[size:], vectors[of])
    hits = []
    for at, row in enumerate(of.tolist()):
        pair = [row, size + at]
        own = Listings(whole[pair], vectors[pair], NO_PICTURES)
        near = spaces(own, nearest(own.vectors, 5))
        similar, _ = similar_products(own, near, None)
        hits.append("near-duplicate" in similar["kind"])
    return {"cosine of 0.97": cosine >= 0.97, "audit": np.array(hits)}


def competing(bench: Bench) -> list[dict[str, object]]:
    """Return which pairs of listings are reported to compete for the same search terms.

    Copies of a listing should be. Variants in colour or number with terms that name them, and
    listings of other brands with terms that name the brand, should not. Terms are words of titles.
    """
    rng, rows = np.random.default_rng(SEED), []
    for name, frame in (("toys", _toys()), ("bestbuy", _bestbuy())):
        some = listed(halves(frame)[1][: LISTINGS // 2])
        copies = planted(some, np.random.default_rng(SEED))
        copies = copies.filter(pl.int_range(pl.len()).over("way") < RIVALS)
        columns = ("title", "description", "brand")
        whole = listed(pl.concat([some.select(columns), copies.select(columns)]))
        index = Index.build(Catalog(whole), encoder=bench.reader, model=bench.model)
        of = copies["of"].to_list()
        terms = [_terms(whole, at, own, way, rng) for at, own, way in
                 zip(range(len(some), len(whole)), of, copies["way"], strict=True)]  # fmt: skip
        matches = index.match(_report([one for part in terms for one in part]))
        material = Listings(whole, index.parts.vectors, NO_PICTURES)
        similar, _ = similar_products(material, spaces(material, _nobody(len(whole))), matches)
        rivals = similar.filter(pl.col("kind") == "cannibalising")
        found = set(rivals.select("product_id", "other_id").rows())
        hits = np.array([(str(row), str(len(some) + at)) in found for at, row in enumerate(of)])
        right = copies["way"].is_in(DUPLICATES).to_numpy()
        rows.append(
            {"set": name, "pairs": len(right)}
            | {"precision": float(right[hits].mean()), "recall": float(hits[right].mean())}
            | {way: float(hits[(copies["way"] == way).to_numpy()].mean())
               for way in (*DUPLICATES, *VARIANTS) if (copies["way"] == way).any()}
        )  # fmt: skip
    return rows


def _terms(
    whole: pl.DataFrame, copy: int, own: int, way: str, rng: np.random.Generator
) -> list[str]:
    """Return what shoppers ask for: words that both titles have, or that tell them apart."""
    one, other = (words(whole["title"][at]) for at in (own, copy))
    both = [word for word in dict.fromkeys(one) if word in other]
    if way in DUPLICATES:
        return [_asked(both, rng) for _ in range(ASKED)]
    apart = [[w for w in dict.fromkeys(mine) if w not in others] for mine, others in
             ((one, other), (other, one))]  # fmt: skip
    return [f"{' '.join(mark)} {_asked(both, rng)}" for mark in apart for _ in range(ASKED // 2)]


def _asked(said: list[str], rng: np.random.Generator) -> str:
    count = min(len(said), int(rng.integers(2, 5)))
    return " ".join(said[at] for at in sorted(rng.permutation(len(said))[:count].tolist()))


def _nobody(size: int) -> Nearest:
    return Nearest(np.empty((size, 0), np.int64), np.empty((size, 0), np.float32))


def _report(terms: list[str]) -> SearchTermReport:
    known = {"term_kind": "keyword", "currency": "USD", "clicks": 6, "spend": 3.0}
    sold = {"sales": 20.0, "orders": 1}
    rows = [{"search_term": term} | known | sold for term in dict.fromkeys(terms)]
    frame = pl.DataFrame(rows, schema=REPORT_SCHEMA)
    return SearchTermReport(frame, (Path("report.csv"),), Granularity.SUMMARY, 7)


def missing(bench: Bench) -> list[dict[str, object]]:
    """Return which planted words are proposed as missing from listings, all with orders.

    Words of the second half of a description, of which the first half is kept, should be. Brands of
    other products, of this catalog or of none, and misspelt words of the listing should not.
    """
    rows, rng = [], np.random.default_rng(SEED)
    some = listed(
        halves(_bestbuy().filter(pl.col("description").str.len_chars() > 80))[1][:LISTINGS]
    )
    texts = some["description"].to_list()
    kept = some.with_columns(description=pl.Series([one[: len(one) // 2] for one in texts]))
    index = Index.build(Catalog(kept), encoder=bench.reader, model=bench.model)
    material = Material.gathered(index.parts, None, silent)
    chosen = rng.permutation(len(some))[: 2 * RIVALS].tolist()
    for kind, plant in PLANTS.items():
        planted_words = {at: plant(some, at, rng) for at in chosen}
        asked = {f"{word} {_asked(words(some['title'][at])[:6], rng)}": (at, word)
                 for at, word in planted_words.items() if word}  # fmt: skip
        terms, _ = missing_words(material, _matched(asked))
        proposed = sum(asked[row["search_term"]][1] in row["missing"] for row in terms.to_dicts())
        rows.append({"planted": kind, "words": len(asked), "proposed": proposed / len(asked)})
    return rows


def _matched(asked: dict[str, tuple[int, str]]) -> Matches:
    """Return matches in which each term is about the product that it was planted for."""
    report = _report(list(asked))
    terms = pl.DataFrame(
        [(term, "match", 0.9, 0.95, "T") for term in asked], TERMS_SCHEMA, orient="row"
    )
    products = pl.DataFrame(
        [(term, 1, str(at), str(at), "T", 1.0, 0.9) for term, (at, _) in asked.items()],
        PRODUCTS_SCHEMA, orient="row",
    )  # fmt: skip
    return Matches(report, terms, products)


def _left_out(some: pl.DataFrame, at: int, rng: np.random.Generator) -> str | None:
    """Return a word that only the half of the description that is not kept has."""
    text = some["description"][at]
    kept = set(words(f"{some['title'][at]} {some['brand'][at]} {text[: len(text) // 2]}"))
    new = [one.lower() for one in re.findall(r"[A-Za-z]{4,}", text[len(text) // 2 + 12 :])]
    return next((one for one in new if not set(words(one)) & kept), None)


def _brand(some: pl.DataFrame, at: int, rng: np.random.Generator) -> str | None:
    others = [one.lower() for one in some["brand"].drop_nulls().unique(maintain_order=True)
              if one.isalpha() and one != some["brand"][at] and len(one) > 3]  # fmt: skip
    return str(rng.choice(others))


def _foreign_brand(some: pl.DataFrame, at: int, rng: np.random.Generator) -> str | None:
    """Return a brand of electronics that no listing of the catalog names."""
    known = set(words(" ".join(some["title"])))
    every = _bestbuy()["brand"].drop_nulls().unique(maintain_order=True)
    names = [one.lower() for one in every if one.isalpha() and len(one) > 3]
    return str(rng.choice([one for one in names if not set(words(one)) & known]))


def _misspelt(some: pl.DataFrame, at: int, rng: np.random.Generator) -> str | None:
    """Return a word of another title with two letters exchanged."""
    other = some["title"][int(rng.integers(len(some)))]
    found = (one.lower() for one in re.findall(r"[A-Za-z]{6,}", other))
    long = [one for one in found if one[2] != one[3]]
    if not long:
        return None
    word, place = str(rng.choice(long)), 2
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


PLANTS = {
    "words that the listing lost": _left_out,
    "brands of other listings": _brand,
    "brands that no listing names": _foreign_brand,
    "misspelt words": _misspelt,
}
