"""Rows that were skipped or repaired, reported without flooding the reader."""

from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.messages import Message, say

ROWS_NAMED = 5  # of one kind; the rest are counted


def row_problems(
    path: Path, rows: pl.DataFrame, what: Message, remedy: Message, column: str | None = None
) -> list[Problem]:
    """Return a ``Problem`` for each of the first rows, and one that counts the others.

    ``rows`` has the columns ``row`` and ``value`` (text or null).
    """
    problems = [
        Problem(path, what, remedy, row=row, column=column, value=value)
        for row, value in rows.select("row", "value").head(ROWS_NAMED).iter_rows()
    ]
    if rows.height > ROWS_NAMED:
        more = say("catalog.rows.more", n=rows.height - ROWS_NAMED, what=what)
        problems.append(Problem(path, more, remedy, column=column))
    return problems
