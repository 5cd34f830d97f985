"""A corpus and its judged pairs → the queries that a decoder is trained on and judged by."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from admatch.arrays import Floats32, Ints, Mask, Rows, Vectors
from admatch.generate.augment import Rewrite, pseudo_query
from admatch.generate.fit import Examples
from admatch.match.word_vectors import Encode
from admatch.training.corpus import Corpus
from admatch.training.pairs import Pairs

SHORTEST = 3  # letters: anything shorter is not a query


@dataclass(frozen=True)
class Queries:
    """Queries, each about one product of a corpus: ``vectors`` (n, dim), the others (n,)."""

    texts: list[str]
    vectors: Vectors
    products: Ints
    weights: Floats32

    def examples(self) -> Examples:
        """Return the queries as training examples for a decoder."""
        return Examples(
            torch.from_numpy(self.vectors),
            torch.from_numpy(self.products),
            torch.from_numpy(self.weights),
        )

    def rows(self, chosen: Mask | Rows) -> "Queries":
        """Return some of the queries, by mask or row number."""
        texts = [self.texts[i] for i in np.arange(len(self.texts))[chosen]]
        return Queries(texts, self.vectors[chosen], self.products[chosen], self.weights[chosen])


def pseudo_queries(
    corpus: Corpus,
    products: Ints,
    rewrites: Mapping[Rewrite, float],
    seed: int,
    encode: Encode,
) -> Queries:
    """Return one pseudo-query about each of ``products``, in which a product may be repeated."""
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
    """Return the queries of pairs with a grade above 0, weighted by the grade."""
    fit = np.flatnonzero(pairs.grades > 0)
    texts = [pairs.queries[i] for i in fit.tolist()]
    return Queries(texts, encode(texts), pairs.products[fit], pairs.grades[fit])
