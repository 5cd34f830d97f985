import numpy as np
from safetensors.numpy import load_file

from admatch.generate.decoder import Correction, Decoder
from tests.conftest import DIM, random_unit


def test_untrained_it_is_additive_quantization_search(codebooks):
    vectors = random_unit(50, seed=1)
    queries = random_unit(6, seed=2)
    codes = codebooks.encode(vectors)
    scores = Decoder.untrained(codebooks)(queries)
    decoded = codebooks.decode_tree(codes.tree)
    added = sum(level[:, codes.tree[:, depth]] for depth, level in enumerate(scores.tree))
    np.testing.assert_allclose(added, queries @ decoded.T, atol=1e-5)
    np.testing.assert_array_equal(scores.query, queries)
    found = sum(scores.detail[:, space, column] for space, column in enumerate(codes.detail.T))
    expected = queries @ codebooks.decode_detail(codes.detail).T
    np.testing.assert_allclose(found, expected, atol=1e-5)


def corrected(codebooks) -> Decoder:
    chance = np.random.default_rng(3)
    weights = chance.normal(scale=0.1, size=(4, 2, 64, DIM)).astype(np.float32)
    return Decoder(codebooks, tuple(Correction(down, up.T) for down, up in weights))


def test_what_is_saved_are_the_corrections_alone(codebooks, tmp_path):
    corrected(codebooks).save(tmp_path / "decoder.safetensors")
    saved = load_file(tmp_path / "decoder.safetensors")
    assert all(name.startswith("corrections.") for name in saved)
    assert saved["corrections.0.down.weight"].shape[1] == DIM
    loaded, queries = Decoder.load(tmp_path / "decoder.safetensors", codebooks), random_unit(3, 1)
    expected = corrected(codebooks)(queries)
    np.testing.assert_allclose(loaded(queries).detail, expected.detail, atol=1e-6)
    assert not np.allclose(expected.query, queries)
