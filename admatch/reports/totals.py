"""A report's own total row, compared with the sums of its rows."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from admatch.errors import Problem
from admatch.messages import say
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
    """Yield a problem for each figure of ``total`` (one row or none) that differs from ``sums``.

    ``sums`` are those of the ``rows`` rows that were read. Google Ads adds further totals, of what
    it does not list: only the first is of the rows.
    """
    if not total.cells.height:
        return
    for name in (one for one in COMPARED if one in total.headers):
        value = parse_numbers(total.cells[name], signs[name]).values[0]
        # every row may have been rounded to the cent, or a conversion to a whole one
        slack = _CENT * (rows + 1) if name in ("spend", "sales") else 1
        if value is not None and abs(value - sums[name]) > slack:
            what = say("reports.totals.differ", total=f"{value:g}", sum=f"{sums[name]:g}")
            remedy = say("reports.totals.rows_missing")
            yield Problem(path, what, remedy, row=total.rows[0], column=total.headers[name])
