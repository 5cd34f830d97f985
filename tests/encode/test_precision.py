import torch

from admatch.encode.precision import fast_format


def test_what_the_processor_computes_in_is_taken(monkeypatch):
    ask = "_is_mkldnn_bf16_supported"
    for known, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(torch.ops.mkldnn, ask, lambda known=known: known)
        fast_format.cache_clear()
        assert fast_format() == expected
    fast_format.cache_clear()
