"""Rows that were passed over or repaired, told without flooding the reader."""

from pathlib import Path

import polars as pl

from admatch.errors import Problem

ROWS_NAMED = 5  # of one kind; the rest are told as a count


def tell(
    path: Path, rows: pl.DataFrame, what: str, remedy: str, column: str | None = None
) -> list[Problem]:
    """Return a ``Problem`` for each of the first rows, and one that counts the others.

    ``rows`` has the columns ``row`` and ``value`` (text or null).
    """
    problems = [
        Problem(path, what, remedy, row=row, column=column, value=value)
        for row, value in rows.select("row", "value").head(ROWS_NAMED).iter_rows()
    ]
    if rows.height > ROWS_NAMED:
        more = f"the same in {rows.height - ROWS_NAMED} further rows: {what}"
        problems.append(Problem(path, more, remedy, column=column))
    return problems
