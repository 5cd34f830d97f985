"""How well "none of mine" is told: ``python -m tests.benchmarks.belonging``.

Advertisers cut out of the judged catalog: each sells what is good (grade 3 or 4) for some queries.
Those queries are about it; queries for which it sells nothing better than irrelevant are not.
One term in three is about the advertiser. AUROC by catalog size, and the expected calibration
error of the shipped probability (ten bins).
"""

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from admatch.encode.product_text import product_texts
from admatch.encode.product_views import product_vectors
from admatch.encode.sentence import SentenceEncoder
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.match.belonging import FEATURES
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from tests.benchmarks.record import record
from tests.benchmarks.shared_data import Judged, crowdflower

SEED, ADVERTISERS = 7, 20
QUERIES = (2, 5, 15, 40, 100)  # that an advertiser sells for


def calibration_error(probability: np.ndarray, own: np.ndarray) -> float:
    bins = np.minimum((probability * 10).astype(int), 9)
    parts = [bins == number for number in range(10)]
    return sum(
        part.mean() * abs(probability[part].mean() - own[part].mean())
        for part in parts
        if part.any()
    )


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


def main() -> None:
    judged, rng, rows = crowdflower(), np.random.default_rng(SEED), []
    encoder, model = SentenceEncoder(), UniversalModel.shipped()
    texts = product_texts(judged.products)
    vectors = product_vectors(judged.products, encoder.encode_text)
    queries, titles = encoder.encode_text(judged.queries), judged.products["title"].to_list()
    codes = model.codebooks.encode(vectors)
    for count in QUERIES:
        features, odds, truth, sizes = [], [], [], []
        for _ in range(ADVERTISERS):
            sold, asked, own = terms_of(judged, count, rng)
            generator = Generator(
                model.codebooks,
                np.zeros(len(sold), np.int16),
                Codes(codes.tree[sold], codes.detail[sold]),
            )
            words = WordEvidence.build([texts[i] for i in sold], [titles[i] for i in sold])
            retriever = Retriever(model, generator, vectors[sold], words)
            found = retriever.retrieve([judged.queries[q] for q in asked], queries[asked], 1)
            features.append(found.features[:, 0])
            odds.append(found.log_odds[:, 0])
            truth.append(own)
            sizes.append(len(sold))
        evidence, own = np.concatenate(features), np.concatenate(truth)
        probability = torch.sigmoid(torch.from_numpy(np.concatenate(odds))).numpy()
        rows.append(
            {
                "system": f"{np.mean(sizes):.0f} products, {len(own)} terms",
                "cosine": float(roc_auc_score(own, evidence[:, FEATURES.index("cosine")])),
                "words": float(roc_auc_score(own, evidence[:, FEATURES.index("coverage")])),
                "departure": float(roc_auc_score(own, -evidence[:, FEATURES.index("departure")])),
                "admatch": float(roc_auc_score(own, probability)),
                "calibration error": float(calibration_error(probability, own)),
                "own found": float((probability[own] >= 0.5).mean()),
                "others refused": float((probability[~own] < 0.5).mean()),
            }
        )
    record("belonging", "about mine or not: AUROC by feature and catalog size", rows, SEED)


if __name__ == "__main__":
    main()
