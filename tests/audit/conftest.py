"""A small shop with pictures, seen by an image model that knows three colours by name."""

import numpy as np
import pytest
from PIL import Image

import admatch as am
from admatch.audit.material import Material
from admatch.encode.multimodal import MultimodalEncoder
from admatch.encode.picture import open_picture
from admatch.index.index import Index
from tests.conftest import WordEncoder

COLOURS = {"red": (220, 20, 30), "green": (30, 140, 50), "blue": (30, 60, 170)}


class ColourModel:
    name = "colours"

    def encode_images(self, images):
        points = [np.asarray(open_picture(image))[1, 1].astype(int) for image in images]
        names = [
            min(COLOURS, key=lambda name, p=p: np.abs(np.array(COLOURS[name]) - p).sum())
            for p in points
        ]
        return WordEncoder().encode_text(names)


@pytest.fixture
def paint(tmp_path):
    """Return a maker of picture files in one colour."""

    def make(name: str, colour: str, size: int = 8) -> str:
        path = tmp_path / f"{name}.png"
        Image.new("RGB", (size, size), COLOURS[colour]).save(path)
        return str(path)

    return make


@pytest.fixture
def build(model):
    """Return a maker of an index of products."""

    def make(*products: am.Product, blind: bool = False) -> Index:
        encoder = WordEncoder() if blind else MultimodalEncoder(WordEncoder(), ColourModel())
        catalog = am.Catalog.from_products(list(products))
        return Index.build(catalog, encoder=encoder, model=model)

    return make


@pytest.fixture
def gather():
    """Return a maker of an index's material."""
    return lambda index: Material.gathered(index.parts, None, lambda stage, done, total: None)


@pytest.fixture
def shop(build, paint, tmp_path):
    """Return an index of 30 products: P1's picture is another's, P2's is broken, P3 has none."""
    colours = [list(COLOURS)[number % 3] for number in range(30)]
    products = []
    for number, colour in enumerate(colours):
        shown = "blue" if number == 0 else colour
        products.append(
            am.Product(
                f"P{number}",
                f"{colour} hose number{number}",
                brand="Acme" if number < 15 else None,
                description=f"A {colour} hose for the garden, 15 m, made of rubber",
                bullets=(f"{colour} hose", f"hose number{number} of rubber"),
                images=(paint(f"p{number}", shown),),
            )
        )
    (tmp_path / "broken.png").write_bytes(b"no picture")
    products[2] = am.Product("P2", "blue hose number2", images=(str(tmp_path / "broken.png"),))
    products[3] = am.Product("P3", "red hose number3")
    return build(*products)
