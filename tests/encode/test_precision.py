import torch

from admatch.encode.precision import fast_format, scan_format


def test_what_the_processor_computes_in_is_taken(monkeypatch):
    ask = "_is_mkldnn_bf16_supported"
    for known, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(torch.ops.mkldnn, ask, lambda known=known: known)
        fast_format.cache_clear()
        assert fast_format() == expected
    fast_format.cache_clear()


def test_a_card_that_only_imitates_bfloat16_computes_in_float32(monkeypatch):
    for known, expected in ((True, torch.bfloat16), (False, torch.float32)):
        ask = lambda including_emulation=True, known=known: known or including_emulation  # noqa: E731
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", ask)
        fast_format.cache_clear()
        assert fast_format("cuda") == expected
        assert scan_format("cuda") == torch.float32
    fast_format.cache_clear()
