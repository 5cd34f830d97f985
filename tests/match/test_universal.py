import json
from dataclasses import replace

import numpy as np
import pytest

from admatch.errors import InputError
from admatch.match.universal import FORMAT, SHIPPED, UniversalModel
from tests.conftest import random_unit


def test_what_is_saved_is_loaded(model, tmp_path):
    model.save(tmp_path)
    loaded = UniversalModel.load(tmp_path)
    assert loaded.codebooks.hash == model.codebooks.hash
    assert loaded.relevance == model.relevance
    assert loaded.encoder == "words"
    queries = random_unit(4, seed=1)
    expected, paths = model.decode_freely(model.decoder(queries))
    found, found_paths = loaded.decode_freely(loaded.decoder(queries))
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(found_paths, paths)


def test_nothing_of_it_is_pickled(model, tmp_path):
    model.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}


def test_damage_is_refused(model, tmp_path):
    model.save(tmp_path)
    path = tmp_path / "codebooks.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(InputError, match="missing or damaged"):
        UniversalModel.load(tmp_path)


def test_another_format_is_refused(model, tmp_path):
    model.save(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(InputError, match="format 99"):
        UniversalModel.load(tmp_path)


def test_a_model_of_the_former_format_is_read(model, tmp_path):
    former = "belonging", {"own": "own", "related": "akin"}
    (tmp_path / "image_model").mkdir()
    (tmp_path / "image_model" / "projection.safetensors").write_bytes(b"weights")
    replace(model, image_model=tmp_path / "image_model").save(tmp_path)
    (tmp_path / "image_model").rename(tmp_path / "eyes")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    parts = manifest.pop("relevance")
    manifest |= {"format": 2, former[0]: {former[1][name]: part for name, part in parts.items()}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    loaded = UniversalModel.load(tmp_path)
    assert loaded.relevance == model.relevance
    assert loaded.image_model == tmp_path / "eyes"
    (again := tmp_path / "again").mkdir()
    loaded.save(again)
    assert json.loads((again / "manifest.json").read_text())["format"] == FORMAT
    assert UniversalModel.load(again).relevance == model.relevance
    assert UniversalModel.load(again).image_model == again / "image_model"


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not hold an admatch model"):
        UniversalModel.load(tmp_path)


def test_the_shipped_model_is_whole_and_within_its_size():
    model = UniversalModel.shipped()
    assert [len(level) for level in model.codebooks.levels] == [32, 256, 256]
    assert len(model.universe) > 100_000
    assert model.about["products"]
    folder = SHIPPED
    assert folder == "universal-1"


def test_freely_decoded_ids_are_of_the_universe(model):
    queries = random_unit(9, seed=2)
    _, paths = model.decode_freely(model.decoder(queries))
    ids = {tuple(row) for row in model.universe.ids.tolist()}
    assert {tuple(path) for path in paths.tolist()} <= ids
    assert paths.shape == (9, 1 + len(model.codebooks.levels))
    assert np.all(paths[:, 0] == 0)
