"""A report's figures: counts, amounts and the file's own ratios, out of text cells."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from admatch.errors import InputError, shorten
from admatch.tables.numbers import (
    DecimalSign,
    Numbers,
    SignEvidence,
    decide_sign,
    is_canonical,
    parse_counts,
    parse_numbers,
    sign_evidence,
)

COUNTS = ("impressions", "clicks", "orders", "units", "units_promoted", "units_halo")
AMOUNTS = ("spend", "sales", "sales_promoted", "sales_halo")
RATIOS = ("ctr", "cpc", "acos", "roas", "conversion_rate", "purchase_rate")
_PARTIAL = ("orders", "units")  # advertising platforms that model conversions count parts of one


@dataclass(frozen=True, slots=True)
class Measures:
    """Parsed columns by canonical name: counts Int64, amounts and ratios Float64.

    ``bad`` holds a Boolean column for each but the ratios, true where the cell is no number.
    ``rounded`` names the counts that had fractions: they were rounded so that their running total
    stays. ``signs`` are the decimal signs that were found.
    """

    values: pl.DataFrame
    bad: pl.DataFrame
    rounded: tuple[str, ...]
    signs: dict[str, DecimalSign]


def parse_measures(
    cells: pl.DataFrame, headers: Mapping[str, str], *, typed: bool, file: str
) -> Measures:
    """Return the figures in the text columns ``cells``, which bear our names.

    ``headers`` gives the file's own header of each. The decimal sign is found a column at a time,
    and from the other columns where one leaves it open. Raises ``InputError`` where none tells.
    """
    found = {name: _evidence(cells[name], name, typed) for name in cells.columns}
    signs, values, bad, rounded = {}, [], [], []
    for name in cells.columns:
        others = [evidence for other, evidence in found.items() if other != name]
        where = f"{file}, column '{shorten(headers[name])}'"
        try:
            sign = decide_sign(found[name], others, where=where)
        except InputError:
            if name in RATIOS:  # they are only compared: unclear ones are passed over
                continue
            raise
        numbers = parse_numbers(cells[name], sign)
        if name in _PARTIAL and _has_fractions(numbers.values):
            numbers = Numbers(_round_running(numbers.values), numbers.bad)
            rounded.append(name)
        elif name in COUNTS:
            numbers = parse_counts(cells[name], sign)
        signs[name] = sign
        values.append(numbers.values.alias(name))
        if name not in RATIOS:
            bad.append(numbers.bad.alias(name))
    return Measures(pl.DataFrame(values), pl.DataFrame(bad), tuple(rounded), signs)


def _evidence(cells: pl.Series, name: str, typed: bool) -> SignEvidence:
    if typed and is_canonical(cells):
        fraction = cells.filter(cells.str.contains(r"\.\d").fill_null(False)).head(1)
        if not len(fraction):
            return SignEvidence()
        if name not in COUNTS or name in _PARTIAL:
            return SignEvidence(point=fraction[0])
    return sign_evidence(cells, counts=name in COUNTS)


def _has_fractions(values: pl.Series) -> bool:
    return bool((values != values.round()).any())


def _round_running(values: pl.Series) -> pl.Series:
    """Return whole numbers whose running total is that of ``values``, rounded."""
    total = values.fill_null(0).cum_sum().round()
    whole = (total - total.shift(1, fill_value=0)).cast(pl.Int64)
    return whole.set(values.is_null(), None)
