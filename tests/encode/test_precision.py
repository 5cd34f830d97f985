import torch

from admatch.encode.precision import training_format
from admatch.encode.sentence import SentenceEncoder


def test_what_the_processor_computes_in_is_taken(monkeypatch):
    ask = "_is_mkldnn_bf16_supported"
    for known, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(torch.ops.mkldnn, ask, lambda known=known: known)
        training_format.cache_clear()
        assert training_format() == expected
    training_format.cache_clear()


def test_a_card_that_only_imitates_bfloat16_computes_in_float32(monkeypatch):
    for known, expected in ((True, torch.bfloat16), (False, torch.float32)):
        ask = lambda including_emulation=True, known=known: known or including_emulation  # noqa: E731
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", ask)
        training_format.cache_clear()
        assert training_format("cuda") == expected
    training_format.cache_clear()


def test_vectors_are_float32_whatever_the_processor_has(monkeypatch):
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    training_format.cache_clear()
    try:
        weights = SentenceEncoder()._default._network.layers[0].expand
    finally:
        training_format.cache_clear()
    assert {one.dtype for one in weights} == {torch.float32}
