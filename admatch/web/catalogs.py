"""Products of an uploaded catalog: listed, and their pictures made small."""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from admatch.web.frame_cache import FrameCache

if TYPE_CHECKING:
    from admatch.store.workspace import Row
    from admatch.web.server import Server

_SIDES = (72, 144, 288, 576, 1024)
_WAIT = 20.0  # seconds for one picture
_FIELDS = ("product_id", "title", "brand", "category", "price", "currency")


def find_products(
    frames: FrameCache, folder: Path, catalog_id: str, words: str, page: int, size: int
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many products contain the words, and a page of them."""
    import polars as pl

    file = folder / "read" / "catalog.parquet"
    if not file.exists():
        return 0, []
    products = frames.get(file)
    if words.strip():
        text = pl.concat_str(
            "product_id", "sku", "brand", "title", separator=" ", ignore_nulls=True
        )
        pattern = " ".join(words.lower().split())
        products = products.filter(text.str.to_lowercase().str.contains(pattern, literal=True))
    shown = products[(page - 1) * size : page * size].select(
        *_FIELDS, picture=pl.col("images").list.len() > 0
    )
    rows = shown.to_dicts()
    for row in rows:
        row["picture"] = picture_address(catalog_id, row["product_id"]) if row["picture"] else None
    return products.height, rows


def catalog_name(upload: "Row") -> str:
    """Return the name of the file with products, of an upload that has other files, too."""
    files = (upload["facts"] or {}).get("files") or []
    own = [one["name"] for one in files if "products" in one["kinds"]]
    if not own:
        return str(upload["name"])
    return f"{own[0]} + {len(own) - 1}" if len(own) > 1 else str(own[0])


def picture_address(catalog_id: str, product_id: str) -> str:
    """Return the address of a product's picture."""
    return f"/api/v1/catalogs/{catalog_id}/pictures/{quote(product_id, safe='')}"


def picture_file(server: "Server", folder: Path, product_id: str, side: int) -> Path | None:
    """Return a small JPEG of a product's first picture, made once; None where there is none."""
    side = min((one for one in _SIDES if one >= side), default=_SIDES[-1])
    digest = hashlib.sha256(product_id.encode()).hexdigest()[:24]
    small = folder / "small" / f"{digest}-{side}.jpg"
    if small.exists():
        return small
    picture = _first_picture(server.frames, folder, product_id)
    if picture is None:
        return None
    made = {"picture": str(picture), "small": str(small), "side": side}
    return small if server.picture_pool.ask("small picture", made, _WAIT) else None


def _first_picture(frames: FrameCache, folder: Path, product_id: str) -> Path | None:
    import polars as pl

    file = folder / "read" / "catalog.parquet"
    if not file.exists():
        return None
    own = frames.get(file).filter(pl.col("product_id") == product_id)["images"].to_list()
    if not own or not own[0]:
        return None
    picture = Path(os.path.normpath(folder / own[0][0]))
    return picture if picture.is_relative_to(folder) else None
