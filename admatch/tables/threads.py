"""Work on several things at a time: polars and numpy let other threads run meanwhile."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import polars as pl

_T = TypeVar("_T")


def for_each(names: Iterable[str], work: Callable[[str], _T]) -> dict[str, _T]:
    """Return ``work`` on every one of ``names``, in their order."""
    listed = list(names)
    with ThreadPoolExecutor(min(len(listed), pl.thread_pool_size()) or 1) as pool:
        return dict(zip(listed, pool.map(work, listed), strict=True))


def at_once(work: Callable[..., _T], asked: Iterable[tuple[Any, ...]]) -> list[_T]:
    """Return ``work`` on each of ``asked``, in their order."""
    listed = list(asked)
    if len(listed) < 2:
        return [work(*one) for one in listed]
    with ThreadPoolExecutor(min(len(listed), pl.thread_pool_size())) as pool:
        return list(pool.map(lambda one: work(*one), listed))
