"""Judged pairs → the weights of words, phrases and feedback beside meaning."""

from collections import defaultdict
from dataclasses import astuple, replace
from itertools import product

import numpy as np

from admatch.arrays import Floats, Ints
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.match.ranking import Ranking
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.word_vectors import Encode
from admatch.match.words import WordEvidence
from admatch.progress import Progress
from admatch.training.corpus import Corpus
from admatch.training.pairs import Pairs

GRID = [
    Ranking(*weights) for weights in product((0.25, 0.5, 0.75, 1.0, 1.5), (0, 0.2, 0.4), (0, 0.6))
]
PRODUCTS, QUERIES = 10_000, 500  # on which the weights are judged, at most
DEEP = 10


def fit_ranking(
    corpus: Corpus,
    codes: Codes,
    pairs: Pairs,
    model: UniversalModel,
    encode: Encode,
    progress: Progress,
) -> Ranking:
    """Return the weights nearest to the default that rank judged pairs as well as the best do.

    That means an nDCG@10 at most one standard error below the best. With few pairs the default is
    among those weights, and stays.
    """
    queries, grades = _judged(pairs)
    sold = sorted({product for judged in grades for product in judged})[:PRODUCTS]
    others = np.setdiff1d(np.arange(len(corpus)), sold)[: PRODUCTS - len(sold)]
    chosen = np.concatenate([sold, others]).astype(np.intp)
    row = {product: number for number, product in enumerate(chosen.tolist())}
    catalog, modalities = corpus.rows(chosen), np.zeros(len(chosen), np.int16)
    generator = Generator(model.codebooks, modalities, codes.rows(chosen))
    words = WordEvidence.build(catalog.texts, catalog.titles)
    vectors, gains = encode(queries), []
    for number, ranking in enumerate(GRID):
        weighted = replace(model, ranking=ranking)
        retriever = Retriever(weighted, generator, catalog.vectors, words, encode)
        items = retriever.retrieve(queries, vectors, DEEP).items
        gains.append(
            _ndcg(items, [{row[p]: g for p, g in one.items() if p in row} for one in grades])
        )
        progress("fitting the ranking", number + 1, len(GRID))
    return _nearest_of_the_best(np.array(gains))


def _judged(pairs: Pairs) -> tuple[list[str], list[dict[int, float]]]:
    """Return the first distinct queries and the grades of their products."""
    grades: dict[str, dict[int, float]] = defaultdict(dict)
    rows = zip(pairs.queries, pairs.products.tolist(), pairs.grades.tolist(), strict=True)
    for query, number, grade in rows:
        grades[query][number] = grade
    known = {query: judged for query, judged in grades.items() if max(judged.values()) > 0}
    return list(known)[:QUERIES], list(known.values())[:QUERIES]


def _ndcg(items: Ints, grades: list[dict[int, float]]) -> Floats:
    discount = 1 / np.log2(np.arange(2, DEEP + 2))
    values = []
    for row, judged in zip(items.tolist(), grades, strict=True):
        gains = np.array([judged.get(item, 0.0) for item in row])
        ideal = np.sort(list(judged.values()))[::-1][:DEEP]
        values.append(
            (gains * discount[: len(gains)]).sum() / (ideal * discount[: len(ideal)]).sum()
        )
    return np.array(values)


def _nearest_of_the_best(gains: Floats) -> Ranking:
    """Return the chosen one of ``GRID``; ``gains`` are (rankings, queries)."""
    best = gains[gains.mean(axis=1).argmax()]
    behind = best - gains
    error = behind.std(axis=1) / np.sqrt(gains.shape[1])
    as_good = [
        ranking
        for ranking, loss, limit in zip(GRID, behind.mean(axis=1), error, strict=True)
        if loss <= limit
    ]
    return min(as_good, key=_distance)


def _distance(ranking: Ranking) -> float:
    pairs = zip(astuple(ranking), astuple(Ranking()), strict=True)
    return float(sum(abs(one - default) for one, default in pairs))
