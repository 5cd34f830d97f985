"""Makes a shipped model anew: ``python -m tests.benchmarks.train_universal CACHE``.

``--encoder multilingual`` makes the one for the multilingual encoder instead of the English one.
Needs the data sets beside the project. About ten minutes on two cores.
"""

import argparse
from pathlib import Path

import numpy as np

from admatch.encode.multilingual import MultilingualEncoder
from admatch.encode.product_text import product_texts
from admatch.encode.product_views import product_vectors
from admatch.encode.sentence import SentenceEncoder
from admatch.training import train_universal
from tests.benchmarks.shared_data import cached_vectors, shopper_terms, training_products

MODELS = Path(__file__).parents[2] / "admatch" / "models"
# The encoder, the folder of its model, how many products of a data set it is trained on at most.
MADE = {
    "english": (SentenceEncoder, "universal-1", None),
    "multilingual": (MultilingualEncoder, "multilingual-1", 10_000),
}
SEED = 7


def main(cache: Path, name: str) -> None:
    maker, folder, at_most = MADE[name]
    encoder = maker()
    kept = cache if name == "english" else cache / name
    titles, texts, vectors, sources = [], [], [], {}
    for source, products in training_products().items():
        if at_most:
            products = products.sample(min(at_most, products.height), seed=SEED)
        vectors.append(
            product_vectors(
                products, lambda views, of=source: cached_vectors(of, views, encoder, kept)
            )
        )
        titles += products["title"].to_list()
        texts += product_texts(products)
        sources[source] = len(products)
    about = {"products": sources, "shopper_terms": "relevance/esci_queries"}
    model = train_universal(
        titles, texts, np.concatenate(vectors), shopper_terms(), encoder, SEED, about
    )
    (MODELS / folder).mkdir(exist_ok=True)
    model.save(MODELS / folder)
    print(model.belonging)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, nargs="?", default=Path(".cache"))
    parser.add_argument("--encoder", choices=MADE, default="english")
    given = parser.parse_args()
    main(given.cache, given.encoder)
