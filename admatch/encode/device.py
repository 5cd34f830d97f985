"""Where networks run and products are searched: the one module that asks for a GPU."""

import torch

from admatch.arrays import Vectors

GPU = "cuda"
# Memory that searching products takes, as a multiple of their vectors: all other tables together
# are smaller. A block of terms and the universe of generic products take less than a gigabyte.
TABLES, BLOCK_BYTES = 2, 2**30


def device() -> torch.device:
    """Return the first GPU where there is one, else the CPU."""
    return torch.device(GPU if torch.cuda.is_available() else "cpu")


def device_for(vectors: Vectors) -> torch.device:
    """Return where to search products with these vectors: a GPU only where they fit."""
    best = device()
    fits = best.type == "cpu" or TABLES * vectors.nbytes + BLOCK_BYTES <= _free()
    return best if fits else torch.device("cpu")


def share_gpu(share: float) -> None:
    """Limit this process to a share of the GPU's memory, as others use the same GPU."""
    if torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(share)


def _free() -> int:
    """Return how many bytes of the GPU this process may still take; others may share it."""
    free, total = torch.cuda.mem_get_info()
    share = int(total * torch.cuda.get_per_process_memory_fraction())
    return min(free, share - torch.cuda.memory_reserved())
