"""Pictures through the whole pipeline, with eyes that know colours by name."""

import numpy as np
import pytest
from PIL import Image

import admatch as am
from admatch.encode.multimodal import MultimodalEncoder
from admatch.encode.picture import open_picture
from admatch.encode.product_pictures import product_pictures
from admatch.errors import InputError
from admatch.ids.semantic_id import Modality
from admatch.index.index import Index
from tests.conftest import WordEncoder

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


class ColourEyes:
    name = "colours"
    seen = 0

    def encode_images(self, images):
        self.seen += len(images)
        pixels = [open_picture(image).getpixel((0, 0)) for image in images]
        names = [max(COLOURS, key=lambda c, p=p: np.dot(COLOURS[c], p)) for p in pixels]
        return WordEncoder().encode_text(names)


@pytest.fixture
def eyes():
    return ColourEyes()


@pytest.fixture
def folder(tmp_path):
    for name, colour in COLOURS.items():
        Image.new("RGB", (4, 4), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    return tmp_path


@pytest.fixture
def catalog(folder):
    pictures = {
        "P1": ["red"],
        "P2": ["broken", "green"],
        "P3": ["broken"],
        "P4": [],
        "P5": ["red"],
    }
    return am.Catalog.from_products(
        [
            am.Product(name, title, images=tuple(str(folder / f"{p}.png") for p in pictures[name]))
            for name, title in zip(
                pictures, ["hose", "jug", "blue cup", "red lamp", "shelf"], strict=True
            )
        ]
    )


@pytest.fixture
def index(catalog, model, eyes):
    return Index.build(catalog, encoder=MultimodalEncoder(WordEncoder(), eyes), model=model)


def ids(found):
    return [match.product_id for match in found]


def test_a_picture_finds_pictures_texts_and_both(index, folder):
    (found,) = index.search([], images=[folder / "green.png"])
    assert ids(found)[0] == "P2"
    assert found[0].semantic_id.startswith("B·")
    assert found[0].probability is None
    (found,) = index.search([""], 1, images=[folder / "red.png"], modalities={Modality.TEXT})
    assert ids(found) == ["P4"]
    (found,) = index.search([""], images=[folder / "red.png"], modalities={Modality.IMAGE})
    assert sorted(ids(found)[:2]) == ["P1", "P5"]
    assert len(found) == 3


def test_words_find_pictures_and_move_a_picture(index, folder):
    (found,) = index.search(["green"], 1, modalities={Modality.IMAGE})
    assert ids(found) == ["P2"]
    (found,) = index.search(["shelf"], 1, images=[folder / "red.png"])
    assert ids(found) == ["P5"]


def test_broken_pictures_are_problems_and_the_products_stay(index, eyes):
    problems = index.problems
    assert [problem.file.name for problem in problems] == ["broken.png", "broken.png"]
    assert "cannot be read" in str(problems[0])
    assert eyes.seen == 2  # of four files, one picture is there twice and one is broken
    assert len(index.search(["hose"])[0]) == 5


def test_what_was_seen_is_saved(index, model, eyes, folder, tmp_path):
    index.save(tmp_path / "index")
    before = eyes.seen
    loaded = Index.load(
        tmp_path / "index", encoder=MultimodalEncoder(WordEncoder(), eyes), model=model
    )
    asked = {"images": [folder / "green.png"]}
    assert loaded.search([""], **asked) == index.search([""], **asked)
    assert eyes.seen == before + 2  # the two queries


def test_other_eyes_look_anew(index, model, tmp_path):
    index.save(tmp_path / "index")
    other = ColourEyes()
    other.name = "other"
    Index.load(tmp_path / "index", encoder=MultimodalEncoder(WordEncoder(), other), model=model)
    assert other.seen == 2


def test_a_picture_is_kept_by_its_content(catalog, eyes, folder):
    encoder = MultimodalEncoder(WordEncoder(), eyes)
    first = product_pictures(catalog.frame, encoder, folder / "kept")
    (folder / "red.png").rename(folder / "renamed.png")
    (folder / "renamed.png").rename(folder / "red.png")
    again = product_pictures(catalog.frame, encoder, folder / "kept")
    assert eyes.seen == 2
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert first.products.tolist() == [0, 1, 4]


def test_queries_and_images_must_be_as_many(index, folder):
    with pytest.raises(InputError, match="2 queries and 1 images"):
        index.search(["a", "b"], images=[folder / "red.png"])


def test_an_encoder_without_eyes_says_so(catalog, model, folder):
    blind = Index.build(catalog, encoder=WordEncoder(), model=model)
    assert blind.problems == ()
    with pytest.raises(InputError, match="reads text only"):
        blind.search([""], images=[folder / "red.png"])
