"""Columns whose cells repeat: each distinct cell is worked on once."""

from collections.abc import Callable

import polars as pl


def indices_in(distinct: pl.Series, cells: pl.Series) -> pl.Series:
    """Return the index in ``distinct`` of each cell, null where it is not there."""
    indices = pl.int_range(len(distinct), dtype=pl.UInt32, eager=True)
    return cells.replace_strict(distinct, indices, default=None, return_dtype=pl.UInt32)


def map_distinct(cells: pl.Series, work: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Return ``work(cells)``, done on the distinct cells; null cells stay null."""
    distinct = cells.drop_nulls().unique()
    if len(distinct) == 1 and not cells.null_count():
        return work(distinct).new_from_index(0, len(cells))
    return work(distinct).gather(indices_in(distinct, cells))
