"""Where networks run and products are searched: the one module that asks for a GPU."""

import sys
from pathlib import Path

from admatch.arrays import Vectors
from admatch.operations import CPU

GPU = "cuda"
# Memory that searching products takes, as a multiple of their vectors: all other tables together
# are smaller. A block of terms and the universe of generic products take less than a gigabyte.
TABLES, BLOCK_BYTES = 2, 2**30
# A machine without any of these has no GPU that torch knows, and need not import it to tell.
DRIVERS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd", r"C:\Windows\System32\nvcuda.dll")


def device() -> str:
    """Return the name of the first GPU where there is one, and torch to compute on it; or "cpu"."""
    if "torch" not in sys.modules and not any(Path(driver).exists() for driver in DRIVERS):
        return CPU
    try:
        import torch
    except ImportError:
        return CPU
    return GPU if torch.cuda.is_available() else CPU


def device_for(vectors: Vectors) -> str:
    """Return where to search products with these vectors: a GPU only where they fit."""
    best = device()
    fits = best == CPU or TABLES * vectors.nbytes + BLOCK_BYTES <= _free()
    return best if fits else CPU


def share_gpu(share: float) -> None:
    """Limit this process to a share of the GPU's memory, as others use the same GPU."""
    if device() != CPU:
        import torch

        torch.cuda.set_per_process_memory_fraction(share)


def _free() -> int:
    """Return how many bytes of the GPU this process may still take; others may share it."""
    import torch

    free, total = torch.cuda.mem_get_info()
    share = int(total * torch.cuda.get_per_process_memory_fraction())
    return min(free, share - torch.cuda.memory_reserved())
