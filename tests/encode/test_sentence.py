import numpy as np
import pytest

from admatch.encode import sentence
from admatch.encode.sentence import SentenceEncoder
from admatch.errors import InputError, MissingDependencyError


@pytest.fixture(scope="module")
def minilm():
    return SentenceEncoder()


def test_vectors_are_unit_and_mean_something(minilm):
    vectors = minilm.encode_text(["garden hose", "water hose for the garden", "gaming laptop"])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[1] > 0.7 > 0.4 > vectors[0] @ vectors[2]


def test_no_texts_give_no_vectors(minilm):
    assert minilm.encode_text([]).shape == (0, 384)


def test_the_same_text_gives_the_same_vector(minilm):
    first, second = (minilm.encode_text(["oat drink", "whole milk"]) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_text_model_says_that_it_reads_no_images(minilm, tmp_path):
    with pytest.raises(InputError, match="reads text only"):
        minilm.encode_images([tmp_path / "photo.jpg"])


def test_other_weights_under_the_name_are_refused(monkeypatch):
    monkeypatch.setattr(sentence, "DEFAULT_SHA256", "0" * 64)
    with pytest.raises(MissingDependencyError, match="--force-reinstall"):
        SentenceEncoder()


def test_a_folder_without_a_model_is_told(tmp_path):
    with pytest.raises(MissingDependencyError, match="no sentence-transformers model"):
        SentenceEncoder(str(tmp_path)).encode_text(["hose"])


def test_any_model_on_disk_can_be_used(minilm, tmp_path):
    minilm._model.save(str(tmp_path))
    other = SentenceEncoder(str(tmp_path))
    assert other.name != minilm.name
    np.testing.assert_allclose(
        other.encode_text(["oat drink"]), minilm.encode_text(["oat drink"]), atol=1e-3
    )
