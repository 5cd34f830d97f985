"""How well "none of mine" is told: ``python -m tests.benchmarks.belonging``.

Advertisers cut out of the judged catalog: each sells what is good (grade 3 or 4) for some queries.
Those queries are about it; queries for which it sells nothing better than irrelevant are not.
One term in three is about the advertiser; in the largest catalogs foreign queries run out, and two
in five are. By catalog size: AUROC, share of foreign terms let
through where 95 % of the own ones are kept (FPR), and the expected calibration error of the shipped
probability (ten bins), the last also with terms weighted so that other shares of them are about
the advertiser. What the decoder's features are worth is told by regressions that are fitted
anew, on half of the advertisers for the other half, with them and without.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from admatch.encode.english import EnglishEncoder
from admatch.encode.product_text import product_texts, product_vectors
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.match.relevance import FEATURES
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import Judged, crowdflower

SEED, ADVERTISERS = 7, 20
PLAIN = ("score", "cosine", "coverage", "phrases", "log_size")  # what needs no decoder
QUERIES = (2, 5, 15, 40, 100)  # that an advertiser sells for
SHARES = (0.25, 1 / 3, 0.5, 0.75)  # of terms about the advertiser


def calibration_error(
    probability: np.ndarray, own: np.ndarray, share: float | None = None
) -> float:
    """Return the expected calibration error, terms weighted to a ``share`` of own ones if given."""
    bins = np.minimum((probability * 10).astype(int), 9)
    weights = np.ones(len(own))
    if share is not None:
        weights = np.where(own, share / own.mean(), (1 - share) / (1 - own.mean()))
    return float(np.abs(np.bincount(bins, weights * (probability - own))).sum() / weights.sum())


def terms_of(judged: Judged, count: int, rng: np.random.Generator) -> tuple:
    """Return an advertiser's products, the queries put to it, and which of them are about it."""
    own = rng.choice(len(judged.queries), count, replace=False).tolist()
    sold = {item for query in own for item, grade in judged.grades[query].items() if grade >= 3}
    foreign = [
        query
        for query, grades in enumerate(judged.grades)
        if query not in own and not any(item in sold and g >= 2 for item, g in grades.items())
    ]
    others = rng.permutation(foreign)[: 2 * count].tolist()
    return np.array(sorted(sold)), [*own, *others], np.arange(len(own) + len(others)) < len(own)


@dataclass(frozen=True)
class Evidence:
    """What the shipped model says of the terms put to one advertiser."""

    features: np.ndarray
    odds: np.ndarray
    related: np.ndarray
    own: np.ndarray
    size: int


def refitted(found: list[Evidence], names: Sequence[str]) -> np.ndarray:
    """Return log-odds from some features, each half of the advertisers judged by the other."""
    columns = [FEATURES.index(name) for name in names]
    odds = []
    for number, part in enumerate(found):
        others = found[1 - number % 2 :: 2]
        features = np.concatenate([other.features[:, columns] for other in others])
        own = np.concatenate([other.own for other in others])
        fit = LogisticRegression(max_iter=1000).fit(features, own)
        odds.append(fit.decision_function(part.features[:, columns]))
    return np.concatenate(odds)


def let_through(score: np.ndarray, own: np.ndarray) -> float:
    """Return the share of foreign terms above a threshold that keeps 95 % of the own ones."""
    return float((score[~own] >= np.quantile(score[own], 0.05)).mean())


def row(found: list[Evidence]) -> dict[str, object]:
    evidence, odds, own = (
        np.concatenate([getattr(part, name) for part in found])
        for name in ("features", "odds", "own")
    )
    cosine, words = (evidence[:, FEATURES.index(name)] for name in ("cosine", "coverage"))
    every, plain = refitted(found, FEATURES), refitted(found, PLAIN)
    probability = 1 / (1 + np.exp(-odds))
    matched = probability >= 0.5
    related = np.concatenate([part.related for part in found]) >= 0
    return {
        "products": round(float(np.mean([part.size for part in found]))),
        "terms": len(own),
        "AUROC cosine": float(roc_auc_score(own, cosine)),
        "AUROC words": float(roc_auc_score(own, words)),
        "AUROC admatch": float(roc_auc_score(own, odds)),
        "FPR cosine": let_through(cosine, own),
        "FPR admatch": let_through(odds, own),
        "refitted": float(roc_auc_score(own, every)),
        "FPR refitted": let_through(every, own),
        "without decoder": float(roc_auc_score(own, plain)),
        "FPR without": let_through(plain, own),
        "own found": float(matched[own].mean()),
        "others refused": float((~matched)[~own].mean()),
        "others none": float((~matched & ~related)[~own].mean()),
        "calibration error": float(calibration_error(probability, own)),
    }


def by_share(found: list[Evidence]) -> dict[str, object]:
    own = np.concatenate([part.own for part in found])
    probability = 1 / (1 + np.exp(-np.concatenate([part.odds for part in found])))
    errors = {f"{share:.0%} own": calibration_error(probability, own, share) for share in SHARES}
    return {"products": round(float(np.mean([part.size for part in found])))} | errors


def main() -> None:
    judged, rng = crowdflower(), np.random.default_rng(SEED)
    rows, shares = [], []
    encoder, model = EnglishEncoder(), UniversalModel.shipped()
    texts = product_texts(judged.products)
    vectors = product_vectors(judged.products, encoder.encode_text)
    reader, titles = encoder, judged.products["title"].to_list()
    queries = reader.encode_text(judged.queries)
    codes = model.codebooks.encode(vectors)
    for count in QUERIES:
        evidence = []
        for _ in range(ADVERTISERS):
            sold, asked, own = terms_of(judged, count, rng)
            generator = Generator(
                model.codebooks,
                np.zeros(len(sold), np.int16),
                Codes(codes.tree[sold], codes.detail[sold]),
            )
            words = WordEvidence.build([texts[i] for i in sold], [titles[i] for i in sold])
            retriever = Retriever(model, generator, vectors[sold], words, reader.encode_text)
            found = retriever.retrieve([judged.queries[q] for q in asked], queries[asked], 1)
            evidence.append(
                Evidence(
                    found.features[:, 0], found.log_odds[:, 0], found.related_odds, own, len(sold)
                )
            )
        rows.append(row(evidence))
        shares.append(by_share(evidence))
    record("belonging", "mine or nobody's: one term in three is mine", rows, SEED)
    record("belonging_shares", "calibration error by share of terms that are mine", shares, SEED)


if __name__ == "__main__":
    main()
