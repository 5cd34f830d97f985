import json

import numpy as np
import polars as pl
import pytest
from PIL import Image

from admatch.catalog.records import Catalog, Product
from admatch.encode.cached_texts import CachedTexts
from admatch.errors import InputError
from admatch.index.index import Index
from admatch.match.universal import UniversalModel
from admatch.training.train import Material, train
from tests.conftest import WordEncoder

THINGS = ("hose", "pump", "lamp", "chair", "mug", "drill")
LOOKS = ("red", "blue", "steel", "garden", "small", "folding", "warm", "old", "round", "light")


class Counting(WordEncoder):
    def __init__(self):
        self.texts = 0

    def encode_text(self, texts):
        self.texts += len(texts)
        return super().encode_text(texts)


def shop(looks=LOOKS):
    titles = [
        f"{look} {other} {thing}" for thing in THINGS for look in looks for other in looks[:2]
    ]
    return Catalog.from_products([Product(f"P{i}", title) for i, title in enumerate(titles)])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")
    pairs = folder / "pairs.csv"
    pl.DataFrame({"query": ["hose", "mug"], "product_id": ["P0", "P81"]}).write_csv(pairs)
    material = Material({"shop": shop()}, ["bread", "car tyre"], pairs, "Made for a test.")
    model = train(material, WordEncoder(), folder / "model", seeds=(1, 2), cache=folder / "cache")
    return material, model, folder


def test_the_best_seed_is_chosen_and_recorded(trained):
    _, model, folder = trained
    figures = model.about["seeds"]
    assert [one["seed"] for one in figures] == [1, 2]
    best = max(figures, key=lambda one: max(one["trained"], one["untrained"]))
    assert model.about["seed"] == best["seed"]
    assert model.about["products"] == {"shop": 120}
    assert model.about["pairs"] == 2
    card = (folder / "model" / "MODEL_CARD.md").read_text()
    assert "120 products of shop" in card
    assert "Made for a test." in card


def test_what_was_trained_can_be_loaded_and_used(trained):
    _, model, folder = trained
    loaded = UniversalModel.load(folder / "model")
    assert loaded.codebooks.hash == model.codebooks.hash
    index = Index.build(shop(), encoder=WordEncoder(), model=loaded)
    assert index.search(["red blue hose"])[0][0].title.endswith("hose")


def test_a_second_run_encodes_nothing_and_gives_the_same(trained, tmp_path):
    material, model, folder = trained
    encoder = Counting()
    again = train(material, encoder, tmp_path / "m", seeds=(1, 2), cache=folder / "cache")
    assert encoder.texts == 0
    assert again.relevance == model.relevance
    assert again.about == model.about
    one, two = ((path / "manifest.json").read_text() for path in (tmp_path / "m", folder / "model"))
    assert json.loads(one) == json.loads(two)


def test_too_few_products_are_refused(tmp_path):
    material = Material({"shop": shop(LOOKS[:2])}, ())
    with pytest.raises(InputError, match="24 products; a model needs at least 60"):
        train(material, WordEncoder(), tmp_path / "model", cache=tmp_path / "cache")


def test_vectors_are_read_where_an_earlier_run_cached_them(tmp_path):
    encoder = Counting()
    steps = []
    for _ in range(2):
        cache = CachedTexts(encoder, tmp_path, lambda *step: steps.append(step))
        vectors = cache.encode(["red hose", "mug", "red hose"], "encoding")
    assert encoder.texts == 2
    np.testing.assert_allclose(vectors[[0, 1]], encoder.encode_text(["red hose", "mug"]), atol=2e-3)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    assert steps == [("encoding", 2, 2)]


def test_fine_tuning_is_kept_only_where_it_helps(trained, tmp_path):
    _, model, _ = trained
    index = Index.build(shop(), encoder=WordEncoder(), model=model)
    tuned, found = index.fine_tuned(seed=3)
    assert (found.decoder is None) == (found.after <= found.before)
    assert (tuned is index) == (found.decoder is None)
    tuned.save(tmp_path / "index")
    loaded = Index.load(tmp_path / "index", encoder=WordEncoder())
    assert loaded.search(["red hose"]) == tuned.search(["red hose"])
    if found.decoder:
        for one, other in zip(
            loaded.parts.tuned.corrections, found.decoder.corrections, strict=True
        ):
            np.testing.assert_array_equal(one.up, other.up)


def test_an_image_model_is_fitted_to_the_catalogs_own_pictures(tmp_path, monkeypatch):
    monkeypatch.setattr("admatch.training.image_model.LEAST", 40)
    colours = ["red", "green", "blue", "yellow", "black", "white"]
    products = []
    for number in range(60):
        colour = colours[number % 6]
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (40 + number, 40), colour).save(path)
        products.append(Product(f"P{number}", f"{colour} hose", images=(str(path),)))
    material = Material({"shop": Catalog.from_products(products)}, ["bread", "car tyre"])
    model = train(material, WordEncoder(), tmp_path / "model", seeds=(1,), cache=tmp_path / "c")
    figures = model.about["pictures"]
    assert figures["kept"]
    assert figures["after"] > 2 * (1 / 12)  # twelve held-out pictures, two of each of six texts
    assert model.image_model == tmp_path / "model" / "image_model"
    assert "`image_model/` holds it" in (tmp_path / "model" / "MODEL_CARD.md").read_text()
    (again := tmp_path / "again").mkdir()
    model.save(again)
    assert UniversalModel.load(again).image_model == again / "image_model"
