"""What pictures add to words: ``python -m tests.benchmarks.hidden_words [CACHE]``.

1,500 fashion products that no part of admatch was trained on, found by their kind ("tshirts") and
by colour and kind ("navy blue tshirts"), each asked where at least ten products have it. Their
titles stand as they are, or without the words of their colour, or without those of colour and kind:
then only the picture shows what is asked for. Precision@10.

Then, for advertisers who sell 400 products of half of the kinds: is a term about something that
they sell? Terms of kinds not sold are the others; AUROC and mean probabilities, means over six
advertisers. The weight of a picture was chosen looking at this table.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from admatch.encode.english import EnglishEncoder
from admatch.encode.image import ImageEncoder
from admatch.encode.product_pictures import Pictured
from admatch.generate.generator import Generator
from admatch.match.retriever import Retriever
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from tests.benchmarks.record import record
from tests.benchmarks.shared_images import (
    FASHION_TRAIN,
    fashion_photos,
    fashion_products,
    listing_vectors,
    listings,
    looked_at,
)

SEED, ADVERTISERS, SOLD, LEAST = 7, 6, 400, 10
SYSTEMS = {"text alone": False, "text and picture": True}


def without(title: str, *hidden: str) -> str:
    """Return a title without the words of ``hidden``; its first word where nothing is left."""
    drop = {word.rstrip("s") for text in hidden for word in re.findall(r"[a-z]+", text.lower())}
    plain = [(re.sub(r"[^a-z]", "", word.lower()).rstrip("s"), word) for word in title.split()]
    return " ".join(word for key, word in plain if key not in drop) or title.split()[0]


class Shop:
    """The held-out products under titles of one kind, and what they are asked for."""

    def __init__(self, products, titles: list[str], pictures: np.ndarray, reader) -> None:
        self.model, self.reader = UniversalModel.shipped(), reader
        self.titles, self.pictures = np.array(titles), pictures
        self.kinds, self.looks = (products[name].to_numpy() for name in ("kind", "look"))
        self.vectors = listing_vectors(listings(titles, [None] * len(titles)), reader)

    def retriever(self, rows: np.ndarray, seen: bool) -> Retriever:
        books, vectors = self.model.codebooks, self.vectors[rows]
        generator = Generator(books, np.zeros(len(rows), np.int16), books.encode(vectors))
        titles = self.titles[rows].tolist()
        pictured = Pictured(np.arange(len(rows)), self.pictures[rows]) if seen else None
        words = WordEvidence.build(titles, titles)
        return Retriever(self.model, generator, vectors, words, self.reader.encode_text, pictured)

    def precision(self, values: np.ndarray, seen: bool) -> float:
        asked = common(values)
        retriever = self.retriever(np.arange(len(values)), seen)
        items = retriever.retrieve(asked, self.reader.encode_text(asked), 10).items
        return float((values[items] == np.array(asked)[:, None]).mean())

    def belonging(self, seen: bool) -> dict[str, float]:
        asked = common(self.kinds) + common(self.looks)
        kind_of = dict(zip(self.looks, self.kinds, strict=True))
        queries, found = self.reader.encode_text(asked), []
        for rows, sold in self._advertisers():
            here = {*self.kinds[rows], *self.looks[rows]}
            own = np.array([term in here for term in asked])
            foreign = np.array([kind_of.get(term, term) not in sold for term in asked])
            retrieved = self.retriever(rows, seen).retrieve(asked, queries, 1)
            told, truth = retrieved.probability[:, 0][own | foreign], own[own | foreign]
            found.append((roc_auc_score(truth, told), told[truth].mean(), told[~truth].mean()))
        return dict(zip(("AUROC", "p of own", "p of others"), np.mean(found, axis=0), strict=True))

    def _advertisers(self) -> Iterator[tuple[np.ndarray, set[str]]]:
        kinds = np.unique(self.kinds)
        for seed in range(ADVERTISERS):
            rng = np.random.default_rng(seed)
            sold = rng.permutation(kinds)[: len(kinds) // 2]
            yield rng.permutation(np.flatnonzero(np.isin(self.kinds, sold)))[:SOLD], set(sold)


def common(values: np.ndarray) -> list[str]:
    names, counts = np.unique(values, return_counts=True)
    return names[counts >= LEAST].tolist()


def main(cache: Path) -> None:
    reader, eyes, products = EnglishEncoder(), ImageEncoder(), fashion_products()
    features = [
        part[FASHION_TRAIN:] for part in looked_at("f", fashion_photos(products), eyes, cache)
    ]
    pictures, held = eyes.projection.project(*features), products[FASHION_TRAIN:]
    titles, kinds = held["productDisplayName"].to_list(), held["kind"].to_list()
    colours = held["baseColour"].fill_null("").to_list()
    told = {
        "as they are": titles,
        "without colour": [without(t, c) for t, c in zip(titles, colours, strict=True)],
        "without colour and kind": [
            without(*words) for words in zip(titles, colours, kinds, strict=True)
        ],
    }
    rows = []
    for name, variant in told.items():
        shop = Shop(held, variant, pictures, reader)
        for system, seen in SYSTEMS.items():
            found = {
                "kind P@10": shop.precision(shop.kinds, seen),
                "colour+kind P@10": shop.precision(shop.looks, seen),
            }
            rows.append({"titles": name, "system": system} | found | shop.belonging(seen))
    record("hidden_words", "1,500 fashion products held out, words hidden from titles", rows, SEED)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".cache"))
