"""Titles stuffed on purpose, in ways that sellers stuff theirs: ``Stuffer``."""

import random
from collections.abc import Callable

import numpy as np

LINKS = (" ", ", ")


class Stuffer:
    """Stuffs the titles of one set of products; the same seed stuffs them the same way.

    ``queries[i]`` are shopper queries near title i, ``kin[i]`` the numbers of titles near it.
    """

    def __init__(self, titles: list[str], queries: list[list[str]], kin: np.ndarray) -> None:
        self.titles, self.queries, self.kin = titles, queries, kin
        self.ways: dict[str, Callable[[int, random.Random], str]] = {
            "repeated words": self.repeated,
            "shopper queries appended": self.searched,
            "keyword list appended": self.listed,
            "unrelated keywords": self.unrelated,
        }

    def stuffed(self, way: str, seed: int) -> list[str]:
        rng = random.Random(seed)
        return [self.ways[way](number, rng) for number in range(len(self.titles))]

    def repeated(self, number: int, rng: random.Random) -> str:
        title = self.titles[number]
        long = [word for word in title.split() if len(word) > 2] or title.split()
        return f"{title} {' '.join(rng.choices(long[:6], k=rng.randint(3, 8)))}"

    def searched(self, number: int, rng: random.Random) -> str:
        near = rng.sample(self.queries[number], rng.randint(2, 4))
        return self.titles[number] + rng.choice((*LINKS, " | ")) + rng.choice(LINKS).join(near)

    def listed(self, number: int, rng: random.Random) -> str:
        pool = [word for other in self.kin[number] for word in keywords(self.titles[other])]
        some = rng.sample(pool, min(rng.randint(5, 12), len(pool))) or ["gift"]
        return self.titles[number] + rng.choice(LINKS) + rng.choice(LINKS).join(some)

    def unrelated(self, number: int, rng: random.Random) -> str:
        count, pool = rng.randint(4, 10), []
        while len(pool) < count:
            pool += keywords(rng.choice(self.titles))[:3]
        return f"{self.titles[number]} {rng.choice(LINKS).join(pool[:count])}"


def keywords(title: str) -> list[str]:
    return [word for word in title.split() if len(word) > 2 and word.isalpha()]


def stuffer(titles: list[str], terms: list[str], asked: np.ndarray, vectors: np.ndarray) -> Stuffer:
    """Return the stuffer of titles with ``vectors``; ``asked`` are those of shoppers' ``terms``."""
    queries, kin = [], []
    for start in range(0, len(titles), 500):
        part = vectors[start : start + 500]
        near = np.argpartition(-(part @ asked.T), 6, axis=1)[:, :6]
        queries += [[terms[number] for number in row] for row in near]
        likeness = part @ vectors.T
        likeness[np.arange(len(part)), np.arange(start, start + len(part))] = -1
        kin.append(np.argpartition(-likeness, 8, axis=1)[:, :8])
    return Stuffer(titles, queries, np.concatenate(kin))
