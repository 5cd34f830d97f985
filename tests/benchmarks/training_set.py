"""What models are trained on here: products of the catalogs, and pseudo-queries about them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from admatch.catalog.records import Catalog
from admatch.encode.product_text import product_texts, product_vectors
from admatch.generate.augment import Listing, misspell, pseudo_query
from admatch.match.universal import UniversalModel
from admatch.training.train import Material, train
from tests.benchmarks.shared_data import cached_vectors, shopper_terms, training_products
from tests.benchmarks.train_universal import as_catalog

ADMATCH = Path(__file__).parents[2] / "admatch"
TRAINED_BY = ("ids", "generate", "match", "training")  # code that a trained model hangs on
MISSPELT = 0.15  # share of pseudo-queries with a slip of the finger


@dataclass(frozen=True)
class TrainingSet:
    """Products of several catalogs, end to end; ``catalogs`` (n,) names each one's own."""

    frame: pl.DataFrame
    catalogs: np.ndarray
    titles: list[str]
    brands: list[str | None]
    texts: list[str]
    vectors: np.ndarray

    def rows(self, chosen: np.ndarray) -> "TrainingSet":
        """Return some of the products, by mask or number."""
        numbers = np.arange(len(self.titles))[chosen].tolist()
        lists = ([column[i] for i in numbers] for column in (self.titles, self.brands, self.texts))
        return TrainingSet(self.frame[numbers], self.catalogs[chosen], *lists, self.vectors[chosen])


def training_set(encoder, cache: Path) -> TrainingSet:
    """Return all products that may be trained on; their vectors are kept in ``cache``."""
    frames, catalogs, titles, brands, texts, vectors = [], [], [], [], [], []
    for name, products in training_products().items():
        vectors.append(catalog_vectors(name, products, encoder, cache))
        frames.append(as_catalog(products).frame)
        catalogs += [name] * len(products)
        titles += products["title"].to_list()
        brands += products["brand"].to_list()
        texts += product_texts(products)
    return TrainingSet(
        pl.concat(frames), np.array(catalogs), titles, brands, texts, np.concatenate(vectors)
    )


def catalog_vectors(name: str, products: pl.DataFrame, encoder, cache: Path) -> np.ndarray:
    """Return the products' vectors, as an index has them; kept in ``cache``."""
    return product_vectors(products, lambda views: cached_vectors(name, views, encoder, cache))


def pseudo_queries(titles: Sequence[str], rounds: int, seed: int) -> tuple[list[str], np.ndarray]:
    """Return ``rounds`` queries about each title, and the number of the title each is about."""
    rng, terms, own = np.random.default_rng(seed), [], []
    for _ in range(rounds):
        for number, title in enumerate(titles):
            term = pseudo_query(Listing(title), rng, {misspell: MISSPELT})
            if len(term) >= 3:
                terms.append(term)
                own.append(number)
    return terms, np.array(own)


def trained_model(
    products: TrainingSet, encoder, seed: int, cache: Path, terms: list[str] | None = None
) -> UniversalModel:
    """Return the model that ``train`` makes of these products with one seed, kept in ``cache``.

    ``terms`` are the real search terms that it may calibrate on, by default all there are. What
    is kept counts only for the same inputs and the same code.
    """
    terms = shopper_terms() if terms is None else terms
    folder = cache / f"model-{_key(products, terms, seed)}"
    if not (folder / "manifest.json").exists():
        print(f"training on {len(products.texts)} products, seed {seed}", flush=True)
        material = Material({"products": Catalog(products.frame)}, terms)
        train(material, encoder, folder, seeds=(seed,), cache=cache)
    return UniversalModel.load(folder)


def _key(products: TrainingSet, terms: list[str], seed: int) -> str:
    digest = hashlib.sha256(f"{seed}\0{products.texts}\0{terms}".encode())
    digest.update(products.vectors.tobytes())
    for part in TRAINED_BY:
        path = ADMATCH / part
        for source in [path] if path.is_file() else sorted(path.rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
