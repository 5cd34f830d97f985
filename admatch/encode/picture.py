"""A picture of any kind → RGB as a person sees it, or one sentence on why not."""

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps

from admatch.errors import InputError

# A picture as it can be given: a file, a file's bytes, or already decoded.
Picture: TypeAlias = Path | bytes | Image.Image
LARGEST = 100_000_000  # pixels: above what any camera or shop makes, 300 MB decoded
DRAFT = 448  # pixels a side at least: a JPEG decodes to a fraction of its size, far faster
AT_ONCE = 4  # decoding threads; Pillow lets go of the interpreter while it decodes


class PictureError(InputError):
    """A picture that cannot be read; its text is the reason alone."""


def open_picture(picture: Picture) -> Image.Image:
    """Return a picture as RGB: turned upright, transparency over white, first frame.

    JPEGs come at a fraction of their size, both sides at least ``DRAFT`` where the picture has
    that. Raises PictureError where it has too many pixels, is cut off, or is no picture.
    """
    try:
        if isinstance(picture, Image.Image):
            return _upright(picture)
        with Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture) as opened:
            return _upright(opened)
    except FileNotFoundError:
        raise PictureError("there is no such image file") from None
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(f"it has more than {LARGEST:,} pixels") from None
    # Broken files make Pillow's decoders raise nearly anything.
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError) as error:
        raise PictureError(_short(error)) from None


def open_pictures(pictures: Sequence[Picture]) -> list[Image.Image | PictureError]:
    """Return each picture, or why it cannot be read; decoded in parallel, in their order."""

    def one(picture: Picture) -> Image.Image | PictureError:
        try:
            return open_picture(picture)
        except PictureError as error:
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, pictures))


def _upright(image: Image.Image) -> Image.Image:
    if image.width * image.height > LARGEST:
        raise PictureError(f"it has {image.width} x {image.height} pixels, over {LARGEST:,}")
    image.draft("RGB", (DRAFT, DRAFT))
    turned = ImageOps.exif_transpose(image)
    if turned.has_transparency_data:
        over = turned.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(white, over).convert("RGB")
    if turned.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        return _eight_bits(turned)
    return turned.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture of 16 bits or more in RGB: Pillow would cut its values off at 255."""
    wide = image.convert("F")
    high = np.asarray(wide).max()
    top = 255 if high <= 255 else 65_535  # the whole range that it may use, not the one it uses
    return wide.point(lambda value: value * (255 / top)).convert("L").convert("RGB")


def _short(error: Exception) -> str:
    """Return an error's kind in words: its text may hold a path and differ for every file."""
    text = str(error)
    return "it is not a picture" if "cannot identify" in text else text[:80] or type(error).__name__
