"""Rows of one table that count the same clicks: downloads pasted below each other."""

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


def find_overlaps(frame: pl.DataFrame, *, are_equal: bool) -> Overlaps:
    """Return the rows of ``frame`` (columns of ``REPORT_SCHEMA``) that are counted twice.

    ``are_equal`` says whether some rows are equal to others in every cell.
    """
    keys = frame.select(_KEY).hash_rows()
    if keys.n_unique() == len(keys):
        nothing = frame["row"].clear()
        return Overlaps(nothing, nothing)
    pasted = _pasted(frame, keys) if are_equal else frame["row"].clear()
    rest = frame.filter(~frame["row"].is_in(pasted.implode())) if len(pasted) else frame
    within, doubtful = _within(rest)
    if len(within) and not len(pasted):  # rows of days without clicks are equal in both downloads
        pasted = _equal_to_earlier(rest.filter(~rest["row"].is_in(within.implode())))
    return Overlaps(pasted, within, doubtful)


def _pasted(frame: pl.DataFrame, keys: pl.Series) -> pl.Series:
    """Return the rows that repeat earlier ones, where that is no chance."""
    hashes = frame.select(pl.exclude("file", "row")).hash_rows().alias("row")
    rows = hashes.to_frame().with_columns(copies=pl.len().over("row"))
    again = (~hashes.is_first_distinct() & (rows["copies"] <= _MOST_COPIES)).arg_true()
    if len(again) < _FEW_ROWS:
        return frame["row"].clear()
    every = rows["copies"].n_unique() == 1
    if not every and not (_is_complete(frame) and _are_unique(frame, keys, hashes)):
        again = _in_blocks(hashes.to_numpy(), again.to_numpy())
    return frame["row"].gather(again)


def _are_unique(frame: pl.DataFrame, keys: pl.Series, hashes: pl.Series) -> bool:
    """Return whether rows of one key and period are equal: no source splits them further."""
    days = pl.DataFrame([keys.alias("key"), *frame.select(_PERIOD), hashes.alias("row")])
    distinct = days.unique()
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


def _is_complete(frame: pl.DataFrame) -> bool:
    """Return whether the rows say all that a report tells rows apart by."""
    needed = (("campaign", "campaign_id"), ("ad_group", "ad_group_id"), ("targeting", "target_id"))
    return all(any(frame[name].null_count() < len(frame) for name in names) for names in needed)


def _within(frame: pl.DataFrame) -> tuple[pl.Series, tuple[int, int] | None]:
    """Return the rows whose clicks a row of a longer period counts, and a pair that overlaps."""
    none = frame["row"].clear()
    dated = frame.drop_nulls(_PERIOD).filter(pl.col("start_date") <= pl.col("end_date"))
    long = dated.filter(pl.col("start_date") < pl.col("end_date"))
    if not long.height or dated.select(_PERIOD).n_unique() < 2:
        return none, None
    is_complete = _is_complete(frame)
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
