"""Makes the shipped model anew: ``python -m tests.benchmarks.train_universal``.

Needs the data sets beside the project. About ten minutes on two cores.
"""

import sys
from pathlib import Path

import numpy as np

from admatch.encode.product_text import product_texts
from admatch.encode.sentence import SentenceEncoder
from admatch.match.universal import SHIPPED
from admatch.training import train_universal
from tests.benchmarks.shared_data import cached_vectors, shopper_terms, training_products

MODELS = Path(__file__).parents[2] / "admatch" / "models"
SEED = 7


def main(cache: Path) -> None:
    encoder = SentenceEncoder()
    titles, texts, vectors, sources = [], [], [], {}
    for name, products in training_products().items():
        part = product_texts(products)
        vectors.append(cached_vectors(name, part, encoder, cache))
        titles += products["title"].to_list()
        texts += part
        sources[name] = len(part)
    about = {"products": sources, "shopper_terms": "relevance/esci_queries"}
    model = train_universal(
        titles, texts, np.concatenate(vectors), shopper_terms(), encoder, SEED, about
    )
    (MODELS / SHIPPED).mkdir(exist_ok=True)
    model.save(MODELS / SHIPPED)
    print(model.belonging)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".cache"))
