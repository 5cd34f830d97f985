"""Columns whose cells repeat: each distinct one is worked on once."""

from collections.abc import Callable

import polars as pl


def places_of(cells: pl.Series, distinct: pl.Series) -> pl.Series:
    """Return where in ``distinct`` each cell is, null where it is not there."""
    places = pl.int_range(len(distinct), dtype=pl.UInt32, eager=True)
    return cells.replace_strict(distinct, places, default=None, return_dtype=pl.UInt32)


def map_distinct(cells: pl.Series, work: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Return ``work(cells)``, done on the distinct cells; null cells stay null."""
    distinct = cells.drop_nulls().unique()
    if len(distinct) == 1 and not cells.null_count():
        return work(distinct).new_from_index(0, len(cells))
    return work(distinct).gather(places_of(cells, distinct))
