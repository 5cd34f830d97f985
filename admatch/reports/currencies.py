"""The currency of a report's amounts."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import polars as pl

from admatch.tables.distinct import map_distinct
from admatch.tables.header_table import normalise
from admatch.tables.raw import RawTable

_LETTER = r"[^\d\s.,()%'’+−\-\u{200e}\u{200f}\u{61c}\u{202a}-\u{202e}]"
_SIGN = rf"({_LETTER}+(?:\.{_LETTER}+)*\.?)"  # with full stops inside: د.إ
_IN_BRACKETS = re.compile(r"[(（]\s*([^\s()（）#\d]{1,3}\.?)\s*[)）]")


def find_currencies(
    column: pl.Series | None, amounts: Sequence[pl.Series], headers: Sequence[str]
) -> pl.Series:
    """Return the currency code of each row, null where the file does not name one.

    It comes from the currency ``column``, else from the signs in the cells of ``amounts``, else
    from the brackets in their ``headers``: "Sales (€)".
    """
    codes = (
        pl.repeat(None, len(amounts[0]), dtype=pl.String, eager=True)
        if column is None
        else map_distinct(column, _codes)
    )
    for cells in amounts:
        if codes.null_count():
            signs = map_distinct(cells.str.extract(_SIGN), _codes)
            codes = codes.zip_with(codes.is_not_null(), signs)
    units = [unit for header in headers for unit in _IN_BRACKETS.findall(header)]
    named = _codes(pl.Series(units, dtype=pl.String)).drop_nulls()
    if len(named):
        codes = codes.fill_null(named[0])
    return codes.alias("currency")


def workbook_currency(tables: Sequence[RawTable]) -> str | None:
    """Return the one currency code that a workbook's sheets name, or None.

    Bulk files name it only in their tab of portfolios.
    """
    codes = codes_named(tables)
    return codes.pop() if len(codes) == 1 else None


def codes_named(tables: Sequence[RawTable]) -> set[str]:
    """Return the currency codes in the columns of currency codes that the tables have."""
    codes: set[str] = set()
    for table in tables:
        for at, header in enumerate(table.header):
            if normalise(header) in ("budgetcurrencycode", "currencycode"):
                codes |= set(_codes(table.frame.to_series(at).unique()).drop_nulls())
    return codes


def _codes(cells: pl.Series) -> pl.Series:
    upper = pl.col("cell").str.normalize("NFKC").str.strip_chars().str.to_uppercase()
    of_signs = upper.replace_strict(_signs(), default=None, return_dtype=pl.String)
    of_codes = pl.when(upper.str.contains(r"^[A-Z]{3}$")).then(upper)
    return cells.to_frame("cell").select(pl.coalesce(of_signs, of_codes)).to_series()


@cache
def _signs() -> dict[str, str]:
    text = files("admatch.reports").joinpath("currency_signs.toml").read_text("utf-8")
    return tomllib.loads(text)
