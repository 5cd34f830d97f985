"""A catalog's pictures and texts → an image model fitted to them: ``fit_image_model``."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from admatch.arrays import Floats32, Ints, Vectors
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.image import ImageEncoder, Projection
from admatch.encode.picture import PictureError, open_pictures
from admatch.encode.torchvision_repair import import_torchvision
from admatch.progress import Progress
from admatch.training.images import Shown, fit_projection

LEAST = 200  # products with a picture: with fewer, nothing can be fitted and judged
HELD_OUT = 5  # one product in five is held out
TOGETHER = 256


@dataclass(frozen=True)
class FittedImageModel:
    """A projection, and its rank on held-out products.

    ``before`` is the mean reciprocal rank at which pictures find their own text with the encoder's
    image model (0 if it has none), ``after`` with ``projection``.
    """

    projection: Projection
    before: float
    after: float

    @property
    def better(self) -> bool:
        """Whether the projection is to be used."""
        return self.after > self.before

    @property
    def figures(self) -> dict[str, object]:
        """The figures for the model's card."""
        return {"before": self.before, "after": self.after, "kept": self.better}


def fit_image_model(
    frame: pl.DataFrame, texts: Vectors, cache: CachedTexts, seed: int, progress: Progress
) -> FittedImageModel | None:
    """Return an image model fitted to products' first pictures and ``texts`` (n, dim), as vectors.

    None if fewer than ``LEAST`` products have a readable picture, or if the encoder brings its own
    image model, as those of open_clip do.
    """
    network = ImageEncoder()
    if cache.encoder.image_model not in (None, network.name):
        return None
    files = [(row, Path(paths[0])) for row, paths in enumerate(frame["images"].to_list()) if paths]
    if len(files) < LEAST:
        return None
    parts = _network_outputs(files, network, progress)
    rows, features, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
    if len(rows) < LEAST:
        return None
    learning = np.arange(len(rows)) % HELD_OUT > 0
    own = texts[rows]
    shows, weights = np.arange(learning.sum()), np.ones(learning.sum())
    shown = Shown(features[learning], scores[learning], own[learning], shows, weights)
    names = cache.queries(class_names())
    projection = fit_projection(shown, names, cache.encoder.name, seed=seed, progress=progress)

    def rank(one: Projection) -> float:
        return _rank(one.project(features[~learning], scores[~learning]), own[~learning])

    before = rank(network.projection) if cache.encoder.image_model else 0.0
    return FittedImageModel(projection, before, rank(projection))


def class_names() -> list[str]:
    """Return the names of ImageNet's 1000 classes."""
    import_torchvision()
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    return list(_IMAGENET_CATEGORIES)


def _network_outputs(
    files: list[tuple[int, Path]], network: ImageEncoder, progress: Progress
) -> list[tuple[Ints, Floats32, Floats32]]:
    """Return rows, features and scores of the pictures that can be read."""
    parts = []
    for start in range(0, len(files), TOGETHER):
        part = files[start : start + TOGETHER]
        opened = open_pictures([path for _, path in part])
        good = [
            (row, one)
            for (row, _), one in zip(part, opened, strict=True)
            if not isinstance(one, PictureError)
        ]
        features, scores = network.features([one for _, one in good])
        parts.append((np.array([row for row, _ in good], np.int64), features, scores))
        progress("looking at pictures", start + len(part), len(files))
    return parts


def _rank(pictures: Vectors, texts: Vectors) -> float:
    """Return the mean reciprocal rank at which pictures find their own text."""
    similarity = pictures @ texts.T
    ranks = (similarity >= similarity.diagonal()[:, None]).sum(1)
    return float((1 / ranks).mean())
