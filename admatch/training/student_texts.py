"""Catalogs and search terms → the texts that a smaller network for terms learns from."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl

from admatch.generate.augment import Listing, Rewrite, misspell, pseudo_query, reorder
from admatch.match.near_misses import things
from admatch.match.tokens import words

QUERIES, TITLES = 60_000, 14_000  # pseudo-queries, and titles as they are, at most
LONGEST = 160  # letters of a title
WORDS, HELD = 25_000, 3  # single words, and the titles that hold each of them at least
COMBINED = 8_000  # a word with the name of a thing that the catalogs may not hold
REWRITTEN: dict[Rewrite, float] = {misspell: 0.1, reorder: 0.2}


def student_texts(products: pl.DataFrame, terms: Sequence[str], seed: int) -> list[str]:
    """Return terms, pseudo-queries, names of things, single words and titles, in small letters.

    ``products`` is a catalog's frame. A text is there once.
    """
    rng = np.random.default_rng(seed)
    titles = products["title"].gather(rng.permutation(len(products))).to_list()
    queries = [pseudo_query(Listing(one), rng, REWRITTEN) for one in titles[:QUERIES]]
    held = Counter(word for title in titles for word in dict.fromkeys(words(title)))
    single = [word for word, times in held.most_common(WORDS) if times >= HELD]
    named = [" ".join(thing) for thing in things()]
    pairs = zip(rng.choice(single, COMBINED), rng.choice(named, COMBINED), strict=True)
    combined = [f"{word} {thing}" for word, thing in pairs]
    short = [text.lower() for text in (*terms, *queries, *named, *single, *combined)]
    every = dict.fromkeys([*short, *(title[:LONGEST] for title in titles[:TITLES])])
    return [text for text in every if text.strip()]
