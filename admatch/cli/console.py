"""Output for people and programs: consoles, formats, and text made safe to print."""

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from admatch.errors import Problem
from admatch.messages import say

if TYPE_CHECKING:
    import polars as pl

_PIPED_WIDTH = 140  # a file or a pipe has no width


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


FormatOption = Annotated[
    Format,
    typer.Option(
        "--format", metavar="table|csv|json", help="For a person, a spreadsheet or a program."
    ),
]


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """Raise, so that the command itself handles a closed pipe."""
        raise BrokenPipeError


def stdout() -> Console:
    """Return the console for results, on stdout."""
    return _screen(stderr=False)


def stderr() -> Console:
    """Return the console for everything that is not a result, on stderr."""
    return _screen(stderr=True)


def _screen(*, stderr: bool) -> Console:
    screen = _Screen(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not screen.is_terminal:
        screen.width = _PIPED_WIDTH
    return screen


def one_line(text: str) -> str:
    """Return the text with control characters and line breaks replaced by blanks."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def plain(text: str | None, style: str = "") -> Text:
    """Return a cell's text without markup or control codes."""
    return Text(one_line(text or ""), style)


def short(text: str | None, style: str = "") -> Text:
    """Return a cell's text like ``plain``, cut with an ellipsis if its column is narrower."""
    cell = plain(text, style)
    cell.no_wrap, cell.overflow = True, "ellipsis"
    return cell


def new_table(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """Return a table without borders; the columns in ``numbers`` are aligned to the right."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in columns:
        right = name in numbers
        table.add_column(name, justify="right" if right else "left", no_wrap=right)
    return table


def print_csv(rows: "pl.DataFrame") -> None:
    """Print rows as CSV, with formulas escaped for spreadsheets."""
    from admatch.pipeline.records import spreadsheet_safe

    sys.stdout.write(spreadsheet_safe(rows).write_csv())


def print_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Print one JSON value."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


_PROBLEMS_SHOWN = 10


def show_problems(problems: Sequence[Problem]) -> None:
    """Print the first ten problems, one per line, and the number of further ones."""
    screen = stderr()
    for problem in problems[:_PROBLEMS_SHOWN]:
        screen.print(plain(str(problem), "yellow"), soft_wrap=True)
    if len(problems) > _PROBLEMS_SHOWN:
        screen.print(plain(say("cli.more", n=len(problems) - _PROBLEMS_SHOWN), "yellow"))
