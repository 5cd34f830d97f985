"""The number format in which networks are trained."""

from functools import cache

import torch


@cache
def training_format(device: str = "cpu") -> torch.dtype:
    """Return bfloat16 where the device supports it (twice as fast as float32), else float32.

    Only training uses it. What decides is computed in float32, the one format whose vectors agree
    across processors: bfloat16 and 8 bits are faster, but change one decision in thirty
    (``python -m tests.benchmarks.stability``).
    """
    if device == "cpu":
        native = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    else:
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if native else torch.float32
