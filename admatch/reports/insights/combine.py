"""Several files of Amazon's other reports → one ``Insights`` that counts nothing twice."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.insights.kinds import insight_name
from admatch.reports.insights.records import KEYS, SCHEMAS, InsightKind, Insights
from admatch.reports.insights.sheet import Sheet


def combine_sheets(sheets: Sequence[tuple[Path, Sheet]]) -> Insights:
    """Return the rows of all tables, each kind in one frame.

    Of rows about the same thing whose days overlap, those of the longer period are kept; of the
    same days, those of the later table. Rows without days count as of one period.
    """
    frames, problems = {}, [one for _, sheet in sheets for one in sheet.problems]
    for kind in InsightKind:
        own = [(path, sheet) for path, sheet in sheets if sheet.kind is kind]
        if not own:
            continue
        frame, left = _without_overlaps([sheet.frame for _, sheet in own], kind)
        frames[kind] = frame
        if left:
            what = say("reports.insights.overlap", n=left, what=insight_name(kind))
            problems.append(Problem(own[-1][0], what, say("reports.insights.nothing_to_do")))
    return Insights(
        frames,
        tuple(dict.fromkeys(path for path, _ in sheets)),
        tuple(dict.fromkeys(str(insight_name(sheet.kind)) for _, sheet in sheets)),
        tuple(dict.fromkeys(problems)),
        sum(sheet.skipped for _, sheet in sheets),
    )


def _without_overlaps(
    frames: Sequence[pl.DataFrame], kind: InsightKind
) -> tuple[pl.DataFrame, int]:
    """Return the rows that count no day twice, and how many were left out."""
    whole = pl.concat(
        [frame.with_columns(table=pl.lit(number)) for number, frame in enumerate(frames)]
    )
    if len(frames) == 1:
        return whole.select(*SCHEMAS[kind]), 0
    unit = (*KEYS[kind], "start_date", "end_date", "table")
    units = whole.select(unit).unique(maintain_order=True).with_row_index("unit")
    doubtful = _doubtful(units, kind)
    left = [number for _, own in doubtful for number in _left_out(own)]
    kept = whole.join(
        units.filter(pl.col("unit").is_in(left)), on=unit, how="anti", nulls_equal=True
    )
    return kept.select(*SCHEMAS[kind]), whole.height - kept.height


def _doubtful(units: pl.DataFrame, kind: InsightKind) -> list[tuple[object, pl.DataFrame]]:
    """Return the units of each thing of which a period begins before an earlier one ended."""
    key = KEYS[kind]
    ordered = units.sort(*key, "start_date", "end_date", nulls_last=True)
    before = pl.col("end_date").cum_max().shift(1).over(key)
    crossing = (pl.col("start_date") <= before) | pl.col("start_date").is_null()
    several = pl.len().over(key) > 1
    found = ordered.filter((crossing.fill_null(False) & several).any().over(key))
    return list(found.group_by(key, maintain_order=True))


def _left_out(units: pl.DataFrame) -> list[int]:
    """Return the numbers of the units that overlap one that is longer, or as long and later."""
    length = (pl.col("end_date") - pl.col("start_date")).dt.total_days()
    ordered = units.sort(length, "table", "unit", descending=[True, True, False], nulls_last=True)
    kept: list[tuple[object, object]] = []
    left: list[int] = []
    for number, first, last in ordered.select("unit", "start_date", "end_date").iter_rows():
        unknown = first is None or last is None
        if any(unknown or one[0] is None or (first <= one[1] and one[0] <= last) for one in kept):
            left.append(number)
        else:
            kept.append((first, last))
    return left
