"""Campaign, ad group and target IDs: always text, repaired where spreadsheets changed them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.notices import RowProblems
from admatch.reports.rows import Columns

_WRAPPED = r'^="?(.*?)"?$'
_MANGLED = r"^\d(?:[.,]\d+)?[eE]\+?\d+$"


def read_ids(path: Path, columns: Columns) -> tuple[pl.DataFrame, dict[str, RowProblems]]:
    """Return campaign_id, ad_group_id and target_id as text, null where unknown or damaged.

    The second value holds the damaged ones of each column.
    """
    target = columns.get("keyword_id").to_frame("a").with_columns(columns.get("product_target_id"))
    raw = {
        "campaign_id": columns.get("campaign_id"),
        "ad_group_id": columns.get("ad_group_id"),
        "target_id": target.select(pl.coalesce(pl.all())).to_series(),
    }
    return _clean(path, raw, columns.rows)


def clean_ids(
    path: Path, raw: Mapping[str, pl.Series], rows: pl.Series
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return columns of IDs as text, null where unknown or damaged; ``rows`` are their numbers."""
    ids, damaged = _clean(path, raw, rows)
    return ids, list(id_notices(damaged))


def id_notices(damaged: Mapping[str, RowProblems]) -> Iterator[Problem]:
    """Yield one problem per column with IDs that have lost digits."""
    for rows in damaged.values():
        for problem in rows.first[:1]:
            yield replace(problem, what=say("reports.ids.lost_digits", n=rows.count))


def _clean(
    path: Path, raw: Mapping[str, pl.Series], rows: pl.Series
) -> tuple[pl.DataFrame, dict[str, RowProblems]]:
    ids, damaged = {}, {}
    for name, cells in raw.items():
        if cells.null_count() == len(cells):
            ids[name], damaged[name] = cells, RowProblems()
            continue
        bare = cells.str.strip_chars().str.replace(_WRAPPED, "${1}").str.replace(r"\.0$", "")
        mangled = bare.str.contains(_MANGLED).fill_null(False)
        damaged[name] = _damaged(path, name, bare.filter(mangled), rows.filter(mangled))
        ids[name] = bare.set(mangled | (bare.is_in(["", "-", "0"])).fill_null(False), None)
    return pl.DataFrame(ids), damaged


def _damaged(path: Path, name: str, cells: pl.Series, rows: pl.Series) -> RowProblems:
    what, remedy = say("reports.ids.lost_digits", n=1), say("reports.ids.left_out")
    first = zip(rows.head(1), cells.head(1), strict=True)
    return RowProblems(
        tuple(Problem(path, what, remedy, row, name, value) for row, value in first), len(cells)
    )
