"""Invented listings of every kind of product: category, values, names as listings write them.

Made of Shopify's product taxonomy (MIT, 2025-08-unstable): 10,595 categories, and the values of
those attributes whose names share a word with a category's path, or that suit anything. They widen
what the shipped models know beyond the catalogs that they are trained on.
"""

import gzip
import json
import re
from collections import defaultdict

import numpy as np
import polars as pl

from admatch.catalog.records import CATALOG_SCHEMA
from tests.benchmarks.make_attributes import TAXONOMY, singular

EACH, SEED = 4, 7  # listings of a category
ANYTHING = ("Color", "Material", "Pattern", "Size", "Age group", "Target gender", "Style")
PLAIN_WORDS = {"and", "the", "for", "type", "of", "features", "design", "style", "material", "size"}
NAMELESS = {"parts", "accessories", "supplies", "other", "others", "sets", "kits", "care"}
COUNTS = ("2 Pack", "Set of 4", "6 Count", "12 oz", "500 ml", "10 inch", "XL", "20 x 30 cm", "1 lb")


def categories() -> list[list[str]]:
    """Return the path of every category, from the widest name to its own."""
    text = gzip.decompress((TAXONOMY / "en" / "categories.txt.gz").read_bytes()).decode()
    lines = [line for line in text.splitlines() if line.startswith("gid:")]
    return [line.split(" : ", 1)[1].split(" > ") for line in lines]


def generic_products() -> pl.DataFrame:
    """Return ``EACH`` listings of every category, with title, brand, description, bullets."""
    rng = np.random.default_rng(SEED)
    paths = categories()
    times: dict[str, int] = defaultdict(int)
    for path in paths:
        times[path[-1]] += 1
    values, by_word = _values(), defaultdict(set)
    for attribute in values:
        for word in _words(attribute):
            by_word[word].add(attribute)
    titles, texts = [], []
    for path in paths:
        fitting = sorted({one for word in _words(" ".join(path[1:])) for one in by_word[word]})
        for number in range(EACH):
            titles.append(_title(path, number, times[path[-1]] > 1, fitting, values, rng))
            texts.append(" > ".join(path) if number % 2 else None)
    return pl.DataFrame({"title": titles, "description": texts}).with_columns(
        brand=pl.lit(None, pl.String), bullets=pl.lit(None, CATALOG_SCHEMA["bullets"])
    )


def _title(path, number, repeated, fitting, values, rng) -> str:
    """Return the category's name alone, or with values before and after it."""
    name = _name(path, repeated, rng)
    if not number:
        return name
    own = _one(values[_one(fitting, rng)], rng) if fitting and rng.random() < 0.7 else ""
    other = _one(values[_one(ANYTHING, rng)], rng)
    end = _one(COUNTS, rng)
    forms = (
        f"{other} {own} {name}",
        f"{name}, {own or other}, {end}",
        f"{own} {name} - {other} ({end})",
        f"{name} {other} {end}",
        f"{own or other} {name} for {_leaf(path[-2])}" if len(path) > 1 else f"{own} {name}",
    )
    return re.sub(r"\s+", " ", _one(forms, rng).replace(" ,", ",")).strip(" ,-")


def _name(path, repeated, rng) -> str:
    """Return one of the names that a category joins, after its parent's where it needs that."""
    leaf = _one([part for part in re.split(r"\s*[&/]\s*|,\s*", path[-1]) if part], rng)
    *before, last = leaf.split()
    single = singular(last.lower()).title() if rng.random() < 0.6 else last
    name = " ".join([*before, single])
    needs = repeated or last.lower() in NAMELESS or rng.random() < 0.1
    return f"{_leaf(path[-2])} {name}" if needs and len(path) > 1 else name


def _leaf(name: str) -> str:
    return re.split(r"\s*[&/]\s*|,\s*", name)[0]


def _values() -> dict[str, list[str]]:
    """Return the names of each attribute's values."""
    text = gzip.decompress((TAXONOMY / "en" / "attributes.json.gz").read_bytes())
    found = {}
    for one in json.loads(text)["attributes"]:
        names = [re.sub(r"\s*\(.*?\)", "", value["name"]) for value in one["values"]]
        found[one["name"]] = [name for name in names if name not in ("Other", "None")]
    return {name: every for name, every in found.items() if every}


def _words(text: str) -> set[str]:
    found = re.findall(r"[a-z]{3,}", text.lower())
    return {singular(word) for word in found} - PLAIN_WORDS


def _one(choices, rng):
    return choices[int(rng.integers(len(choices)))]
