"""Where networks run and products are searched: the one place that asks for a graphics card."""

import torch

from admatch.encode.protocol import Vectors

CARD = "cuda"
# Bytes that searching products takes: all their tables less than their vectors do, and a block of
# terms, with the universe of generic products, less than a gigabyte.
HELD, BESIDE = 2, 2**30


def device() -> torch.device:
    """Return the first graphics card where there is one, else the processor."""
    return torch.device(CARD if torch.cuda.is_available() else "cpu")


def device_for(vectors: Vectors) -> torch.device:
    """Return the same for searching products with these vectors: the card only where they fit."""
    place = device()
    fits = place.type == "cpu" or HELD * vectors.nbytes + BESIDE <= _free()
    return place if fits else torch.device("cpu")


def share_card(share: float) -> None:
    """Leave the rest of a card's memory to the processes that it is shared with."""
    if torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(share)


def _free() -> int:
    """Return how many bytes of the card this process may still take; others may share it."""
    free, total = torch.cuda.mem_get_info()
    share = int(total * torch.cuda.get_per_process_memory_fraction())
    return min(free, share - torch.cuda.memory_reserved())
