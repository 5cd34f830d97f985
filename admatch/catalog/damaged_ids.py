"""IDs that spreadsheets and programs changed: mended where nothing is lost, else left out."""

from pathlib import Path

import polars as pl

from admatch.catalog.row_problems import row_problems
from admatch.errors import Problem
from admatch.messages import say

_IDS = ("product_id", "sku", "parent_id")
_TEXT = r"^(?:=\"?(.*?)\"?|'(.*))$"  # kept as text by spreadsheets: ="0171…", '0171…
_GROUPED = r"^[0-9]{1,3}(?:[,.'\s][0-9]{3}){2,}$"  # 4,006,381,333,931
_FRACTION = r"^[0-9]+\.0+$"  # 4006381333931.0, as programs write a number
_SHORTENED = r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,2}$"  # 4.00638E+12
_ROUNDED = r"^[0-9]{15}0+$"  # Excel keeps fifteen digits of a number
_LONG = r"^[0-9]{16,}$"


def mend_ids(path: Path, cells: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows with IDs as they were, null where digits are lost, and a problem for each."""
    problems: list[Problem] = []
    for name in _IDS:
        if name in cells.columns:
            mended = _mended(cells[name])
            lost = _lost(mended)
            problems += row_problems(
                path,
                cells.select("row", value=name).filter(lost),
                say("catalog.identity.lost_digits"),
                say("catalog.identity.keep_text"),
                column=name,
            )
            cells = cells.with_columns(mended.set(lost, None).alias(name))
    return cells, problems


def _mended(cells: pl.Series) -> pl.Series:
    inner = cells.str.extract_groups(_TEXT)
    text = pl.coalesce(inner.struct[0], inner.struct[1], cells)
    plain = cells.to_frame("cell").select(pl.coalesce(text).str.strip_chars()).to_series()
    filled = plain.drop_nulls()
    if len(filled) and filled.str.contains(_FRACTION).all():
        plain = plain.str.replace(r"\.0+$", "")
    grouped = plain.str.contains(_GROUPED).fill_null(False)
    return plain.zip_with(~grouped, plain.str.replace_all(r"[,.'\s]", ""))


def _lost(cells: pl.Series) -> pl.Series:
    """Return where an ID was shortened, or rounded as all long ones were."""
    long = cells.str.contains(_LONG).fill_null(False)
    rounded = cells.str.contains(_ROUNDED).fill_null(False)
    shortened = cells.str.contains(_SHORTENED).fill_null(False)
    return shortened | rounded if (rounded == long).all() else shortened
