"""What training on words with a picture is worth: ``python -m tests.benchmarks.picture_queries``.

Decoders are trained on pseudo-queries about 4,500 fashion products, plain, or some of them with the
product's picture beside the words. Then, for 1,500 products held out, from IDs alone: the mean
reciprocal rank of the product that is meant, by two words of its title, by its picture, and by its
picture (three tenths of the query) with these words. Mean and deviation over three seeds. It does
not pay, so `admatch train` makes no such queries.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from admatch.encode.english import EnglishEncoder
from admatch.encode.image import ImageEncoder
from admatch.encode.multimodal import fused
from admatch.generate.decoder import Decoder
from admatch.generate.fit import Recipe, Targets, fit_decoder
from admatch.generate.generator import Generator
from admatch.match.universal import UniversalModel
from admatch.training.corpus import Corpus
from admatch.training.queries import Queries, pseudo_queries
from admatch.training.seeds import generated_rank
from tests.benchmarks.record import record
from tests.benchmarks.shared_images import (
    FASHION_TRAIN,
    fashion_photos,
    fashion_products,
    listing_vectors,
    listings,
    looked_at,
)

SEEDS, QUERIES, STEPS, SHARE = (7, 8, 9), 12_000, 120, 0.3
SHOWN, MOST_SHOWN = 0.3, 0.5  # share of queries with a picture, and what it counts in one at most


def halves(corpus: Corpus) -> tuple[Corpus, Corpus]:
    numbers = np.arange(len(corpus))
    return corpus.rows(numbers < FASHION_TRAIN), corpus.rows(numbers >= FASHION_TRAIN)


def with_pictures(queries: Queries, pictures: np.ndarray) -> Queries:
    """Return the queries, some of them with the product's picture beside the words."""
    rng = np.random.default_rng(SEEDS[0])
    shown = np.flatnonzero(rng.random(len(queries.texts)) < SHOWN)
    share = rng.uniform(0, MOST_SHOWN, (len(shown), 1)).astype(np.float32)
    vectors = queries.vectors.copy()
    vectors[shown] = fused(vectors[shown], pictures[queries.products[shown]], share)
    return replace(queries, vectors=vectors)


def main(cache: Path) -> None:
    reader, eyes, model = EnglishEncoder(), ImageEncoder(), UniversalModel.shipped()
    products = fashion_products()
    titles = products["productDisplayName"].to_list()
    nothing = [None] * len(titles)
    vectors = listing_vectors(listings(titles, nothing), reader)
    seen, held = halves(Corpus([""] * len(titles), titles, nothing, titles, vectors))
    looked = looked_at("f", fashion_photos(products), eyes, cache)
    pictures = eyes.projection.project(*looked)
    shown = pictures[FASHION_TRAIN:]
    about = np.random.default_rng(SEEDS[0]).integers(0, len(seen), QUERIES)
    plain = pseudo_queries(seen, about, {}, SEEDS[0], reader.encode_text)
    words = pseudo_queries(held, np.arange(len(held)), {}, SEEDS[0], reader.encode_text)
    asked = {
        "words": words,
        "picture": Queries(words.texts, shown[words.products], words.products, words.weights),
        "picture and words": Queries(
            words.texts,
            fused(words.vectors, shown[words.products], SHARE),
            words.products,
            words.weights,
        ),
    }
    books = model.codebooks
    targets = Targets(books, books.encode(seen.vectors), torch.from_numpy(seen.vectors))
    leaves = Generator(books, np.zeros(len(held), np.int16), books.encode(held.vectors))
    trained = {
        "untrained": [Decoder.untrained(books)],
        "words alone": _fitted(targets, plain),
        "some with a picture": _fitted(targets, with_pictures(plain, pictures)),
    }
    rows = []
    for name, decoders in trained.items():
        row: dict[str, object] = {"trained on": name}
        for kind, queries in asked.items():
            ranks = [generated_rank(decoder, leaves, queries) for decoder in decoders]
            row[kind], row[f"± {kind}"] = float(np.mean(ranks)), float(np.std(ranks))
        rows.append(row)
    record("picture_queries", "MRR of 1,500 fashion products held out, IDs alone", rows, SEEDS[0])


def _fitted(targets: Targets, queries: Queries) -> list[Decoder]:
    return [fit_decoder(targets, queries.examples(), Recipe(STEPS), seed) for seed in SEEDS]


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".cache"))
