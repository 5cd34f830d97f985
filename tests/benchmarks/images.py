"""Measures pictures among texts: ``python -m tests.benchmarks.images CACHE``.

Groceries: photos from shops → one of 81 products, which stand as text, as picture, and as both.
Fashion: 1,500 products never trained on. Needs the picture sets beside the project. Three minutes
on two cores once CACHE is filled.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from admatch.encode.english import EnglishEncoder
from admatch.encode.image import ImageEncoder, Projection
from admatch.encode.multimodal import fused
from admatch.encode.product_pictures import Pictured
from admatch.ids.semantic_id import Modality
from admatch.match.universal import UniversalModel
from admatch.match.views import Views
from tests.benchmarks.record import record
from tests.benchmarks.shared_images import (
    FASHION_TRAIN,
    fashion_photos,
    fashion_products,
    grocery_photos,
    grocery_products,
    listing_vectors,
    listings,
    looked_at,
)
from tests.benchmarks.train_images import fitted

SEED, FOLDS, LEAST = 7, 4, 10  # at least so many held-out products of a kind or colour and kind
SHARES = (0.2, 0.3, 0.4, 0.5)  # of the picture in a query of picture and words


def first_hits(likeness: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """Return R@1 and R@5 of rows of likeness (n, m) whose right column is given."""
    order = np.argsort(-likeness, axis=1, kind="stable")
    rank = (order == right[:, None]).argmax(1)
    return {"R@1": float((rank < 1).mean()), "R@5": float((rank < 5).mean())}


def untrained(reader) -> Projection:
    rng = np.random.default_rng(SEED)
    weight = rng.normal(size=(2280, reader.dim)).astype(np.float32)
    return Projection(reader.name, weight, np.zeros(reader.dim, np.float32))


class Groceries:
    def __init__(self, cache: Path, eyes: ImageEncoder, reader) -> None:
        products, clean = grocery_products()
        self.texts = listing_vectors(products, reader)
        self.photos, self.train = grocery_photos("test"), grocery_photos("train")
        self.looked = looked_at("g_test", self.photos, eyes, cache)
        self.clean = looked_at("g_icon", clean, eyes, cache)
        self.shown = looked_at("g_train", self.train, eyes, cache)

    def rows(self, system: str, projection: Projection, on: np.ndarray) -> list[dict[str, object]]:
        """Return the figures of the test photos ``on``, against all 81 products."""
        asked = projection.project(*(part[on] for part in self.looked))
        pictures, right = projection.project(*self.clean), self.photos.products[on]
        views = {
            "text": self.texts,
            "picture": pictures,
            "both": fused(self.texts, pictures, 0.5),
        }
        return [
            {"system": f"{system}: photo → {name}", **first_hits(asked @ view.T, right)}
            for name, view in views.items()
        ]

    def from_text(self, projection: Projection) -> dict[str, object]:
        likeness = self.texts @ projection.project(*self.looked).T
        best = np.argsort(-likeness, axis=1)[:, :5]
        right = self.photos.products[best] == np.arange(81)[:, None]
        return {
            "system": "product text → photos",
            "R@1": float(right[:, 0].mean()),
            "R@5": float(right.any(1).mean()),
        }

    def prototypes(self) -> dict[str, object]:
        features = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in
                    (self.shown[0], self.looked[0])]  # fmt: skip
        means = np.stack([features[0][self.train.products == one].mean(0) for one in range(81)])
        return {
            "system": "nearest class prototype on raw features",
            **first_hits(features[1] @ means.T, self.photos.products),
        }

    def generated(self, projection: Projection) -> list[dict[str, object]]:
        """Return the same by generation and re-ranking, as ``Index.search`` does it."""
        model = UniversalModel.shipped()
        pictured = Pictured(np.arange(81), projection.project(*self.clean))
        views = Views.build(model.codebooks, self.texts, pictured)
        asked, rows = projection.project(*self.looked), []
        for modality in Modality:
            found = views.search(model.decoder, asked, 5, {modality})
            ranked = np.array([[one.product for one in row] for row in found])
            hit = ranked == self.photos.products[:, None]
            name = modality.name.lower().replace("_", " and ")
            rows.append(
                {
                    "system": f"generation + re-rank: photo → {name}",
                    "R@1": float(hit[:, 0].mean()),
                    "R@5": float(hit.any(1).mean()),
                }
            )
        return rows


def held_out(cache: Path, eyes, reader, groceries: Groceries) -> list[dict[str, object]]:
    """Return the figures of classes that training did not show, averaged over four folds."""
    fold = np.random.default_rng(0).permutation(81) % FOLDS
    tables = []
    for number in range(FOLDS):
        projection = fitted(cache, eyes, reader, fold != number)
        on = fold[groceries.photos.products] == number
        tables.append(groceries.rows("classes held out", projection, on))
        print(f"fold {number + 1} of {FOLDS}", flush=True)
    return [
        {"system": rows[0]["system"]}
        | {name: float(np.mean([row[name] for row in rows])) for name in ("R@1", "R@5")}
        for rows in zip(*tables, strict=True)
    ]


class Fashion:
    def __init__(self, cache: Path, eyes: ImageEncoder, reader) -> None:
        products = fashion_products()
        looked = looked_at("f", fashion_photos(products), eyes, cache)
        self.looked = tuple(part[FASHION_TRAIN:] for part in looked)
        self.held = products[FASHION_TRAIN:]
        self.titles = listing_vectors(
            listings(self.held["productDisplayName"].to_list(), [None] * len(self.held)), reader
        )
        self.reader = reader

    def precision(self, vectors: np.ndarray, column: str) -> float:
        """Return precision@10 of queries that are values of a column, over products' vectors."""
        values = self.held[column].to_numpy()
        names, counts = np.unique(values, return_counts=True)
        asked = names[counts >= LEAST]
        best = np.argsort(-(self.reader.encode_text(asked.tolist()) @ vectors.T), axis=1)[:, :10]
        return float((values[best] == asked[:, None]).mean())

    def changed(self, pictures: np.ndarray, share: float) -> float:
        """Return how often a picture "in COLOUR" has the same thing in it among its first ten."""
        rng, hits = np.random.default_rng(SEED), []
        kinds = self.held["kind"].to_numpy() + self.held["gender"].to_numpy()
        colours = self.held["baseColour"].fill_null("").to_numpy()
        for row in range(len(self.held)):
            others = np.unique(colours[(kinds == kinds[row]) & (colours != colours[row])])
            if not len(others):
                continue
            colour = rng.choice(others)
            words = self.words(f"in {colour.lower()}")
            likeness = pictures @ fused(words[None], pictures[row][None], share)[0]
            likeness[row] = -np.inf
            best = np.argsort(-likeness)[:10]
            hits.append(((kinds[best] == kinds[row]) & (colours[best] == colour)).any())
        return float(np.mean(hits))

    def words(self, text: str) -> np.ndarray:
        self._words = getattr(self, "_words", {})
        if text not in self._words:
            self._words[text] = self.reader.encode_text([text])[0]
        return self._words[text]

    def row(self, system: str, pictures: np.ndarray) -> dict[str, object]:
        likeness = pictures @ self.titles.T
        own = (likeness > np.diag(likeness)[:, None]).sum(1)
        return {
            "system": system,
            "type P@10": self.precision(pictures, "kind"),
            "colour+type P@10": self.precision(pictures, "look"),
            "→ own title R@10": float((own < 10).mean()),
        }


def speed(eyes: ImageEncoder, files: list[Path]) -> list[dict[str, object]]:
    """Return pictures a second with decoding, and the network's alone beside torch eager."""
    import torch

    from tests.benchmarks.export_network import Features

    eyes.encode_images(files[:32])
    start = time.perf_counter()
    eyes.encode_images(files)
    whole = len(files) / (time.perf_counter() - start)
    pixels = np.random.default_rng(1).random((32, 3, 224, 224), np.float32)
    net = Features().eval()
    rates = {}
    for name, run in (
        ("ONNX", lambda: eyes._network.run(pixels)),
        ("torch eager", lambda: net(torch.from_numpy(pixels))),
    ):
        with torch.inference_mode():
            run()
            start = time.perf_counter()
            for _ in range(4):
                run()
        rates[name] = 4 * len(pixels) / (time.perf_counter() - start)
    return [
        {"system": "pictures/s, decoded and encoded", "rate": whole},
        *({"system": f"pictures/s, network alone, {name}", "rate": r} for name, r in rates.items()),
        {"system": "threads", "rate": torch.get_num_threads()},
    ]


def main(cache: Path) -> None:
    reader, eyes = EnglishEncoder(), ImageEncoder()
    groceries, every = Groceries(cache, eyes, reader), slice(None)
    rows = groceries.rows("shipped", eyes.projection, every)
    rows += groceries.generated(eyes.projection)
    rows += [groceries.from_text(eyes.projection), groceries.prototypes()]
    rows += groceries.rows("untrained projection", untrained(reader), every)[:1]
    rows += held_out(cache, eyes, reader, groceries)
    record("images_grocery", "Shop photos → 81 groceries (2,485 test photos)", rows, SEED)
    fashion = Fashion(cache, eyes, reader)
    pictures = eyes.projection.project(*fashion.looked)
    rows = [
        fashion.row("shipped: pictures", pictures),
        fashion.row("untrained projection", untrained(reader).project(*fashion.looked)),
    ]
    rows.append(fashion.row("titles alone", fashion.titles))
    record("images_fashion", "1,500 fashion products held out", rows, SEED)
    rows = [
        {"system": f"picture counts {share}", "R@10": fashion.changed(pictures, share)}
        for share in (*SHARES, 1.0, 0.0)
    ]
    record("images_changed", "Picture + 'in COLOUR' → picture", rows, SEED)
    record("images_speed", "Encoding pictures", speed(eyes, groceries.photos.files[:192]), SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, nargs="?", default=Path(".cache"))
    main(parser.parse_args().cache)
