"""A report's own ratios (CTR, CPC, ACOS, …), compared with those of its figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.rows import Columns
from admatch.tables.threads import for_each

_NOISE = r"([.,]\d*?)(?:0{6,}|9{6,})\d{0,2}(\s*%?\s*)$"  # of a float written in full
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

    ``wrong_as_shares`` counts those that differ as percentages too. ``first`` is the first cell
    that differs: its row, its value and the value that the figures give.
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
            min((one for one in (self.first, further.first) if one is not None), default=None),
        )


def check_ratios(path: Path, values: pl.DataFrame, columns: Columns) -> Iterator[Problem]:
    """Yield one problem per ratio column that differs from its figures beyond rounding.

    Shares are compared as fractions; a column that fits as percentages without % signs is named.
    """
    tallies = tally_ratios(values, columns, ratios_shown(columns))
    return ratio_notices(path, tallies, columns.headers)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a ratio column is written: its most decimals, and whether as percentages.

    Cells with fewer decimals had their zeros removed; 0.9990000000000001 has three. ``percent``
    is None where only some cells have a % sign.
    """

    decimals: int
    percent: bool | None

    def __add__(self, further: "Shown") -> "Shown":
        percent = self.percent if self.percent == further.percent else None
        return Shown(max(self.decimals, further.decimals), percent)


def ratios_shown(columns: Columns) -> dict[str, Shown]:
    """Return how each ratio column is written."""
    names = [name for name in _DEFINITIONS if name in columns.headers]
    return for_each(names, lambda name: _shown(columns.cells[name]), rows=columns.cells.height)


def _shown(cells: pl.Series) -> Shown:
    spellings = cells.drop_nulls().unique()
    decimals = (
        spellings.str.replace(_NOISE, "${1}${2}").str.extract(_DECIMALS).str.len_bytes().max()
    )
    percent = spellings.str.contains("%", literal=True)
    decided = bool(percent.any()) if percent.all() or not percent.any() else None
    return Shown(decimals if isinstance(decimals, int) else 0, decided)


def tally_ratios(
    values: pl.DataFrame, columns: Columns, shown: Mapping[str, Shown]
) -> dict[str, RatioTally]:
    """Return the comparison of each ratio column with its figures."""
    known = [
        name
        for name, ratio in _DEFINITIONS.items()
        if name in shown and {name, ratio.above, ratio.below} <= set(values.columns)
    ]
    return for_each(
        known, lambda name: _tally(values, columns, name, shown[name]), rows=values.height
    )


def ratio_notices(
    path: Path, tallies: Mapping[str, RatioTally], headers: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield one problem per ratio column that differs from its figures beyond rounding."""
    for name, found in tallies.items():
        if found.first is None:
            continue
        if not found.wrong_as_shares:
            what, remedy = say("reports.ratios.percentages"), say("reports.ratios.recomputed")
            yield Problem(path, what, remedy, column=name)
            continue
        ratio, (row, value, right) = _DEFINITIONS[name], found.first
        what = say(
            "reports.ratios.differ",
            wrong=found.wrong,
            compared=found.compared,
            above=ratio.above,
            below=ratio.below,
            value=f"{value:.6g}",
            right=f"{right:.6g}",
        )
        remedy = say("reports.ratios.not_used")
        yield Problem(path, what, remedy, row=row, column=headers[name])


def _tally(values: pl.DataFrame, columns: Columns, name: str, shown: Shown) -> RatioTally:
    ratio = _DEFINITIONS[name]
    cells = values.lazy().select(
        value=pl.col(name),
        right=pl.col(ratio.above) / pl.col(ratio.below),
        slack=_slack(ratio) + _half_a_digit(columns.cells[name], shown),
    )
    compared = pl.col("value").is_not_null() & pl.col("right").is_finite()
    wrong = (compared & _differs(pl.col("value"))).fill_null(False)
    found = cells.with_columns(compared=compared.fill_null(False), wrong=wrong).collect()
    as_shares = found.select((pl.col("compared") & _differs(pl.col("value") / 100)).sum()).item()
    differing = found["wrong"].arg_true()
    first = None
    if len(differing):
        first = (columns.rows[differing[0]], *found.row(differing[0])[:2])
    return RatioTally(int(found["compared"].sum()), len(differing), as_shares, first)


def _differs(found: pl.Expr) -> pl.Expr:
    return (found - pl.col("right")).abs() > pl.col("slack")


def _slack(ratio: _Ratio) -> pl.Expr:
    """Return how far rounding to the cent can change the ratio."""
    slack = pl.lit(1e-9)
    for name in (ratio.above, ratio.below):
        if name in ("spend", "sales"):
            slack = slack + _CENT / pl.col(name)
    return slack * (pl.col(ratio.above) / pl.col(ratio.below)).abs()


def _half_a_digit(cells: pl.Series, shown: Shown) -> pl.Expr:
    """Return half a unit of the last digit shown, as a fraction for percentages."""
    unit = 10.0**-shown.decimals / 2 * 1.01
    if shown.percent is not None:
        return pl.lit(unit * 0.01 if shown.percent else unit)
    percent = cells.str.contains("%", literal=True).fill_null(False)
    return pl.when(pl.lit(percent)).then(unit * 0.01).otherwise(unit)
