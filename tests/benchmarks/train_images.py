"""Makes the shipped image projection anew: ``python -m tests.benchmarks.train_images CACHE``.

``--encoder multilingual`` makes the one for the multilingual encoder instead of the English one.
Needs the picture sets beside the project. Three minutes on two cores, one once CACHE is filled.
"""

import argparse
import shutil
from pathlib import Path

import numpy as np

from admatch.encode.english import EnglishEncoder
from admatch.encode.image import FOLDER, ImageEncoder, Projection
from admatch.encode.multilingual import MultilingualEncoder
from admatch.training.image_model import class_names
from admatch.training.images import Shown, fit_projection
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

MODELS = Path(__file__).parents[2] / "admatch" / "models"
# Whose space pictures are put into, where the projection goes, and its card; the multilingual one
# is told of in its model's card.
MADE = {
    "english": (
        EnglishEncoder,
        MODELS / "images-1",
        Path(__file__).with_name("model_notes") / "images-1.md",
    ),
    "multilingual": (MultilingualEncoder, MODELS / "multilingual-1" / FOLDER, None),
}
CLEAN = 0.1  # what the 81 clean pictures count beside the 2,640 photos from shops
SEED = 7


def shown_pictures(cache: Path, eyes: ImageEncoder, reader, kept: np.ndarray) -> Shown:
    """Return what is trained on: groceries that are ``kept`` (81,), and fashion.

    A fashion picture shows two texts: its listing, and its colour and type alone.
    """
    products, clean = grocery_products()
    photos, fashion = grocery_photos("train"), fashion_products()
    looks, look = np.unique(fashion["look"].to_numpy()[:FASHION_TRAIN], return_inverse=True)
    texts = [
        listing_vectors(products, reader),
        listing_vectors(listings(fashion["productDisplayName"], fashion["look"]), reader),
        reader.encode_text(looks.tolist()),
    ]
    trained = np.arange(FASHION_TRAIN)
    seen = [
        (looked_at("g_train", photos, eyes, cache), photos.products, 1.0, kept[photos.products]),
        (looked_at("g_icon", clean, eyes, cache), clean.products, CLEAN, kept),
    ]
    worn = tuple(part[:FASHION_TRAIN] for part in _fashion(cache, eyes, fashion))
    every = np.ones(FASHION_TRAIN, bool)
    seen += [
        (worn, 81 + trained, 0.5, every),
        (worn, 81 + len(fashion) + look, 0.5, every),
    ]
    return Shown(
        np.concatenate([part[0][on] for part, _, _, on in seen]),
        np.concatenate([part[1][on] for part, _, _, on in seen]),
        np.concatenate(texts),
        np.concatenate([shows[on] for _, shows, _, on in seen]),
        np.concatenate([np.full(on.sum(), weight / on.sum()) for _, _, weight, on in seen]),
    )


def _fashion(cache: Path, eyes: ImageEncoder, fashion) -> tuple[np.ndarray, np.ndarray]:
    return looked_at("f", fashion_photos(fashion), eyes, cache)


def fitted(cache: Path, eyes: ImageEncoder, reader, kept: np.ndarray) -> Projection:
    """Return the projection trained without the groceries that are not ``kept``."""
    shown = shown_pictures(cache, eyes, reader, kept)
    return fit_projection(shown, reader.encode_text(class_names()), reader.name, seed=SEED)


def main(cache: Path, name: str) -> None:
    maker, folder, notes = MADE[name]
    # Only its network looks here, so whatever projection lies in the folder does not matter.
    projection = fitted(cache, ImageEncoder(), maker(), np.ones(81, bool))
    about = {
        "pictures": {
            "images/grocery_store (train)": 2640,
            "images/grocery_store (clean)": 81,
            "images/fashion": FASHION_TRAIN,
        },
        "seed": SEED,
    }
    folder.mkdir(exist_ok=True)
    projection.save(folder, about)
    if notes:
        shutil.copy(notes, folder / "MODEL_CARD.md")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, nargs="?", default=Path(".cache"))
    parser.add_argument("--encoder", choices=MADE, default="english")
    given = parser.parse_args()
    main(given.cache, given.encoder)
