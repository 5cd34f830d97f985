"""Products of an uploaded catalog: listed, and their pictures made small."""

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb

from admatch.tables.atomic import replacing

_FIND = """
SELECT product_id, title, brand, category, price, currency, len(images) > 0 AS pictured
FROM read_parquet(?) WHERE contains(lower(concat_ws(' ', product_id, sku, brand, title)), ?)
"""


def find_products(
    folder: Path, catalog_id: str, words: str, page: int, size: int
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many products hold the words, and a page of them."""
    file = folder / "read" / "catalog.parquet"
    if not file.exists():
        return 0, []
    values = [str(file), words.lower()]
    with duckdb.connect() as connection:
        counted = connection.execute(f"SELECT count(*) FROM ({_FIND})", values).fetchone()
        rows = connection.execute(
            f"{_FIND} LIMIT ? OFFSET ?", [*values, size, (page - 1) * size]
        ).fetchall()
    names = ("product_id", "title", "brand", "category", "price", "currency")
    items = [
        dict(zip(names, row, strict=False))
        | {"picture": picture_address(catalog_id, row[0]) if row[-1] else None}
        for row in rows
    ]
    return int(counted[0]) if counted else 0, items


def picture_address(catalog_id: str, product_id: str) -> str:
    """Return where a product's picture is to be had."""
    return f"/api/v1/catalogs/{catalog_id}/pictures/{quote(product_id, safe='')}"


def pictured(folder: Path) -> set[str]:
    """Return the ids of the products that have a picture."""
    file = folder / "read" / "catalog.parquet"
    if not file.exists():
        return set()
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT product_id FROM read_parquet(?) WHERE len(images) > 0", [str(file)]
        ).fetchall()
    return {row[0] for row in rows}


def picture_file(folder: Path, product_id: str, side: int) -> Path | None:
    """Return a small JPEG of a product's first picture, made once; None where there is none."""
    side = min((one for one in (72, 144, 288, 576, 1024) if one >= side), default=1024)
    digest = hashlib.sha256(product_id.encode()).hexdigest()[:24]
    small = folder / "small" / f"{digest}-{side}.jpg"
    if small.exists():
        return small
    picture = _first_picture(folder, product_id)
    if picture is None:
        return None
    content = _jpeg(picture, side)
    if content is None:
        return None
    with replacing(small) as draft:
        draft.write_bytes(content)
    return small


def _first_picture(folder: Path, product_id: str) -> Path | None:
    file = folder / "read" / "catalog.parquet"
    if not file.exists():
        return None
    with duckdb.connect() as connection:
        row = connection.execute(
            "SELECT images[1] FROM read_parquet(?) WHERE product_id = ?", [str(file), product_id]
        ).fetchone()
    if row is None or row[0] is None:
        return None
    picture = Path(os.path.normpath(folder / row[0]))
    return picture if picture.is_relative_to(folder) else None


def _jpeg(picture: Path, side: int) -> bytes | None:
    import base64

    from admatch.export.thumbnail import thumbnail

    found = thumbnail(picture, side)
    return base64.b64decode(found.partition(",")[2]) if found else None
