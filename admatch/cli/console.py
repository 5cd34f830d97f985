"""What a person or a program reads: the consoles, the formats, and text made safe to show."""

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

if TYPE_CHECKING:
    import polars as pl

_PIPED_WIDTH = 140  # a file or a pipe has no width of its own


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
        """Leave a closed pipe to the one place that knows what to do."""
        raise BrokenPipeError


def stdout() -> Console:
    """Return the console for results, on stdout."""
    return _screen(stderr=False)


def stderr() -> Console:
    """Return the console for everything that is no result, on stderr."""
    return _screen(stderr=True)


def _screen(*, stderr: bool) -> Console:
    screen = _Screen(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not screen.is_terminal:
        screen.width = _PIPED_WIDTH
    return screen


def one_line(text: str) -> str:
    """Return the text with everything that steers a terminal, line breaks too, made a blank."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def plain(text: str | None, style: str = "") -> Text:
    """Return a cell's text as it is: no markup, no control codes."""
    return Text(one_line(text or ""), style)


def short(text: str | None, style: str = "") -> Text:
    """Return a cell's text as it is, cut with an ellipsis where its column is narrower."""
    cell = plain(text, style)
    cell.no_wrap, cell.overflow = True, "ellipsis"
    return cell


def new_table(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """Return an airy table whose ``numbers`` stand to the right."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in columns:
        right = name in numbers
        table.add_column(name, justify="right" if right else "left", no_wrap=right)
    return table


def print_csv(rows: "pl.DataFrame") -> None:
    """Print rows for a spreadsheet, formulas escaped."""
    from admatch.pipeline.records import spreadsheet_safe

    sys.stdout.write(spreadsheet_safe(rows).write_csv())


def print_json(held: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Print one JSON value."""
    sys.stdout.write(json.dumps(held, ensure_ascii=False, default=str) + "\n")


_PROBLEMS_SHOWN = 10


def show_problems(problems: Sequence[Problem]) -> None:
    """Print the first ten problems, one a line, and how many more there are."""
    screen = stderr()
    for problem in problems[:_PROBLEMS_SHOWN]:
        screen.print(plain(str(problem), "yellow"), soft_wrap=True)
    if len(problems) > _PROBLEMS_SHOWN:
        screen.print(plain(f"and {len(problems) - _PROBLEMS_SHOWN:,} more", "yellow"))
