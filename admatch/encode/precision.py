"""The number format in which this machine multiplies matrices fastest."""

import platform
from functools import cache

import torch


@cache
def fast_format(device: str = "cpu") -> torch.dtype:
    """Return bfloat16 where the device computes in it, twice as fast as float32.

    Elsewhere float32: a processor that only knows AVX2 takes six times as long in bfloat16.
    """
    if device == "cpu":
        native = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    else:
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if native else torch.float32


@cache
def eight_bits(device: str = "cpu") -> bool:
    """Return whether linear layers are faster in 8 bits: on x86 that does not know bfloat16."""
    known = platform.machine() in ("x86_64", "AMD64")  # elsewhere nobody has measured it
    return device == "cpu" and known and fast_format(device) == torch.float32


def arithmetic(device: str = "cpu") -> str:
    """Return what the formats here make of a network: vectors of another arithmetic are others."""
    return "int8" if eight_bits(device) else str(fast_format(device))


def scan_format(device: str = "cpu") -> torch.dtype:
    """Return the format in which many products are scored roughly, to score a few exactly.

    On a card that is float32: fast enough, and found is what a processor finds. bfloat16 puts
    another product first for one term in a hundred.
    """
    return fast_format() if device == "cpu" else torch.float32
