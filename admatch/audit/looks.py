"""How pictures were taken, whatever they show: background, light, saturation, contrast."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from admatch.audit.records import Floats
from admatch.encode.picture import PictureError, open_picture

SIDE = 64  # pixels of a side that are looked at
WHITE = 0.94  # share of full light in every channel: what a shop calls a white background
LOOKS = (
    "light of the border", "its spread", "its share of white", "light", "contrast", "saturation",
    "detail",
)  # fmt: skip


def looks(files: Sequence[str]) -> Floats:
    """Return ``LOOKS`` of each picture, (k, 7), each 0 … 1; NaN where a picture cannot be read."""
    return np.array([_look(Path(file)) for file in files]).reshape(len(files), len(LOOKS))


def _look(file: Path) -> Floats:
    try:
        picture = open_picture(file)
    except PictureError:
        return np.full(len(LOOKS), np.nan)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    pixels = np.asarray(picture, np.float64) / 255
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    most, grey = pixels.max(axis=-1), pixels.mean(axis=-1)
    return np.array(
        [
            border.mean(),
            border.std(),
            (border.min(axis=-1) > WHITE).mean(),
            grey.mean(),
            grey.std(),
            ((most - pixels.min(axis=-1)) / np.maximum(most, 1e-6)).mean(),
            np.abs(np.diff(grey, axis=0)).mean() if len(grey) > 1 else 0.0,
        ]
    )


def oddness(measured: Floats) -> Floats:
    """Return how unlike the others each picture (k, 7) looks: in typical deviations, at most 10.

    The mean over ``LOOKS`` of the distance from their medians, in median distances.
    """
    middle = np.nanmedian(measured, axis=0)
    apart = np.abs(measured - middle)
    usual = np.maximum(np.nanmedian(apart, axis=0), LEAST)
    return np.asarray(np.minimum(apart / usual, MOST).mean(axis=1))


LEAST, MOST = 0.02, 10.0  # a very uniform brand is allowed deviations of 2 % too
