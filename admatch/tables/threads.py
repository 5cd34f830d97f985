"""Work in threads; polars and numpy let other threads run meanwhile."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import polars as pl

_T = TypeVar("_T")
_FEW_ROWS = 10_000  # threads take longer to start than so few rows to read


def for_each(names: Iterable[str], work: Callable[[str], _T], *, rows: int) -> dict[str, _T]:
    """Return the result of ``work`` for each of ``names``, in their order.

    ``rows`` is how many rows the work for each is about.
    """
    listed = list(names)
    if rows < _FEW_ROWS:
        return {name: work(name) for name in listed}
    with ThreadPoolExecutor(min(len(listed), pl.thread_pool_size()) or 1) as pool:
        return dict(zip(listed, pool.map(work, listed), strict=True))


def at_once(work: Callable[..., _T], calls: Iterable[tuple[Any, ...]]) -> list[_T]:
    """Return the result of ``work`` for the arguments of each of ``calls``, in their order."""
    listed = list(calls)
    if len(listed) < 2:
        return [work(*one) for one in listed]
    with ThreadPoolExecutor(min(len(listed), pl.thread_pool_size())) as pool:
        return list(pool.map(lambda one: work(*one), listed))
