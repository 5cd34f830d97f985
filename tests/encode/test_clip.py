import numpy as np
import pytest
import torch
from PIL import Image

from admatch.encode.clip import ClipEncoder
from admatch.encode.concat import ConcatEncoder
from admatch.encode.torchvision_repair import import_torchvision
from admatch.errors import InputError, MissingDependencyError
from tests.conftest import WordEncoder

import_torchvision()
open_clip = pytest.importorskip("open_clip")

TINY = {
    "embed_dim": 32,
    "vision_cfg": {
        "image_size": 32,
        "layers": 1,
        "width": 64,
        "head_width": 32,
        "patch_size": 16,
    },
    "text_cfg": {
        "context_length": 77,
        "vocab_size": 49408,
        "width": 32,
        "heads": 2,
        "layers": 1,
    },
}


@pytest.fixture(scope="module")
def name(tmp_path_factory):
    """A small model with random weights, registered, and saved to disk."""
    import json

    folder = tmp_path_factory.mktemp("clip")
    (folder / "tiny-clip.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(folder / "tiny-clip.json")
    torch.manual_seed(1)
    model = open_clip.create_model("tiny-clip")
    torch.save(model.state_dict(), folder / "tiny.pt")
    return f"open_clip:tiny-clip/{folder / 'tiny.pt'}"


def test_texts_and_pictures_are_unit_vectors_of_one_space(name):
    encoder = ClipEncoder(name)
    pictures = [Image.new("RGB", (50, 40), colour) for colour in ("red", "blue")]
    for vectors in (encoder.encode_text(["red cup", "jug"]), encoder.encode_images(pictures)):
        assert vectors.shape == (2, 32)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.dim == 32
    assert encoder.encode_images([]).shape == (0, 32)


def test_a_checkpoint_on_disk_is_what_is_computed_with(name):
    path = name.split("/", 1)[1]
    encoder = ClipEncoder(name)
    assert encoder.name == encoder.image_model
    assert encoder.name.startswith(f"{name}@")
    assert ClipEncoder(encoder.name).name == encoder.name
    model = open_clip.create_model("tiny-clip", pretrained=path).eval()
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer("tiny-clip")(["red cup"])
        expected = torch.nn.functional.normalize(model.encode_text(tokens), dim=1)
    np.testing.assert_allclose(encoder.encode_text(["red cup"]), expected.numpy(), atol=1e-5)


def test_a_broken_picture_is_refused(name, tmp_path):
    (tmp_path / "a.jpg").write_text("no")
    with pytest.raises(InputError, match=r"a\.jpg cannot be read: it is not a picture"):
        ClipEncoder(name).encode_images([tmp_path / "a.jpg"])


def test_missing_weights_name_the_command_that_fetches_them(name):
    with pytest.raises(MissingDependencyError, match=r"run: python -c .*absent\.pt") as raised:
        ClipEncoder("open_clip:tiny-clip/absent.pt").encode_text(["cup"])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("given", ["open_clip:ViT-B-32", "open_clip:/x", "clip/x"])
def test_a_name_of_another_form_is_refused_with_an_example(given):
    with pytest.raises(InputError, match="open_clip:MODEL/PRETRAINED"):
        ClipEncoder(given)


def test_an_unknown_model_is_refused():
    with pytest.raises(InputError, match="has no model 'none-such'"):
        ClipEncoder("open_clip:none-such/openai").encode_text(["cup"])


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("admatch.encode.clip.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"admatch\[clip\]"):
        ClipEncoder("open_clip:ViT-B-32/openai")


def test_texts_of_a_text_encoder_stand_beside_clip(name):
    both = ConcatEncoder(WordEncoder(), ClipEncoder(name))
    texts, pictures = both.encode_text(["red cup"]), both.encode_images([Image.new("RGB", (9, 9))])
    assert texts.shape == pictures.shape == (1, both.dim)
    for vectors in (texts, pictures):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    halves = ClipEncoder(name).encode_text(["red cup"])
    likeness = (halves @ ClipEncoder(name).encode_images([Image.new("RGB", (9, 9))]).T).item()
    assert (texts @ pictures.T).item() == pytest.approx(likeness / 2**0.5, abs=1e-5)
