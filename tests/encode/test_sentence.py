import numpy as np
import pytest
import torch

from admatch.encode import sentence
from admatch.encode.device import device
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


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_other_weights_under_the_name_are_refused(monkeypatch, name):
    monkeypatch.setitem(sentence.DEFAULT_SHA256, name, "0" * 64)
    with pytest.raises(MissingDependencyError, match="--force-reinstall"):
        SentenceEncoder()


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(MissingDependencyError, match="no sentence-transformers model"):
        SentenceEncoder(str(tmp_path)).encode_text(["hose"])


def test_the_network_equals_sentence_transformers(minilm):
    """Texts of all lengths, one longer than the limit; a batch has texts of one length only."""
    exact = SentenceEncoder()
    texts = ["", "hose", "oat drink", "Schläuche für den Garten", "日本茶", "red " * 400]
    texts += [" ".join(["garden hose"] * n) for n in range(1, 60, 7)]
    other = SentenceEncoder(str(minilm._folder))
    assert other.name != minilm.name
    assert (other.dim, other.image_model) == (minilm.dim, None)
    expected = other.encode_text(texts)
    cosine = (expected * exact.encode_text(texts)).sum(1)
    np.testing.assert_allclose(cosine, 1, atol=1e-5)
    cosine = (expected * minilm.encode_text(texts)).sum(1)
    assert cosine.min() > 0.95  # 8 bits where it has not
    assert cosine.mean() > 0.985


def test_a_vector_does_not_depend_on_the_texts_beside_it(minilm):
    texts = [" ".join(["hose"] * (1 + i % 9)) + f" {i}" for i in range(80)]
    alone = np.concatenate([minilm.encode_text([text]) for text in texts[::8]])
    np.testing.assert_allclose(minilm.encode_text(texts)[::8], alone, atol=1e-2)


def test_networks_run_on_a_graphics_card_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device() == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device() == "cpu"
