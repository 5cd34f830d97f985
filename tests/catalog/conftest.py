from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from admatch.catalog.reader import read_catalog
from admatch.catalog.records import Catalog


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Catalog]:
    """Reads a catalog from the text it is given."""

    def read_text(text: str, name: str = "catalog.csv", **arguments: object) -> Catalog:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return read_catalog(path, **arguments)

    return read_text


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "red.jpg"
    Image.new("RGB", (40, 30), "red").save(path)
    return path
