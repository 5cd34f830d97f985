"""A report's own total rows against the sums of its rows."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from admatch.errors import Problem
from admatch.reports.rows import Columns
from admatch.tables.numbers import DecimalSign, parse_numbers

COMPARED = ("impressions", "clicks", "spend", "sales", "orders", "units")
_CENT = 0.005


def check_total_row(
    path: Path,
    total: Columns,
    signs: Mapping[str, DecimalSign],
    sums: Mapping[str, float],
    rows: int,
) -> Iterator[Problem]:
    """Yield a problem for each figure of ``total`` (one row or none) that ``sums`` does not have.

    ``sums`` are those of the ``rows`` rows that were read. Google Ads adds further totals, of what
    it does not list: only the first is of the rows.
    """
    if not total.cells.height:
        return
    for name in (one for one in COMPARED if one in total.headers):
        told = parse_numbers(total.cells[name], signs[name]).values[0]
        # every row may have been rounded to the cent, or a conversion to a whole one
        slack = _CENT * (rows + 1) if name in ("spend", "sales") else 1
        if told is not None and abs(told - sums[name]) > slack:
            yield Problem(
                path,
                f"the total row says {told:g} but the rows sum to {sums[name]:g}",
                "rows may be missing from the file; download it again",
                row=total.rows[0],
                column=total.headers[name],
            )
