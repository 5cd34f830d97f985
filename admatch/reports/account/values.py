"""The words in an account's cells → the one word that admatch keeps for each."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.reports.rows import Columns
from admatch.tables.header_table import normalise

_VALUES_NAMED = 10  # unknown words of a column that are told one by one


def translate(cells: pl.Series, section: str) -> pl.Series:
    """Return the cells in the words of values.toml, null where they are unknown."""
    known = _words()[section]
    spellings = cells.drop_nulls().unique()
    words = [known.get(_key(cell)) for cell in spellings]
    return cells.replace_strict(spellings, words, default=None, return_dtype=pl.String)


def tell_unknown(path: Path, columns: Columns, name: str, section: str) -> Iterator[Problem]:
    """Yield a problem for each distinct word of the column ``name`` that nothing is known of."""
    if name not in columns.headers:
        return
    cells = columns.cells[name]
    strange = pl.DataFrame({"value": cells, "row": columns.rows}).filter(
        cells.is_not_null() & translate(cells, section).is_null()
    )
    words = strange.group_by("value", maintain_order=True).agg(pl.col("row").first(), n=pl.len())
    for value, row, count in words.head(_VALUES_NAMED).iter_rows():
        what = f"the word is not known here (rows with it: {count})"
        remedy = "it was kept as it stands"
        yield Problem(path, what, remedy, row, columns.headers[name], value)
    if words.height > _VALUES_NAMED:
        what = f"{words.height - _VALUES_NAMED} further words are not known here"
        yield Problem(path, what, "they were kept as they stand", column=columns.headers[name])


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
