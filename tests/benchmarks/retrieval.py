"""Who finds the right products: ``python -m tests.benchmarks.retrieval``.

261 judged shopper queries over one catalog of 9,913 products, of which nothing was trained on.
nDCG@10 with gains 2^(grade-1)-1, unjudged products count as irrelevant; recall@50 of the products
graded 3 or 4. Intervals are the middle 95 % of 2,000 bootstraps over queries. "Every product
ranked" is admatch with the whole catalog as candidates instead of what is generated and what words
find; "first ten kept" is the share of its first tens that a system has in its own.
"""

from unittest.mock import patch

import numpy as np

import admatch.match.retriever
from admatch.encode.english import EnglishEncoder
from admatch.encode.product_text import product_texts, product_vectors
from admatch.generate.generator import Generator
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import Judged, crowdflower, esci_pairs

SEED = 7
K = 50
RRF_K = 60
EVERY = "admatch, every product ranked"


def top(scores: np.ndarray) -> np.ndarray:
    return np.argsort(-scores, axis=1, kind="stable")[:, :K]


def reciprocal_ranks(scores: np.ndarray) -> np.ndarray:
    ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    return 1 / (RRF_K + 1 + ranks)


def ndcg(found: np.ndarray, judged: Judged) -> np.ndarray:
    discount = 1 / np.log2(np.arange(2, 12))
    values = []
    for row, grades in zip(found, judged.grades, strict=True):
        gains = [2.0 ** (grades.get(item, 1) - 1) - 1 for item in row[:10].tolist()]
        ideal = np.sort([2.0 ** (grade - 1) - 1 for grade in grades.values()])[::-1][:10]
        best = (ideal * discount[: len(ideal)]).sum()
        values.append((gains * discount).sum() / best if best else np.nan)
    return np.array(values)


def recall(found: np.ndarray, judged: Judged) -> np.ndarray:
    values = []
    for row, grades in zip(found, judged.grades, strict=True):
        relevant = {item for item, grade in grades.items() if grade >= 3}
        values.append(len(relevant & set(row.tolist())) / len(relevant) if relevant else np.nan)
    return np.array(values)


def interval(values: np.ndarray, rng: np.random.Generator) -> str:
    values = values[~np.isnan(values)]
    draws = rng.choice(values, (2000, len(values))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return f"{low:.3f} … {high:.3f}"


def systems(judged: Judged) -> dict[str, np.ndarray]:
    """Return the 50 best products of every query, for every system."""
    encoder, model = EnglishEncoder(), UniversalModel.shipped()
    texts = product_texts(judged.products)
    vectors, queries = (
        product_vectors(judged.products, encoder.encode_text),
        encoder.encode_text(judged.queries),
    )
    evidence = WordEvidence.build(texts, judged.products["title"].to_list())
    words, dense = evidence.singles.coverage(judged.queries), queries @ vectors.T
    codes = model.codebooks.encode(vectors)
    generator = Generator(model.codebooks, np.zeros(len(vectors), dtype=np.int16), codes)
    retriever = Retriever(model, generator, vectors, evidence, encoder.encode_text)
    scores = model.decoder(queries)
    every_leaf = generator.generate(scores, K).items
    beam = generator.generate(scores, K, beam=64).items
    return {
        "BM25": top(words),
        "exact dense, text alone": top(queries @ encoder.encode_text(texts).T),
        "exact dense": top(dense),
        "reciprocal-rank fusion": top(reciprocal_ranks(words) + reciprocal_ranks(dense)),
        "generation alone, every leaf": every_leaf,
        "generation alone, beam 64": beam,
        EVERY: _every_product(retriever, judged.queries, queries),
        "admatch end to end": retriever.retrieve(judged.queries, queries, K).items,
    }


def _every_product(retriever: Retriever, terms: list[str], queries: np.ndarray) -> np.ndarray:
    with patch.object(admatch.match.retriever, "POOL", len(retriever.generator)):
        parts = [
            retriever.retrieve(terms[start : start + 32], queries[start : start + 32], K).items
            for start in range(0, len(terms), 32)
        ]
    return np.concatenate(parts)


def kept(found: np.ndarray, reference: np.ndarray) -> float:
    """Return the share of the first tens of ``reference`` that those of ``found`` have."""
    tens = zip(found[:, :10].tolist(), reference[:, :10].tolist(), strict=True)
    return float(np.mean([len(set(one) & set(other)) / 10 for one, other in tens]))


def rows_of(judged: Judged) -> list[dict[str, object]]:
    """Return a row for each system."""
    rng, rows, ranked = np.random.default_rng(SEED), [], systems(judged)
    for name, found in ranked.items():
        gain, share = ndcg(found, judged), recall(found, judged)
        rows.append(
            {
                "system": name,
                "nDCG@10": float(np.nanmean(gain)),
                "95 % (nDCG)": interval(gain, rng),
                "recall@50": float(np.nanmean(share)),
                "95 % (recall)": interval(share, rng),
                "first ten kept": kept(found, ranked[EVERY]),
            }
        )
    return rows


def main() -> None:
    rows = rows_of(crowdflower())
    record("retrieval", "261 judged queries, 9,913 products never trained on", rows, SEED)
    rows = rows_of(esci_pairs())
    record("retrieval_esci", "1,074 queries with one right product among 1,723", rows, SEED)


if __name__ == "__main__":
    main()
