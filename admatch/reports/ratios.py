"""A report's own ratios (CTR, CPC, ACOS, …) against those of its figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.reports.rows import Columns

_DECIMALS = r"[.,]([0-9]+)\s*%?\s*$"
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


@dataclass(frozen=True, slots=True)
class RatioTally:
    """How many cells of a ratio column were compared, and how many differ.

    ``wrong_as_shares`` counts those that differ as percentages too. ``first`` is the first that
    differs: its row, what it says and what the figures give.
    """

    compared: int
    wrong: int
    wrong_as_shares: int
    first: tuple[int, float, float] | None

    def __add__(self, further: "RatioTally") -> "RatioTally":
        return RatioTally(
            self.compared + further.compared,
            self.wrong + further.wrong,
            self.wrong_as_shares + further.wrong_as_shares,
            further.first if self.first is None else self.first,
        )


def check_ratios(path: Path, values: pl.DataFrame, columns: Columns) -> Iterator[Problem]:
    """Yield one problem a ratio column that differs from its figures beyond rounding.

    Shares are compared as fractions; a column without % signs that fits as percentages is told.
    """
    tallies = tally_ratios(values, columns, decimals_shown(columns))
    return ratio_notices(path, tallies, columns.headers)


def decimals_shown(columns: Columns) -> dict[str, int]:
    """Return how many decimals each ratio column shows.

    Rows that show fewer digits have had zeros taken off.
    """
    names = [name for name in _DEFINITIONS if name in columns.headers]
    spellings = (columns.cells[name].unique().str.extract(_DECIMALS) for name in names)
    most = (found.str.len_bytes().max() for found in spellings)
    return {name: one if isinstance(one, int) else 0 for name, one in zip(names, most, strict=True)}


def tally_ratios(
    values: pl.DataFrame, columns: Columns, decimals: Mapping[str, int]
) -> dict[str, RatioTally]:
    """Return what comparing each ratio column with its figures finds."""
    known = {name: one for name, one in _DEFINITIONS.items() if name in columns.headers}
    return {
        name: _tally(values, columns, name, ratio, decimals[name])
        for name, ratio in known.items()
        if {name, ratio.above, ratio.below} <= set(values.columns)
    }


def ratio_notices(
    path: Path, tallies: Mapping[str, RatioTally], headers: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield one problem a ratio column that differs from its figures beyond rounding."""
    for name, found in tallies.items():
        if found.first is None:
            continue
        if not found.wrong_as_shares:
            what = "the column holds percentages without % signs"
            yield Problem(path, what, "nothing to do: ratios are recomputed", column=name)
            continue
        ratio, (row, told, right) = _DEFINITIONS[name], found.first
        yield Problem(
            path,
            f"{found.wrong} of {found.compared} cells differ from {ratio.above} / {ratio.below}, "
            f"here {told:.6g} where the row's figures give {right:.6g}",
            "the file's own ratio is not used; check the figures if many differ",
            row=row,
            column=headers[name],
        )


def _tally(
    values: pl.DataFrame, columns: Columns, name: str, ratio: _Ratio, decimals: int
) -> RatioTally:
    percent = columns.cells[name].str.contains("%", literal=True).fill_null(False)
    told = values.lazy().select(
        told=pl.col(name),
        right=pl.col(ratio.above) / pl.col(ratio.below),
        slack=_slack(ratio) + _half_a_digit(pl.lit(percent), decimals),
    )
    compared = pl.col("told").is_not_null() & pl.col("right").is_finite()
    wrong = (compared & _differs(pl.col("told"))).fill_null(False)
    found = told.with_columns(compared=compared.fill_null(False), wrong=wrong).collect()
    as_shares = found.select((pl.col("compared") & _differs(pl.col("told") / 100)).sum()).item()
    differing = found["wrong"].arg_true()
    first = None
    if len(differing):
        first = (columns.rows[differing[0]], *found.row(differing[0])[:2])
    return RatioTally(int(found["compared"].sum()), len(differing), as_shares, first)


def _differs(found: pl.Expr) -> pl.Expr:
    return (found - pl.col("right")).abs() > pl.col("slack")


def _slack(ratio: _Ratio) -> pl.Expr:
    """Return how far cents that were rounded off can move the ratio."""
    slack = pl.lit(1e-9)
    for name in (ratio.above, ratio.below):
        if name in ("spend", "sales"):
            slack = slack + _CENT / pl.col(name)
    return slack * (pl.col(ratio.above) / pl.col(ratio.below)).abs()


def _half_a_digit(percent: pl.Expr, decimals: int) -> pl.Expr:
    """Return half a unit of the last digit shown, as a fraction for percentages."""
    unit = 10.0**-decimals / 2 * 1.01
    return pl.when(percent).then(unit * 0.01).otherwise(unit)
