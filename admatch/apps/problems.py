"""What was passed over while reading, told on stderr."""

from collections.abc import Sequence

from admatch.apps.screen import plain, remarks
from admatch.errors import Problem

_SHOWN = 10


def show_problems(problems: Sequence[Problem]) -> None:
    """Print the first ten problems, one a line, and how many more there are."""
    screen = remarks()
    for problem in problems[:_SHOWN]:
        screen.print(plain(str(problem), "yellow"), soft_wrap=True)
    if len(problems) > _SHOWN:
        screen.print(plain(f"and {len(problems) - _SHOWN:,} more", "yellow"))
