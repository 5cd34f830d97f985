"""A picture of any kind → RGB as a person sees it, or one sentence on why not."""

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps

from admatch.display.picture_file import (
    PIXELS,
    LargePictureError,
    decoding,
    open_image,
    why_unreadable,
)
from admatch.errors import InputError
from admatch.messages import Message, say

# A picture as a caller has it: a file, a file's bytes, or already decoded.
Picture: TypeAlias = Path | bytes | Image.Image
DRAFT = 448  # pixels a side at least: a JPEG decodes to a fraction of its size, far faster
AT_ONCE = 4  # decoding threads; Pillow lets go of the interpreter while it decodes


class PictureError(InputError):
    """A picture that cannot be read; ``reason`` says why and does not name the picture."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


def open_picture(picture: Picture) -> Image.Image:
    """Return a picture as RGB: turned upright, transparency over white, first frame.

    JPEGs come at a fraction of their size, both sides at least ``DRAFT`` where the picture has
    that. Raises PictureError where it has too many pixels, is cut off, or is no picture.
    """
    try:
        if isinstance(picture, Image.Image):
            return _upright(picture)
        source = io.BytesIO(picture) if isinstance(picture, bytes) else picture
        with open_image(source) as opened, decoding(opened):
            return _upright(opened)
    except FileNotFoundError:
        raise PictureError(say("encode.picture.missing")) from None
    except PictureError:
        raise
    except LargePictureError as error:
        raise _too_large(error.width, error.height) from None
    except Image.DecompressionBombError:
        raise PictureError(say("encode.picture.too_many_pixels", limit=PIXELS)) from None
    # Broken files make Pillow's decoders raise nearly anything.
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError) as error:
        raise PictureError(_reason(error)) from None


def open_pictures(pictures: Sequence[Picture]) -> list[Image.Image | PictureError]:
    """Return each picture, or why it cannot be read; decoded in parallel, in their order."""

    def one(picture: Picture) -> Image.Image | PictureError:
        try:
            return open_picture(picture)
        except PictureError as error:
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, pictures))


def named(picture: Picture, error: PictureError) -> PictureError:
    """Return the error with the picture's file name before the reason, if it has one."""
    name = picture.name if isinstance(picture, Path) else say("encode.picture.without_a_name")
    return PictureError(say("encode.picture.named", picture=name, reason=error.reason))


def _too_large(width: int, height: int) -> PictureError:
    return PictureError(say("encode.picture.too_large", width=width, height=height, limit=PIXELS))


def _upright(image: Image.Image) -> Image.Image:
    if image.width * image.height > PIXELS:
        raise _too_large(image.width, image.height)
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
    top = 255 if high <= 255 else 65_535  # the range of the format, not of this one picture
    return wide.point(lambda value: value * (255 / top)).convert("L").convert("RGB")


def _reason(error: Exception) -> Message:
    """Return an error in words: its own text may hold a path and differ for every file."""
    if "cannot identify" in str(error):
        return say("encode.picture.not_a_picture")
    return say("encode.picture.undecodable", reason=why_unreadable(error))
