"""A report's own ratios (CTR, CPC, ACOS, …) against those of its figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.reports.rows import Columns

_CENT = 0.005  # amounts are rounded to the cent before the file shows them


@dataclass(frozen=True, slots=True)
class _Ratio:
    above: str
    below: str


_DEFINITIONS = {
    "ctr": _Ratio("clicks", "impressions"),
    "cpc": _Ratio("spend", "clicks"),
    "acos": _Ratio("spend", "sales"),
    "roas": _Ratio("sales", "spend"),
    "conversion_rate": _Ratio("orders", "clicks"),
    "purchase_rate": _Ratio("orders", "impressions"),  # so in the unified console's files
}


def check_ratios(path: Path, values: pl.DataFrame, columns: Columns) -> Iterator[Problem]:
    """Yield one problem a ratio column that differs from its figures beyond rounding.

    Shares are compared as fractions; a column without % signs that fits as percentages is told.
    """
    for name, ratio in _DEFINITIONS.items():
        if not {name, ratio.above, ratio.below} <= set(values.columns):
            continue
        told = values.select(
            told=pl.col(name),
            right=pl.col(ratio.above) / pl.col(ratio.below),
            slack=_slack(ratio) + _half_a_digit(columns.cells[name]),
        ).with_row_index("place")
        told = told.filter(pl.col("told").is_not_null() & pl.col("right").is_finite())
        wrong = told.filter(_differs(pl.col("told")))
        if not wrong.height:
            continue
        if not told.filter(_differs(pl.col("told") / 100)).height:
            what = "the column holds percentages without % signs"
            yield Problem(path, what, "nothing to do: ratios are recomputed", column=name)
            continue
        place, found, right = wrong.row(0)[:3]
        yield Problem(
            path,
            f"{wrong.height} of {told.height} cells differ from {ratio.above} / {ratio.below}, "
            f"here {found:.6g} where the row's figures give {right:.6g}",
            "the file's own ratio is not used; check the figures if many differ",
            row=columns.rows[place],
            column=columns.headers[name],
        )


def _differs(found: pl.Expr) -> pl.Expr:
    return (found - pl.col("right")).abs() > pl.col("slack")


def _slack(ratio: _Ratio) -> pl.Expr:
    """Return how far cents that were rounded off can move the ratio."""
    slack = pl.lit(1e-9)
    for name in (ratio.above, ratio.below):
        if name in ("spend", "sales"):
            slack = slack + _CENT / pl.col(name)
    return slack * (pl.col(ratio.above) / pl.col(ratio.below)).abs()


def _half_a_digit(cells: pl.Series) -> pl.Series:
    """Return half a unit of the last digit that the column shows, as a fraction for percentages.

    Rows that show fewer digits have had zeros taken off; 0.9990000000000001 shows three.
    """
    shown = cells.unique().str.replace(r"([.,]\d*?)(?:0{6,}|9{6,})\d{0,2}(\s*%?\s*)$", "${1}${2}")
    decimals = shown.str.extract(r"[.,]([0-9]+)\s*%?\s*$").str.len_bytes().max()
    unit = 10.0 ** -(decimals if isinstance(decimals, int) else 0)
    percent = cells.str.contains("%", literal=True).fill_null(False)
    return (1 - percent.cast(pl.Float64) * 0.99) * unit / 2 * 1.01
