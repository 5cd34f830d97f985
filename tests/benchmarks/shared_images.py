"""The picture sets beside the project: files, what each shows, and the network's features."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from admatch.encode.image import ImageEncoder
from admatch.encode.product_text import product_vectors
from tests.benchmarks.shared_data import SHARED

GROCERY, FASHION = SHARED / "images/grocery_store", SHARED / "images/fashion"
FASHION_SAMPLE, FASHION_TRAIN = 6_000, 4_500  # products; the other 1,500 are only measured on
TOGETHER = 256


@dataclass(frozen=True)
class Photos:
    """Picture files and the number of the product that each shows."""

    files: list[Path]
    products: np.ndarray


def grocery_photos(part: str) -> Photos:
    """Return the photos of ``train``, ``val`` or ``test``: 81 products as they lie in shops."""
    lines = [line.split(",") for line in (GROCERY / f"{part}.txt").read_text().splitlines()]
    return Photos([GROCERY / line[0] for line in lines], np.array([int(line[1]) for line in lines]))


def grocery_products() -> tuple[pl.DataFrame, Photos]:
    """Return the 81 products' listings, and the one clean picture of each."""
    rows = pl.read_csv(GROCERY / "classes.csv")
    told = [
        (GROCERY / path[1:]).read_text(encoding="utf-8").strip()
        for path in rows["Product Description Path (str)"]
    ]
    titles = rows["Class Name (str)"].str.replace_all("-", " ")
    files = [GROCERY / path[1:] for path in rows["Iconic Image Path (str)"]]
    return listings(titles.to_list(), told), Photos(files, np.arange(len(files)))


def fashion_products() -> pl.DataFrame:
    """Return 6,000 products with a picture; the first ``FASHION_TRAIN`` are trained on."""
    rows = pl.read_csv(FASHION / "styles.csv", ignore_errors=True, truncate_ragged_lines=True)
    rows = rows.filter(pl.col("has_image") == 1).drop_nulls("productDisplayName").sort("id")
    there = [(FASHION / f"images/{number}.jpg").exists() for number in rows["id"]]
    some = rows.filter(pl.Series(there)).sample(FASHION_SAMPLE, seed=7, shuffle=True)
    look = pl.concat_str(pl.col("baseColour", "articleType").fill_null(""), separator=" ")
    return some.with_columns(
        look=look.str.to_lowercase(), kind=pl.col("articleType").str.to_lowercase()
    )


def fashion_photos(products: pl.DataFrame) -> Photos:
    """Return the picture of each product."""
    files = [FASHION / f"images/{number}.jpg" for number in products["id"]]
    return Photos(files, np.arange(len(files)))


def listings(titles: list[str], descriptions: list[str]) -> pl.DataFrame:
    """Return products as the columns that their vectors are made of."""
    columns = {"title": titles, "description": descriptions}
    return pl.DataFrame(columns).with_columns(
        brand=pl.lit(None, pl.String), bullets=pl.lit(None, pl.List(pl.String))
    )


def listing_vectors(frame: pl.DataFrame, encoder) -> np.ndarray:
    return product_vectors(frame, encoder.encode_text)


def looked_at(name: str, photos: Photos, eyes: ImageEncoder, cache: Path):
    """Return the network's features and scores of photos, kept in ``cache``."""
    path = cache / f"{name}.npz"
    if path.exists():
        kept = np.load(path)
        return kept["f"], kept["s"]
    parts = []
    for start in range(0, len(photos.files), TOGETHER):
        parts.append(eyes.features(photos.files[start : start + TOGETHER]))
        print(f"{name}: {start + len(parts[-1][0])} of {len(photos.files)} seen", flush=True)
    features, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
    cache.mkdir(parents=True, exist_ok=True)
    np.savez(path, f=features, s=scores)
    return features, scores
