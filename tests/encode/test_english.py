"""The English encoder that ships: three layers, in onnxruntime."""

import os
import subprocess
import sys

import numpy as np
import pytest

from admatch.encode.checkpoint import read_checkpoint
from admatch.encode.choice import EncoderChoice
from admatch.encode.english import FOLDER, WEIGHTS, EnglishEncoder, read_weights
from admatch.encode.minilm import MiniLM
from admatch.encode.sentence import SentenceEncoder
from admatch.errors import InputError
from admatch.index.shipped import encoder_of, shipped_pair

TERMS = ["wireless mouse", "garlic press", "avocado socks", "women's rain jacket", "hose", ""]


@pytest.fixture(scope="module")
def encoder():
    return EnglishEncoder()


def test_texts_get_nearly_the_vectors_of_the_whole_network(encoder):
    terms = TERMS[:-1]
    near = (encoder.encode_text(terms) * SentenceEncoder().encode_text(terms)).sum(axis=1)
    assert near.min() > 0.9
    assert near.max() < 0.9999


def test_onnxruntime_computes_what_torch_does(encoder):
    tokens = encoder._pieces.tokens(TERMS)
    expected = MiniLM(read_weights(FOLDER / WEIGHTS)).encode(tokens)
    np.testing.assert_allclose(encoder.encode_text(TERMS), expected, atol=2e-6)


def test_a_vector_has_the_same_bits_whatever_is_encoded_beside_it(encoder):
    texts = [f"{term} {more}" for term in TERMS for more in ("", "red", "for a small garden")]
    together = encoder.encode_text(texts)
    alone = np.concatenate([encoder.encode_text([text]) for text in texts])
    assert np.array_equal(together, alone)


@pytest.mark.parametrize("threads", ["2", "3"])
def test_a_vector_has_the_same_bits_whatever_the_number_of_threads(encoder, threads):
    program = (
        "import sys; from admatch.encode.english import EnglishEncoder; "
        f"sys.stdout.buffer.write(EnglishEncoder().encode_text({TERMS!r} * 30).tobytes())"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"OMP_NUM_THREADS": threads},
        capture_output=True,
        check=True,
    )
    assert found.stdout == encoder.encode_text(TERMS * 30).tobytes()


def test_it_reads_no_pictures(encoder):
    with pytest.raises(InputError):
        encoder.encode_images([])


def test_the_whole_network_is_an_option_away():
    for choice in (EncoderChoice.ENGLISH, EncoderChoice.ENGLISH_FULL):
        names = {encoder_of(choice).name, shipped_pair(choice).encoder.name}
        expected = SentenceEncoder if choice is EncoderChoice.ENGLISH_FULL else EnglishEncoder
        assert names == {expected.name if expected is EnglishEncoder else expected().name}


def test_a_checkpoint_is_read_as_torch_reads_it(tmp_path):
    import torch

    grid = torch.arange(24.0).reshape(2, 3, 4)
    held = {"turned": grid.permute(2, 0, 1), "part": grid[1], "count": torch.tensor(7)}
    torch.save(held, tmp_path / "held.pth", _use_new_zipfile_serialization=False)
    read = read_checkpoint(tmp_path / "held.pth")
    assert {name: one.tolist() for name, one in read.items()} == {
        name: one.tolist() for name, one in held.items()
    }
