"""Campaign, ad group and target IDs: always text, repaired where spreadsheets changed them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import comb
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.notices import RowProblems
from admatch.reports.rows import Columns
from admatch.tables.spellings import in_latin

_WRAPPED = r'^="?(.*?)"?$'
_MANGLED = r"^\d(?:[.,]\d+)?[eE]\+?\d+$"
_GROUPED = r"^\d{1,3}(?:[.,'’\s]\d{2,3})*[.,'’\s]\d{3}$"  # 796,266,012,325,737
_EXACT = 15  # digits that spreadsheets keep
_BY_CHANCE = 0.0025  # below it, so many IDs do not end like rounded ones by themselves


def read_ids(columns: Columns) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Return campaign_id, ad_group_id and target_id as text, null where unknown or damaged.

    The second value holds the damaged ones of each column: ``row`` and ``value``.
    """
    target = columns.get("keyword_id").to_frame("a").with_columns(columns.get("product_target_id"))
    raw = {
        "campaign_id": columns.get("campaign_id"),
        "ad_group_id": columns.get("ad_group_id"),
        "target_id": target.select(pl.coalesce(pl.all())).to_series(),
    }
    return _clean(raw, columns.rows)


def clean_ids(
    path: Path, raw: Mapping[str, pl.Series], rows: pl.Series
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return columns of IDs as text, null where unknown or damaged; ``rows`` are their numbers."""
    ids, damaged = _clean(raw, rows)
    return ids, list(id_notices({name: lost_digits(path, name, damaged[name]) for name in raw}))


def id_notices(damaged: Mapping[str, RowProblems]) -> Iterator[Problem]:
    """Yield one problem per column with IDs that have lost digits."""
    for rows in damaged.values():
        for problem in rows.first[:1]:
            yield replace(problem, what=say("reports.ids.lost_digits", n=rows.count))


def _clean(
    raw: Mapping[str, pl.Series], rows: pl.Series
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    ids, damaged = {}, {}
    for name, cells in raw.items():
        every = pl.DataFrame({"row": rows, "value": cells})
        if cells.null_count() == len(cells):
            ids[name], damaged[name] = cells, every.clear()
            continue
        bare = _bare(cells)
        mangled = bare.str.contains(_MANGLED).fill_null(False) | _rounded(bare)
        damaged[name] = every.with_columns(value=bare).filter(mangled)
        ids[name] = bare.set(mangled | (bare.is_in(["", "-", "0"])).fill_null(False), None)
    return pl.DataFrame(ids), damaged


def _bare(cells: pl.Series) -> pl.Series:
    """Return IDs without what spreadsheets put around and between their digits."""
    bare = in_latin(cells).str.strip_chars().str.replace(_WRAPPED, "${1}").str.strip_prefix("'")
    bare = bare.str.replace(r"\.0+$", "")
    grouped = bare.str.contains(_GROUPED).fill_null(False)
    if not grouped.any():
        return bare
    digits = bare.filter(grouped).str.replace_all(r"\D", "")
    return bare.scatter(grouped.arg_true(), digits)


def _rounded(cells: pl.Series) -> pl.Series:
    """Return which IDs were rounded to 15 digits and written out in full again.

    Honest IDs end like that too, one 18-digit ID in 500; where no more do, they are taken as such.
    """
    long = cells.str.contains(rf"^[1-9]\d{{{_EXACT},}}$").fill_null(False)
    numbers = cells.filter(long).unique().cast(pl.Int64, strict=False).drop_nulls().alias("number")
    unit = 10 ** (pl.col("number").cast(pl.String).str.len_bytes() - _EXACT).cast(pl.Int64)
    kept = (pl.col("number") + unit // 2) // unit * unit
    shown = kept.cast(pl.Float64).cast(pl.Int64, strict=False)
    found = numbers.to_frame().select(
        "number",
        ends=(pl.col("number") == kept) | (pl.col("number") == shown),
        chance=pl.min_horizontal(2 / unit, 1.0),
    )
    ending = found.filter("ends")["number"].cast(pl.String)
    chance = found.select(pl.col("chance").mean()).item()
    if not len(ending) or _tail(len(found), len(ending), chance) > _BY_CHANCE:
        return pl.repeat(False, len(cells), eager=True)
    return long & cells.is_in(ending.implode()).fill_null(False)


def _tail(count: int, found: int, chance: float) -> float:
    """Return the probability of ``found`` or more of ``count``, each with ``chance``."""
    below = (comb(count, k) * chance**k * (1 - chance) ** (count - k) for k in range(found))
    return max(1 - sum(below), 0.0)


def lost_digits(path: Path, name: str, damaged: pl.DataFrame) -> RowProblems:
    """Return the ``damaged`` IDs (row, value) of a column as problems, the first one named."""
    what, remedy = say("reports.ids.lost_digits", n=1), say("reports.ids.left_out")
    first = damaged.head(1).iter_rows()
    return RowProblems(
        tuple(Problem(path, what, remedy, row, name, value) for row, value in first), len(damaged)
    )
