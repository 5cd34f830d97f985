"""The words in an account's cells → the one word that admatch uses for each."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.rows import Columns
from admatch.tables.header_table import normalise

_VALUES_NAMED = 10  # unknown words of a column that are named one by one


def translate(cells: pl.Series, section: str) -> pl.Series:
    """Return the cells in admatch's words of values.toml, null where they are unknown."""
    known = _words()[section]
    spellings = cells.drop_nulls().unique()
    words = [known.get(_key(cell)) for cell in spellings]
    return cells.replace_strict(spellings, words, default=None, return_dtype=pl.String)


def unknown_words(path: Path, columns: Columns, name: str, section: str) -> Iterator[Problem]:
    """Yield a problem for each distinct word of the column ``name`` that is not known."""
    if name not in columns.headers:
        return
    cells = columns.cells[name]
    strange = pl.DataFrame({"value": cells, "row": columns.rows}).filter(
        cells.is_not_null() & translate(cells, section).is_null()
    )
    words = strange.group_by("value", maintain_order=True).agg(pl.col("row").first(), n=pl.len())
    for value, row, count in words.head(_VALUES_NAMED).iter_rows():
        what, remedy = say("reports.account.unknown_word", n=count), say("reports.account.kept")
        yield Problem(path, what, remedy, row, columns.headers[name], value)
    if words.height > _VALUES_NAMED:
        what = say("reports.account.further_words", n=words.height - _VALUES_NAMED)
        remedy = say("reports.account.all_kept")
        yield Problem(path, what, remedy, column=columns.headers[name])


def _key(cell: str) -> str:
    """Return a cell as words are compared; a lone dash, which ``normalise`` drops, is a word."""
    return normalise(cell) or cell.strip()


@cache
def _words() -> dict[str, dict[str, str]]:
    text = files("admatch.reports.account").joinpath("values.toml").read_text("utf-8")
    return {
        section: {_key(spelling): word for word, known in words.items() for spelling in known}
        for section, words in tomllib.loads(text).items()
    }
