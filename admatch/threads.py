"""How many threads compute, and the same bits whatever their number: sums made in one thread."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

# Up to so many rows or columns, MKL cuts a product in as many pieces as there are threads, and adds
# in another order within a small piece: with 16 threads up to 27 rows, or up to 40 columns.
NARROW = 64
VARIABLE = "OMP_NUM_THREADS"  # which torch, LightGBM and the workers of Ray read as well


def threads() -> int:
    """Return how many threads a network may use: ``OMP_NUM_THREADS``, else all cores."""
    known = os.environ.get(VARIABLE, "")
    return int(known) if known.isdecimal() and int(known) else os.cpu_count() or 1


def set_threads(count: int) -> None:
    """Let networks of this process use so many threads."""
    os.environ[VARIABLE] = str(count)
    if "torch" in sys.modules:  # it has read the variable
        import torch

        torch.set_num_threads(count)


@contextmanager
def steady(*sizes: int) -> Iterator[None]:
    """Within it torch uses one thread, if matrices of these ``sizes`` are narrow.

    It takes two microseconds. Wide ones keep all threads, whose number does not change a bit.
    """
    import torch

    threads = torch.get_num_threads()
    if threads == 1 or min(sizes) > NARROW:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def steady_numpy() -> Iterator[None]:
    """Within it numpy multiplies matrices in one thread: two or more would add in another order.

    For searches that costs no time: other cores are slow to be woken for products so small.
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()  # 10 ms, as it asks for all libraries that are loaded
