"""Products of an uploaded catalog: listed, and their pictures made small."""

import base64
import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from admatch.apps.web.reader import Reader
from admatch.tables.atomic import replacing

_FIND = """
SELECT product_id, title, brand, category, price, currency, len(images) > 0 AS pictured
FROM read_parquet($file)
WHERE contains(lower(concat_ws(' ', product_id, sku, brand, title)), $words)
"""


def find_products(
    reader: Reader, folder: Path, catalog_id: str, words: str, page: int, size: int
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many products hold the words, and a page of them."""
    file = folder / "read" / "catalog.parquet"
    if not file.exists():
        return 0, []
    given = {"file": str(file), "words": words.lower(), "size": size, "skip": (page - 1) * size}
    total = reader.query(f"SELECT count(*) AS n FROM ({_FIND})", given)[0]["n"]
    rows = reader.query(f"{_FIND} LIMIT $size OFFSET $skip", given)
    for row in rows:
        has = row.pop("pictured")
        row["picture"] = picture_address(catalog_id, row["product_id"]) if has else None
    return int(total), rows


def picture_address(catalog_id: str, product_id: str) -> str:
    """Return where a product's picture is to be had."""
    return f"/api/v1/catalogs/{catalog_id}/pictures/{quote(product_id, safe='')}"


def picture_file(reader: Reader, folder: Path, product_id: str, side: int) -> Path | None:
    """Return a small JPEG of a product's first picture, made once; None where there is none."""
    side = min((one for one in (72, 144, 288, 576, 1024) if one >= side), default=1024)
    digest = hashlib.sha256(product_id.encode()).hexdigest()[:24]
    small = folder / "small" / f"{digest}-{side}.jpg"
    if small.exists():
        return small
    picture = _first_picture(reader, folder, product_id)
    if picture is None:
        return None
    content = _jpeg(picture, side)
    if content is None:
        return None
    with replacing(small) as draft:
        draft.write_bytes(content)
    return small


def _first_picture(reader: Reader, folder: Path, product_id: str) -> Path | None:
    file = folder / "read" / "catalog.parquet"
    if not file.exists():
        return None
    rows = reader.query(
        "SELECT images[1] AS image FROM read_parquet($file) WHERE product_id = $product",
        {"file": str(file), "product": product_id},
    )
    if not rows or rows[0]["image"] is None:
        return None
    picture = Path(os.path.normpath(folder / rows[0]["image"]))
    return picture if picture.is_relative_to(folder) else None


def _jpeg(picture: Path, side: int) -> bytes | None:
    from admatch.export.thumbnail import thumbnail

    found = thumbnail(picture, side)
    return base64.b64decode(found.partition(",")[2]) if found else None
