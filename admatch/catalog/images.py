"""Image cells → readable local files: paths beside the catalog, addresses through a cache."""

import hashlib
import http.client
import io
import re
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from PIL import Image

from admatch.catalog.row_problems import tell
from admatch.errors import Problem
from admatch.tables.atomic import replacing

TIMEOUT = 20.0  # seconds for one answer
LARGEST = 20 * 2**20  # bytes of one image
_AT_ONCE = 8  # images read or fetched at a time
_ADDRESS = re.compile(r"^(?:https?:)?//", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:(?://|[^\\/])")
_REMEDY = "give a path beside the catalog, or an address, of a JPEG, PNG or WebP picture"
_SAFE = ":/?#[]@!$&'()*+,;=%~"


@dataclass(frozen=True, slots=True)
class Found:
    """A readable file, or why there is none; neither for an address nobody asked to fetch."""

    file: str | None = None
    reason: str | None = None


def find_images(
    path: Path, rows: pl.DataFrame, cache: Path | None
) -> tuple[pl.Series, list[Problem]]:
    """Return each product's ``images`` that can be read, and a problem for each that cannot.

    ``rows`` has ``row`` and ``images`` (a list of paths, relative to the catalog's folder, and
    addresses). With a ``cache`` folder the first address of a product is fetched into it;
    without one nothing is fetched and addresses are left out.
    """
    single = rows.with_row_index("at").explode("images").drop_nulls("images")
    single = single.rename({"images": "value"}).with_columns(
        address=pl.col("value").str.contains(r"(?i)^(?:https?:)?//")
    )
    wanted = single.filter(~pl.col("address") | pl.struct("at", "address").is_first_distinct())
    values = wanted["value"].unique(maintain_order=True).to_list()
    found = _find(path.parent, values, cache)
    known = pl.DataFrame(
        {
            "value": values,
            "file": [one.file for one in found],
            "reason": [one.reason for one in found],
        },
        schema=dict.fromkeys(("value", "file", "reason"), pl.String),
    )
    read = wanted.join(known, on="value", how="left", maintain_order="left")
    problems = [
        problem
        for (reason,), group in read.drop_nulls("reason").group_by("reason", maintain_order=True)
        for problem in tell(
            path, group, f"{reason}; the product was read without it", _REMEDY, column="images"
        )
    ]
    files = read.drop_nulls("file").group_by("at", maintain_order=True).agg(images="file")
    places = (
        rows.select("row")
        .with_row_index("at")
        .join(files, on="at", how="left", maintain_order="left")
    )
    empty = pl.Series([[]], dtype=pl.List(pl.String))
    return places["images"].cast(pl.List(pl.String)).fill_null(empty), problems


def _find(folder: Path, values: list[str], cache: Path | None) -> list[Found]:
    def one(value: str) -> Found:
        if _ADDRESS.match(value):
            return Found() if cache is None else fetch_image(value, cache)
        if _OTHER_SCHEME.match(value):
            return Found(reason="only http and https addresses are fetched")
        return _local(folder / value)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, values))


def _local(file: Path) -> Found:
    try:
        return _checked(file, file)
    except FileNotFoundError:
        return Found(reason="there is no such image file")


def fetch_image(address: str, cache: Path) -> Found:
    """Return the image at an address as a file in ``cache``, fetched unless it lies there."""
    address = f"https:{address}" if address.startswith("//") else address
    file = cache / f"{hashlib.sha256(address.encode()).hexdigest()[:32]}.img"
    if file.exists():
        return _checked(file, file)
    try:
        content = _download(address)
    except urllib.error.HTTPError as error:
        return Found(reason=f"the address answers {error.code}")
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Found(reason=f"the address cannot be fetched ({_short(error)})")
    if len(content) > LARGEST:
        return Found(reason=f"the image is larger than {LARGEST // 2**20} MiB")
    found = _checked(io.BytesIO(content), file)
    if found.file is not None:
        with replacing(file) as draft:
            draft.write_bytes(content)
    return found


def _download(address: str) -> bytes:
    quoted = urllib.parse.quote(address, safe=_SAFE)
    request = urllib.request.Request(quoted, headers={"User-Agent": "admatch"})
    with _opener().open(request, timeout=TIMEOUT) as answer:
        content: bytes = answer.read(LARGEST + 1)
    return content


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener that follows redirections to http and https only, never to a file."""
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


def _checked(source: Path | io.BytesIO, file: Path) -> Found:
    """Return ``file`` if ``source`` holds an image that decodes to its end."""
    try:
        with Image.open(source) as image:
            image.draft("RGB", (32, 32))  # a JPEG decodes to a thumbnail, far faster
            image.load()
    except FileNotFoundError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return Found(reason=f"the image cannot be read ({_short(error)})")
    return Found(file=file.as_posix())


def _short(error: Exception) -> str:
    """Return an error's kind in words: its text may hold a path and differ for every file."""
    reason = getattr(error, "reason", None)
    if isinstance(error, urllib.error.URLError) and reason is not None:
        return type(reason).__name__ if isinstance(reason, Exception) else str(reason)
    text = str(error)
    return "not a picture" if "cannot identify" in text else text[:80] or type(error).__name__
