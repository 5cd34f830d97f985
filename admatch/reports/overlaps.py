"""Rows of one table that count the same clicks: downloads pasted below each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

_KEY = (
    "currency",
    "marketplace",
    "portfolio",
    "campaign",
    "campaign_id",
    "ad_group",
    "ad_group_id",
    "targeting",
    "target_id",
    "match_type",
    "search_term",
)
# what a report tells rows apart by
_TELLING = (("campaign", "campaign_id"), ("ad_group", "ad_group_id"), ("targeting", "target_id"))
_PERIOD = ("start_date", "end_date")
FIGURES = ("impressions", "clicks", "spend", "sales", "orders", "units")
_CENT = 0.005
_FEW_ROWS = 3  # equal rows that are no chance
_MOST_COPIES = 3  # of a table that people paste again


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Which rows of a table count clicks that other rows count too, by their numbers.

    ``pasted`` are equal to an earlier row, ``within`` lie within the period of another row.
    ``doubtful`` is a pair of rows of one target and term that overlap in part, if there is one.
    """

    pasted: pl.Series
    within: pl.Series
    doubtful: tuple[int, int] | None = None

    @property
    def rows(self) -> pl.Series:
        """All rows that are counted twice."""
        return pl.concat([self.pasted, self.within])


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """What shows that rows of a table are counted twice, without their cells.

    ``rows`` has ``row``, the period, and hashes of what the row is about (``key``) and of all of
    it (``content``); ``filled`` are the columns that some row fills.
    """

    rows: pl.DataFrame
    filled: frozenset[str]

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "Traces":
        """Return the traces of rows with columns of ``REPORT_SCHEMA``."""
        rows = frame.select("row", *_PERIOD).with_columns(
            frame.select(_KEY).hash_rows().alias("key"),
            frame.select(pl.exclude("file", "row")).hash_rows().alias("content"),
        )
        return cls(rows, frozenset(n for n in _KEY if frame[n].null_count() < len(frame)))

    @classmethod
    def joined(cls, parts: Sequence["Traces"]) -> "Traces":
        """Return the traces of all rows of a table, in the order of its lines."""
        rows = pl.concat([one.rows for one in parts]).sort("row")
        return cls(rows, frozenset().union(*(one.filled for one in parts)))

    @property
    def repeats(self) -> int:
        """How many rows equal another one; 10 million hashes collide in 3 of a million files."""
        ordered = np.sort(self.rows["content"].to_numpy())
        same = ordered[1:] == ordered[:-1]
        return int(np.count_nonzero(np.append(same, False) | np.insert(same, 0, False)))

    @property
    def is_complete(self) -> bool:
        """Whether the rows say all that a report tells rows apart by."""
        return all(self.filled & {*names} for names in _TELLING)

    def count_twice(self) -> bool:
        """Return whether ``find_overlaps`` may find rows that count the clicks of others."""
        if self.rows["key"].n_unique() == len(self.rows):
            return False
        return bool((self.repeats and len(_pasted(self))) or self._periods_meet())

    def _periods_meet(self) -> bool:
        dated = self.rows.drop_nulls(_PERIOD).filter(pl.col("start_date") <= pl.col("end_date"))
        meet = pl.col("start_date") <= pl.col("end_date").cum_max().shift(1)
        periods = dated.select(_PERIOD).unique().sort(_PERIOD)
        if not periods.select(meet.any()).item():  # days, weeks, months: nearly every file
            return False
        of_keys = dated.select("key", *_PERIOD).unique().sort("key", *_PERIOD)
        return bool(of_keys.select(meet.over("key").any()).item())


def find_overlaps(frame: pl.DataFrame, *, are_equal: bool) -> Overlaps:
    """Return the rows of ``frame`` (columns of ``REPORT_SCHEMA``) that are counted twice.

    ``are_equal`` says whether some rows are equal to others in every cell.
    """
    traces = Traces.of(frame)
    if traces.rows["key"].n_unique() == len(frame):
        nothing = frame["row"].clear()
        return Overlaps(nothing, nothing)
    pasted = _pasted(traces) if are_equal else frame["row"].clear()
    rest = frame.filter(~frame["row"].is_in(pasted.implode())) if len(pasted) else frame
    within, doubtful = _within(rest, is_complete=traces.is_complete)
    if len(within) and not len(pasted):  # rows of days without clicks are equal in both downloads
        pasted = _equal_to_earlier(rest.filter(~rest["row"].is_in(within.implode())))
    return Overlaps(pasted, within, doubtful)


def _pasted(traces: Traces) -> pl.Series:
    """Return the rows that repeat earlier ones, where that is no chance."""
    rows = traces.rows.select("row", "content", copies=pl.len().over("content"))
    is_again = ~rows["content"].is_first_distinct() & (rows["copies"] <= _MOST_COPIES)
    again = is_again.arg_true()
    if len(again) < _FEW_ROWS:
        return rows["row"].clear()
    every = rows["copies"].n_unique() == 1
    if not every and not (traces.is_complete and _are_unique(traces.rows)):
        again = _in_blocks(rows["content"].to_numpy(), again.to_numpy())
    return rows["row"].gather(again)


def _are_unique(rows: pl.DataFrame) -> bool:
    """Return whether rows of one key and period are equal: no source splits them further."""
    distinct = rows.select("key", *_PERIOD, "content").unique()
    return distinct.height == distinct.select("key", *_PERIOD).n_unique()


def _in_blocks(hashes: np.ndarray, again: np.ndarray) -> pl.Series:
    """Return those of the rows ``again`` that follow each other as earlier rows do."""
    earlier: dict[int, int] = {}
    offsets = np.zeros(len(again), dtype=np.int64)
    position = {int(at): number for number, at in enumerate(again)}
    for at, one in enumerate(hashes.tolist()):
        if at in position:
            offsets[position[at]] = at - earlier[one]
        earlier[one] = at
    breaks = np.flatnonzero((np.diff(again) != 1) | (np.diff(offsets) != 0)) + 1
    blocks = [
        block
        for block in np.split(np.arange(len(again)), breaks)
        if len(block) >= _FEW_ROWS and offsets[block[0]] >= len(block)
    ]
    return pl.Series(again[np.concatenate(blocks)] if blocks else again[:0], dtype=pl.UInt32)


def _equal_to_earlier(frame: pl.DataFrame) -> pl.Series:
    return frame["row"].filter(
        ~frame.select(pl.exclude("file", "row")).hash_rows().is_first_distinct()
    )


def _within(frame: pl.DataFrame, *, is_complete: bool) -> tuple[pl.Series, tuple[int, int] | None]:
    """Return the rows whose clicks a row of a longer period counts, and a pair that overlaps."""
    none = frame["row"].clear()
    dated = frame.drop_nulls(_PERIOD).filter(pl.col("start_date") <= pl.col("end_date"))
    long = dated.filter(pl.col("start_date") < pl.col("end_date"))
    if not long.height or dated.select(_PERIOD).n_unique() < 2:
        return none, None
    if not is_complete and (dated.group_by(_PERIOD).len()["len"] < _FEW_ROWS).any():
        return none, None  # a period for each row: rows of one key may be of two targets
    figures = [name for name in FIGURES if frame[name].null_count() < frame.height]
    pairs = _pairs(dated, figures)
    inside = (pl.col("start_date") >= pl.col("start_date/outer")) & (
        pl.col("end_date") <= pl.col("end_date/outer")
    )
    fits = pl.all_horizontal(
        pl.col(name) <= pl.col(f"{name}/outer") + _CENT * pl.col("rows") for name in figures
    )
    found = pairs.with_columns(within=inside & fits, part=~inside)
    within = found.filter("within").explode("row")["row"].unique().sort()
    return within, _doubtful(found) if is_complete else None


def _pairs(dated: pl.DataFrame, figures: list[str]) -> pl.DataFrame:
    """Return the sums of one key over two periods that meet, a row for each such pair."""
    groups = dated.group_by(*_KEY, *_PERIOD).agg(
        pl.col(figures).sum(), pl.col("row"), pl.len().alias("rows")
    )
    outer = groups.filter(pl.col("start_date") < pl.col("end_date"))
    start, end = pl.col("start_date"), pl.col("end_date")
    outer_start, outer_end = pl.col("start_date/outer"), pl.col("end_date/outer")
    return groups.join(outer, on=_KEY, suffix="/outer", nulls_equal=True).filter(
        (start <= outer_end) & (end >= outer_start) & ((start != outer_start) | (end != outer_end))
    )


def _doubtful(pairs: pl.DataFrame) -> tuple[int, int] | None:
    """Return a pair of rows that overlap and of which neither lies within the other."""
    crossing = pairs.filter(
        pl.col("part")
        & ~(
            (pl.col("start_date") <= pl.col("start_date/outer"))
            & (pl.col("end_date") >= pl.col("end_date/outer"))
        )
    )
    if not crossing.height:
        return None
    first = pl.col("row").list.min()
    one, other = crossing.select(first, pl.col("row/outer").list.min()).sort("row").row(0)
    return min(one, other), max(one, other)
