"""A catalog's own pictures and texts → eyes that know them, kept only if they tell more."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.arrays import Floats32 as Floats
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.image import ImageEncoder, Projection
from admatch.encode.picture import PictureError, open_pictures
from admatch.encode.protocol import Vectors
from admatch.encode.torchvision_repair import import_torchvision
from admatch.progress import Progress
from admatch.training.images import Shown, fit_projection

LEAST = 200  # products with a picture: with fewer, nothing could be learnt and judged
HELD_OUT = 5  # every so-manieth is held out
TOGETHER = 256


@dataclass(frozen=True)
class Eyes:
    """A projection, and how it does on products held out.

    ``before`` is the mean reciprocal rank at which pictures find their own text with the eyes that
    the encoder has (0 where it has none), ``after`` with ``projection``.
    """

    projection: Projection
    before: float
    after: float

    @property
    def better(self) -> bool:
        """Whether they are to be kept."""
        return self.after > self.before

    @property
    def figures(self) -> dict[str, object]:
        """What a model's card says of them."""
        return {"before": self.before, "after": self.after, "kept": self.better}


def learn_eyes(
    frame: pl.DataFrame, texts: Vectors, kept: CachedTexts, seed: int, progress: Progress
) -> Eyes | None:
    """Return eyes learnt from products' first pictures and ``texts`` (n, dim), their vectors.

    None where fewer than ``LEAST`` products have a picture that can be read, or where the encoder
    sees pictures by itself, as open_clip's do.
    """
    network = ImageEncoder()
    if kept.encoder.image_model not in (None, network.name):
        return None
    files = [(row, Path(paths[0])) for row, paths in enumerate(frame["images"].to_list()) if paths]
    if len(files) < LEAST:
        return None
    looked = _looked_at(files, network, progress)
    rows, features, scores = (np.concatenate(part) for part in zip(*looked, strict=True))
    if len(rows) < LEAST:
        return None
    seen = np.arange(len(rows)) % HELD_OUT > 0
    own = texts[rows]
    shows, weights = np.arange(seen.sum()), np.ones(seen.sum())
    shown = Shown(features[seen], scores[seen], own[seen], shows, weights)
    named = kept.queries(class_names())
    projection = fit_projection(shown, named, kept.encoder.name, seed=seed, progress=progress)

    def rank(eyes: Projection) -> float:
        return _rank(eyes.project(features[~seen], scores[~seen]), own[~seen])

    return Eyes(
        projection, rank(network.projection) if kept.encoder.image_model else 0.0, rank(projection)
    )


def class_names() -> list[str]:
    """Return the names of ImageNet's 1000 classes."""
    import_torchvision()
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    return list(_IMAGENET_CATEGORIES)


def _looked_at(
    files: list[tuple[int, Path]], network: ImageEncoder, progress: Progress
) -> list[tuple[npt.NDArray[np.int64], Floats, Floats]]:
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
    likeness = pictures @ texts.T
    ranks = (likeness >= likeness.diagonal()[:, None]).sum(1)
    return float((1 / ranks).mean())
