"""How long work reports its progress."""

from collections.abc import Callable
from typing import TypeAlias

# Called with a stage's name, how much of it is done, and how much there is to do.
Progress: TypeAlias = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""
