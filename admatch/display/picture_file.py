"""A picture file, opened with care: ``open_image``, ``decoding``.

A file of some hundred kB may decode to gigabytes, and a path may lead to a pipe that never ends.
"""

import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from PIL import Image

PIXELS = 50_000_000  # more than shops ask for, 200 MB decoded
_LARGE = 5_000_000
# Pillow knows many more, some of which are programs (PostScript).
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_one_at_a_time = Lock()


class LargePictureError(ValueError):
    """A picture has more than ``PIXELS``."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width} x {height}")
        self.width, self.height = width, height


def open_image(source: Path | io.BytesIO) -> Image.Image:
    """Return an image whose header has been read; its pixels are decoded when they are needed.

    Raises LargePictureError, OSError for what is no picture or no ordinary file, and whatever else
    Pillow raises for broken ones.
    """
    if isinstance(source, Path) and not stat.S_ISREG(source.stat().st_mode):
        raise OSError(0, "not an ordinary file")
    image = Image.open(source, formats=_FORMATS)
    if image.width * image.height > PIXELS:
        image.close()
        raise LargePictureError(image.width, image.height)
    return image


@contextmanager
def decoding(image: Image.Image) -> Iterator[None]:
    """Within it, an image may be decoded: of large ones one at a time, so that memory suffices."""
    if image.width * image.height <= _LARGE or image.format == "JPEG":
        yield  # a JPEG decodes to a fraction of its size where that is asked for
    else:
        with _one_at_a_time:
            yield


def why_unreadable(error: Exception) -> str:
    """Return an error in few words without its path, which is nobody's business."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)[:80] or type(error).__name__
