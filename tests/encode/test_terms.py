"""The smaller network that reads search terms."""

import numpy as np
import pytest
import torch

from admatch.encode.cached_encoder import CachedEncoder
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.choice import EncoderChoice
from admatch.encode.multimodal import MultimodalEncoder
from admatch.encode.protocol import for_terms
from admatch.encode.sentence import SentenceEncoder
from admatch.encode.terms import read_weights, write_weights
from admatch.errors import InputError
from admatch.index.shipped import encoder_of, shipped_pair
from admatch.progress import silent
from tests.conftest import WordEncoder

TERMS = ["wireless mouse", "garlic press", "avocado socks", "women's rain jacket", "hose"]


@pytest.fixture(scope="module")
def encoder():
    return SentenceEncoder()


def test_terms_get_nearly_the_vectors_of_the_whole_network(encoder):
    near = (encoder.encode_text(TERMS) * encoder.terms.encode_text(TERMS)).sum(axis=1)
    assert near.min() > 0.9
    assert near.max() < 0.9999


def test_a_vector_does_not_depend_on_what_is_encoded_beside_it(encoder):
    together = encoder.terms.encode_text(TERMS)
    alone = np.concatenate([encoder.terms.encode_text([term]) for term in TERMS])
    assert np.abs(together - alone).max() < 1e-6


def test_it_reads_no_pictures(encoder):
    with pytest.raises(InputError):
        encoder.terms.encode_images([])


def test_an_encoder_without_a_smaller_network_reads_terms_itself():
    plain = WordEncoder()
    assert for_terms(plain) is plain
    assert for_terms(MultimodalEncoder(plain, plain)) is plain


@pytest.mark.parametrize("choice", [EncoderChoice.ENGLISH, EncoderChoice.ENGLISH_FULL])
def test_the_whole_network_is_an_option_away(choice):
    for encoder in (encoder_of(choice), shipped_pair(choice).encoder):
        smaller = for_terms(encoder).name != encoder.name
        assert smaller == (choice is EncoderChoice.ENGLISH)


def test_a_cache_keeps_both_readings_of_a_text(encoder, tmp_path):
    cached = CachedEncoder(encoder, tmp_path)
    whole, terms = cached.encode_text(["hose"]), cached.terms.encode_text(["hose"])
    assert not np.array_equal(whole, terms)
    assert cached.encoded == 2
    again = CachedEncoder(encoder, tmp_path)
    assert np.array_equal(again.encode_text(["hose"]), whole)
    assert np.array_equal(again.terms.encode_text(["hose"]), terms)
    assert again.encoded == 0


def test_training_reads_queries_as_matching_does(encoder, tmp_path):
    texts = CachedTexts(encoder, tmp_path, silent)
    assert np.array_equal(texts.queries(["hose"]), encoder.terms.encode_text(["hose"]))


def test_weights_in_8_bits_are_as_close_as_their_scale(tmp_path):
    rng = torch.Generator().manual_seed(7)
    weights = {"matrix": torch.randn(5, 64, generator=rng), "bias": torch.randn(5, generator=rng)}
    weights["empty"] = torch.zeros(2, 3)
    write_weights(weights, tmp_path / "w.safetensors")
    read = read_weights(tmp_path / "w.safetensors")
    assert set(read) == set(weights)
    assert torch.equal(read["bias"], weights["bias"])
    step = weights["matrix"].abs().amax(dim=1, keepdim=True) / 127
    assert ((read["matrix"] - weights["matrix"]).abs() <= step / 2 + 1e-6).all()
