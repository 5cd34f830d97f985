"""The number formats in which this machine multiplies matrices fastest."""

import platform
from functools import cache

import torch


@cache
def fast_format(device: str = "cpu") -> torch.dtype:
    """Return bfloat16 where the device supports it (twice as fast as float32), else float32.

    A processor that only has AVX2 takes six times as long in bfloat16.
    """
    if device == "cpu":
        native = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    else:
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if native else torch.float32


@cache
def eight_bits(device: str = "cpu") -> bool:
    """Return whether linear layers are faster in 8 bits: on x86 processors without bfloat16."""
    measured = platform.machine() in ("x86_64", "AMD64")  # on no other architecture
    return device == "cpu" and measured and fast_format(device) == torch.float32


def arithmetic(device: str = "cpu") -> str:
    """Return the name of the arithmetic used here; another one gives slightly other vectors."""
    return "int8" if eight_bits(device) else str(fast_format(device))


def scan_format(device: str = "cpu") -> torch.dtype:
    """Return the format in which many products are scored roughly, before a few are exactly.

    On a GPU that is float32: it is fast enough there and gives the results of a CPU. With bfloat16
    one term in a hundred gets another first product.
    """
    return fast_format() if device == "cpu" else torch.float32
