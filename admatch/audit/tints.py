"""The colours of a picture's pixels: evidence that does not depend on the encoder."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from admatch.encode.picture import PictureError, open_picture

_TABLE = Path(__file__).with_name("colours.toml")
SIDE = 48  # pixels of a side: enough for colours
LOOSE = 30.0  # distance in CIE Lab within which a pixel may be called by a colour's name
APART = 12.0  # distance from the picture's border beyond which a pixel is not background
LEAST = 0.05  # share of such pixels below which the border shows the product itself

Pixels = npt.NDArray[np.float64]
_WHITE = np.array([0.9505, 1.0, 1.089])
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def tint_shares(files: Sequence[str]) -> Pixels:
    """Return the share of each picture's pixels that may be called by each colour, (k, colours).

    Shares overlap: a pixel may be called blue or grey. The background, as seen at the border, is
    left out. 1 for all where a picture cannot be read: nothing then contradicts a colour.
    """
    return np.array([_shares(Path(file)) for file in files]).reshape(len(files), -1)


def _shares(file: Path) -> Pixels:
    tones, starts = _tones()
    try:
        picture = open_picture(file)
    except PictureError:
        return np.ones(len(starts))
    picture.thumbnail((SIDE, SIDE))
    pixels = lab(np.asarray(picture))
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    away = np.linalg.norm(pixels - np.median(border, axis=0), axis=-1) > APART
    shown = pixels[away] if away.mean() >= LEAST else pixels.reshape(-1, 3)
    # Light and shade change lightness more than hue.
    apart = (shown[:, None] - tones) * np.array([0.7, 1.0, 1.0])
    nearest = np.minimum.reduceat(np.linalg.norm(apart, axis=-1), starts, axis=1)
    return np.asarray((nearest < LOOSE).mean(axis=0), dtype=np.float64)


def lab(colours: npt.NDArray[np.uint8]) -> Pixels:
    """Return sRGB (…, 3) as CIE Lab (…, 3), where distance is close to what people see."""
    light = colours.astype(np.float64) / 255
    linear = np.where(light > 0.04045, ((light + 0.055) / 1.055) ** 2.4, light / 12.92)
    parts = linear @ _TO_XYZ.T / _WHITE
    root = np.where(parts > 0.008856, np.cbrt(parts), 7.787 * parts + 16 / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


@cache
def _tones() -> tuple[Pixels, npt.NDArray[np.int64]]:
    """Return the tones of all colours in Lab (t, 3), and where each colour's tones start."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    groups = [table["tones"][name] for name in table["families"]]
    codes = [bytes.fromhex(code) for group in groups for code in group]
    starts = np.cumsum([0, *(len(group) for group in groups)])[:-1]
    return lab(np.array([list(code) for code in codes], dtype=np.uint8)), starts.astype(np.int64)
