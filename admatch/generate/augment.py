"""Product titles → what a shopper might have typed to find them."""

import re

import numpy as np

WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
HEAD = 10  # words: what a title says first is what the product is
MISSPELT = 0.15  # share of queries with a slip of the finger


def pseudo_query(title: str, rng: np.random.Generator) -> str:
    """Return one to four of a title's first words, mostly neighbours, at times misspelt."""
    heads = WORD.findall(title.lower())[:HEAD]
    length = min(int(rng.integers(1, 5)), len(heads))
    if rng.random() < 0.5:
        start = int(rng.integers(0, len(heads) - length + 1))
        chosen = heads[start : start + length]
    else:
        chosen = [heads[i] for i in sorted(rng.choice(len(heads), length, replace=False))]
    query = " ".join(chosen)
    return misspell(query, rng) if rng.random() < MISSPELT else query


def misspell(text: str, rng: np.random.Generator) -> str:
    """Return ``text`` with one letter dropped, doubled or swapped with the next."""
    if len(text) < 4:
        return text
    place = int(rng.integers(1, len(text) - 2))
    a, b = text[place], text[place + 1]
    slip = ("", a + a, b + a)[int(rng.integers(3))]
    kept = place + 2 if slip == b + a else place + 1
    return text[:place] + slip + text[kept:]
