"""Small pictures that travel inside a page."""

import base64
import io
from pathlib import Path

from PIL import Image, ImageOps

from admatch.display.picture_file import decoding, open_image

SIDE = 144  # pixels: a 72-pixel tile stays sharp on a screen of double density


def thumbnail(path: Path, side: int = SIDE) -> str | None:
    """Return the picture as the data URI of a JPEG that fits a square of ``side`` pixels.

    None where the file cannot be read: a page with a placeholder is better than none.
    """
    try:
        with open_image(path) as picture, decoding(picture):
            picture.draft("RGB", (side, side))  # a JPEG decodes at a fraction of its size
            small = _on_white(ImageOps.exif_transpose(picture))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    small.thumbnail((side, side))
    jpeg = io.BytesIO()
    small.save(jpeg, "JPEG", quality=78, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.getvalue()).decode("ascii")


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    sheet = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(sheet, clear).convert("RGB")
