"""The same bits whatever the number of threads: where sums of products are made in one thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

# Up to so many rows or columns, MKL cuts a product in as many pieces as there are threads, and adds
# in another order within a small piece: with 16 threads up to 27 rows, or up to 40 columns.
NARROW = 64


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
    """Within it numpy multiplies matrices in one thread: two or more would add in another order."""
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()  # 10 ms, as it asks for all libraries that are loaded
