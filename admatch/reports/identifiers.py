"""Campaign, ad-group and target ids: always text, freed from what spreadsheets do to them."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.reports.rows import Columns

_WRAPPED = r'^="?(.*?)"?$'
_MANGLED = r"^\d(?:[.,]\d+)?[eE]\+?\d+$"


def read_ids(path: Path, columns: Columns) -> tuple[pl.DataFrame, list[Problem]]:
    """Return campaign_id, ad_group_id and target_id as text, null where unknown or damaged."""
    target = columns.get("keyword_id").to_frame("a").with_columns(columns.get("product_target_id"))
    raw = {
        "campaign_id": columns.get("campaign_id"),
        "ad_group_id": columns.get("ad_group_id"),
        "target_id": target.select(pl.coalesce(pl.all())).to_series(),
    }
    return clean_ids(path, raw, columns.rows)


def clean_ids(
    path: Path, raw: Mapping[str, pl.Series], rows: pl.Series
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return columns of ids as text, null where unknown or damaged; ``rows`` are their numbers."""
    ids, problems = {}, []
    for name, cells in raw.items():
        if cells.null_count() == len(cells):
            ids[name] = cells
            continue
        bare = cells.str.strip_chars().str.replace(_WRAPPED, "${1}").str.replace(r"\.0$", "")
        mangled = bare.str.contains(_MANGLED).fill_null(False)
        if mangled.any():
            problems.append(_damaged(path, name, bare.filter(mangled), rows.filter(mangled)))
        ids[name] = bare.set(mangled | (bare.is_in(["", "-", "0"])).fill_null(False), None)
    return pl.DataFrame(ids), problems


def _damaged(path: Path, name: str, cells: pl.Series, rows: pl.Series) -> Problem:
    return Problem(
        path,
        f"{len(cells)} ids have lost digits, as Excel's short form of long numbers does",
        "they were left out; export the file again and do not save it from Excel as CSV",
        row=rows[0],
        column=name,
        value=cells[0],
    )
