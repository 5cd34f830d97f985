"""A report's own total rows against the sums of its rows."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.reports.rows import Columns
from admatch.tables.numbers import DecimalSign, parse_numbers

_COMPARED = ("impressions", "clicks", "spend", "sales", "orders", "units")
_CENT = 0.005


def check_total_rows(
    path: Path, totals: Columns, signs: Mapping[str, DecimalSign], frame: pl.DataFrame
) -> Iterator[Problem]:
    """Yield a problem for each figure of the first total row that ``frame`` does not sum to.

    Google Ads adds further totals, of what it does not list: only the first is of the rows.
    """
    if not totals.cells.height:
        return
    for name in (one for one in _COMPARED if one in totals.headers):
        told = parse_numbers(totals.cells[name].head(1), signs[name]).values[0]
        summed = frame[name].sum()
        # every row may have been rounded to the cent, or a conversion to a whole one
        slack = _CENT * (frame.height + 1) if name in ("spend", "sales") else 1
        if told is not None and abs(told - summed) > slack:
            yield Problem(
                path,
                f"the total row says {told:g} but the rows sum to {summed:g}",
                "rows may be missing from the file; download it again",
                row=totals.rows[0],
                column=totals.headers[name],
            )
