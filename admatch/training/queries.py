"""A corpus and its judged pairs → the examples that a decoder is trained on and judged by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from admatch.encode.protocol import Vectors
from admatch.generate.augment import Rewrite, pseudo_query
from admatch.generate.fit import Examples
from admatch.training.corpus import Corpus
from admatch.training.pairs import Pairs

Encode: TypeAlias = Callable[[list[str]], Vectors]
SHORTEST = 3  # letters: less is no query


@dataclass(frozen=True)
class Queries:
    """Queries, each about one product of a corpus: ``vectors`` (n, dim), the others (n,)."""

    texts: list[str]
    vectors: Vectors
    products: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]

    def examples(self) -> Examples:
        """Return them as a decoder is trained on them."""
        return Examples(
            torch.from_numpy(self.vectors),
            torch.from_numpy(self.products),
            torch.from_numpy(self.weights),
        )

    def rows(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Queries":
        """Return some of the queries, by mask or number."""
        texts = [self.texts[i] for i in np.arange(len(self.texts))[chosen]]
        return Queries(texts, self.vectors[chosen], self.products[chosen], self.weights[chosen])


def pseudo_queries(
    corpus: Corpus,
    products: npt.NDArray[np.int64],
    rewrites: Mapping[Rewrite, float],
    seed: int,
    encode: Encode,
) -> Queries:
    """Return one pseudo-query about each of ``products``, which may name one several times."""
    rng = np.random.default_rng(seed)
    made = [pseudo_query(corpus.listing(int(i), rng), rng, rewrites) for i in products]
    usable = np.array([len(text) >= SHORTEST for text in made])
    texts = [text for text, use in zip(made, usable, strict=True) if use]
    return Queries(
        texts,
        encode(texts),
        products[usable],
        np.ones(len(texts), np.float32),
    )


def judged_queries(pairs: Pairs, encode: Encode) -> Queries:
    """Return the pairs that fit at all, weighted by their grade."""
    fit = np.flatnonzero(pairs.grades > 0)
    texts = [pairs.queries[i] for i in fit.tolist()]
    return Queries(texts, encode(texts), pairs.products[fit], pairs.grades[fit])
