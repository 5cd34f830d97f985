"""Makes a shipped model anew: ``python -m tests.benchmarks.train_universal CACHE``.

``--encoder multilingual`` makes the one for the multilingual encoder instead of the English one.
Needs the data sets beside the project. Half an hour on two cores, minutes once CACHE is filled.
"""

import argparse
from pathlib import Path

import polars as pl

from admatch.catalog.records import CATALOG_SCHEMA, Catalog
from admatch.encode.english import EnglishEncoder
from admatch.encode.multilingual import MultilingualEncoder
from admatch.generate.augment import REWRITES, WITH_LANGUAGES
from admatch.training.train import Material, train
from tests.benchmarks.shared_data import shopper_terms, training_products

MODELS = Path(__file__).parents[2] / "admatch" / "models"
# The encoder, the folder of its model, rewrites, and how many products of a data set at most.
MADE = {
    "english": (EnglishEncoder, "universal-1", REWRITES, None),
    "multilingual": (MultilingualEncoder, "multilingual-1", WITH_LANGUAGES, 10_000),
}
SEEDS = (7, 8, 9)


def as_catalog(products: pl.DataFrame) -> Catalog:
    """Return products as a catalog, numbered."""
    missing = {name: pl.lit(None, kind) for name, kind in CATALOG_SCHEMA.items()}
    known = {name: pl.col(name) for name in products.columns}
    numbered = {"product_id": pl.int_range(pl.len()).cast(pl.String)}
    return Catalog(products.select(**(missing | known | numbered)))


def main(cache: Path, name: str) -> None:
    maker, folder, rewrites, at_most = MADE[name]
    catalogs = {}
    for source, products in training_products().items():
        some = products.sample(min(at_most or products.height, products.height), seed=SEEDS[0])
        catalogs[source] = as_catalog(some)
    notes = Path(__file__).with_name("model_notes") / f"{folder}.md"
    material = Material(catalogs, shopper_terms(), notes=notes.read_text())
    model = train(
        material,
        maker(),
        MODELS / folder,
        seeds=SEEDS,
        cache=cache / name,
        rewrites=rewrites,
        progress=_tell,
    )
    print(model.about["seeds"], model.relevance)


def _tell(stage: str, done: int, total: int) -> None:
    if done == total or done % 20_480 == 0:
        print(f"{stage}: {done:,} of {total:,}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, nargs="?", default=Path(".cache"))
    parser.add_argument("--encoder", choices=MADE, default="english")
    given = parser.parse_args()
    main(given.cache, given.encoder)
