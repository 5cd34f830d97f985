"""Image cells → readable local files: paths beside the catalog, addresses through a cache."""

import hashlib
import http.client
import io
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from PIL import Image

from admatch.catalog.row_problems import row_problems
from admatch.display.picture_file import (
    PIXELS,
    LargePictureError,
    decoding,
    open_image,
    why_unreadable,
)
from admatch.errors import Problem
from admatch.messages import Message, say
from admatch.tables.atomic import replacing

TIMEOUT = 20.0  # seconds for one answer
LARGEST = 20 * 2**20  # bytes of one image
_AT_ONCE = 8  # images read or fetched at a time
_ADDRESS = re.compile(r"^(?:https?:)?//", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:(?://|[^\\/])")
_SAFE = ":/?#[]@!$&'()*+,;=%~"

_root: ContextVar[Path | None] = ContextVar("root", default=None)


@contextmanager
def pictures_within(folder: Path) -> Iterator[None]:
    """Within it, catalogs of others are read: no path that leads out of ``folder`` is opened."""
    token = _root.set(folder.resolve())
    try:
        yield
    finally:
        _root.reset(token)


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A readable file, or why there is none; neither for an address that was not to be fetched."""

    file: str | None = None
    reason: Message | None = None


def find_images(
    path: Path, rows: pl.DataFrame, cache: Path | None
) -> tuple[pl.Series, list[Problem]]:
    """Return each product's readable ``images``, and a problem for each image that is not.

    ``rows`` has ``row`` and ``images`` (a list of paths, relative to the catalog's folder, and
    addresses). With a ``cache`` folder, the first address of each product is fetched into it;
    without one, nothing is fetched and addresses are left out.
    """
    single = rows.with_row_index("at").explode("images").drop_nulls("images")
    single = single.rename({"images": "value"}).with_columns(
        address=pl.col("value").str.contains(r"(?i)^(?:https?:)?//")
    )
    first = single.filter(~pl.col("address") | pl.struct("at", "address").is_first_distinct())
    values = first["value"].unique(maintain_order=True).to_list()
    images = _find(path.parent, values, cache)
    known = pl.DataFrame(
        {
            "value": values,
            "file": [one.file for one in images],
            "reason": [one.reason for one in images],
        },
        schema=dict.fromkeys(("value", "file", "reason"), pl.String),
    )
    read = first.join(known, on="value", how="left", maintain_order="left")
    reasons = dict.fromkeys(one.reason for one in images if one.reason is not None)
    problems = [problem for reason in reasons for problem in _unreadable(path, read, reason)]
    files = read.drop_nulls("file").group_by("at", maintain_order=True).agg(images="file")
    every = (
        rows.select("row")
        .with_row_index("at")
        .join(files, on="at", how="left", maintain_order="left")
    )
    empty = pl.Series([[]], dtype=pl.List(pl.String))
    return every["images"].cast(pl.List(pl.String)).fill_null(empty), problems


def _unreadable(path: Path, read: pl.DataFrame, reason: Message) -> list[Problem]:
    rows = read.filter(pl.col("reason") == str(reason))
    what, remedy = say("catalog.images.left_out", why=reason), say("catalog.images.give_picture")
    return row_problems(path, rows, what, remedy, column="images")


def _find(folder: Path, values: list[str], cache: Path | None) -> list[ImageFile]:
    root = _root.get()

    def one(value: str) -> ImageFile:
        if _ADDRESS.match(value):
            return ImageFile() if cache is None else fetch_image(value, cache)
        if _OTHER_SCHEME.match(value):
            return ImageFile(reason=say("catalog.images.scheme"))
        return _local(folder / value, root)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, values))


def _local(file: Path, root: Path | None) -> ImageFile:
    try:
        if root is not None and not file.resolve().is_relative_to(root):
            return ImageFile(reason=say("display.picture.outside"))
        return _checked(file, file)
    except FileNotFoundError:
        return ImageFile(reason=say("catalog.images.missing"))
    except (OSError, ValueError, RuntimeError) as error:  # a name that is none, a ring of links
        return ImageFile(reason=say("catalog.images.unreadable", why=_short(error)))


def fetch_image(address: str, cache: Path) -> ImageFile:
    """Return the image at an address as a file in ``cache``, fetched unless it is there already."""
    address = f"https:{address}" if address.startswith("//") else address
    file = cache / f"{hashlib.sha256(address.encode()).hexdigest()[:32]}.img"
    if file.exists():
        return _checked(file, file)
    try:
        content = _download(address)
    except urllib.error.HTTPError as error:
        return ImageFile(reason=say("catalog.images.refused", code=str(error.code)))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return ImageFile(reason=say("catalog.images.unfetched", why=_short(error)))
    if len(content) > LARGEST:
        return ImageFile(reason=say("catalog.images.too_large", size=LARGEST // 2**20))
    image = _checked(io.BytesIO(content), file)
    if image.file is not None:
        with replacing(file) as draft:
            draft.write_bytes(content)
    return image


def _download(address: str) -> bytes:
    quoted = urllib.parse.quote(address, safe=_SAFE)
    request = urllib.request.Request(quoted, headers={"User-Agent": "admatch"})
    with _opener().open(request, timeout=TIMEOUT) as answer:
        content: bytes = answer.read(LARGEST + 1)
    return content


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener that follows redirects to http and https only, never to a file."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _checked(source: Path | io.BytesIO, file: Path) -> ImageFile:
    """Return ``file`` if ``source`` holds an image that can be decoded to its end."""
    try:
        with open_image(source) as image, decoding(image):
            image.draft("RGB", (32, 32))  # a JPEG decodes to a thumbnail, far faster
            image.load()
    except FileNotFoundError:
        raise
    except LargePictureError as error:
        pixels = error.width * error.height
        return ImageFile(reason=say("display.picture.pixels", n=pixels, most=PIXELS))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return ImageFile(reason=say("catalog.images.unreadable", why=_short(error)))
    return ImageFile(file=file.as_posix())


def _short(error: Exception) -> str:
    """Return an error in words, without what differs for every file."""
    reason = getattr(error, "reason", None)
    if isinstance(error, urllib.error.URLError) and reason is not None:
        return type(reason).__name__ if isinstance(reason, Exception) else str(reason)
    if "cannot identify" in str(error):
        return say("catalog.images.no_picture")
    return why_unreadable(error)
