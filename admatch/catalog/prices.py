"""Price cells → numbers and currencies."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.catalog.identity import MADE
from admatch.catalog.row_problems import row_problems
from admatch.errors import Problem, shorten
from admatch.messages import say
from admatch.tables.numbers import (
    DecimalSign,
    SignEvidence,
    decide_sign,
    is_canonical,
    parse_numbers,
    sign_evidence,
)

# A bare "$" or "¥" is the sign of several currencies and decides none.
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "US$": "USD", "C$": "CAD", "A$": "AUD", "zł": "PLN"}
_SIGN = r"(US\$|C\$|A\$|€|£|₹|zł)"
_FEW = 2  # prices of which one may well be the others' sum
_CENT = 0.005
_CODE = r"\b([A-Z]{3})\b"


def read_prices(path: Path, cells: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return ``price`` and ``currency``, null where a cell has none, and the unreadable prices."""
    missing = [name for name in ("price", "currency") if name not in cells.columns]
    written = cells.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    currency = written.select(_currency()).to_series()
    values, problems = read_amounts(path, written.select("row", value="price"), "price")
    return pl.DataFrame([currency, values.alias("price")]), problems


def read_amounts(path: Path, cells: pl.DataFrame, column: str) -> tuple[pl.Series, list[Problem]]:
    """Return the amounts of ``value``, null where a cell has none, and the unreadable ones."""
    canonical = is_canonical(cells["value"])
    evidence = SignEvidence() if canonical else sign_evidence(cells["value"])
    if evidence.point is not None and evidence.comma is not None:
        nothing = pl.repeat(None, cells.height, dtype=pl.Float64, eager=True)
        return nothing, [_mixed(path, evidence.point, evidence.comma, column)]
    numbers = parse_numbers(cells["value"], _decimal_sign(evidence, column))
    negative = (numbers.values < 0).fill_null(False)
    what = say("catalog.prices.unreadable")
    if column != "price":
        what = say("catalog.prices.no_amount")
    problems = row_problems(
        path,
        cells.filter(numbers.bad | negative),
        what,
        say("catalog.prices.write_number"),
        column=column,
    )
    return numbers.values.set(negative, None), problems


@dataclass(frozen=True, slots=True)
class Totals:
    """Which ``rows`` only add up the others, and the problems that say so."""

    rows: pl.Series
    problems: list[Problem]


def total_rows(path: Path, cells: pl.DataFrame, prices: pl.Series) -> Totals:
    """Return the first or last row if it has no ID of its own and the sum of all other prices."""
    found = pl.repeat(False, cells.height, eager=True)
    if prices.count() <= _FEW:
        return Totals(found, [])
    for at in (0, cells.height - 1):
        price = prices[at]
        made = str(cells["product_id"][at]).startswith(MADE)
        if made and price and abs(2 * price - prices.sum()) < _CENT:
            found = (pl.int_range(cells.height, eager=True) == at).alias("total")
            what = say("catalog.prices.total")
            value = cells["title"][at]
            row = cells["row"][at]
            problem = Problem(path, what, say("catalog.identity.nothing_lost"), row, value=value)
            return Totals(found, [problem])
    return Totals(found, [])


def currency_of(column: str) -> pl.Expr:
    """Return the currency that an amount's own cell names, or null."""
    cell = pl.col(column)
    signed = cell.str.extract(_SIGN).replace_strict(_SIGNS, default=None, return_dtype=pl.String)
    return pl.coalesce(cell.str.extract(_CODE), signed)


def _decimal_sign(evidence: SignEvidence, column: str) -> DecimalSign:
    if evidence.point is None and evidence.comma is None and evidence.unclear is not None:
        # "1,299" alone: no price has three decimals, so the sign separates thousands
        return DecimalSign.POINT if "," in evidence.unclear else DecimalSign.COMMA
    return decide_sign(evidence, where=column)


def _currency() -> pl.Expr:
    """Return the currency of the currency column, or else of the price cell."""
    code = pl.col("currency").str.to_uppercase().str.extract(r"^([A-Z]{3})$")
    return pl.coalesce(code, currency_of("price")).alias("currency")


def _mixed(path: Path, point: str, comma: str, column: str) -> Problem:
    what = say("catalog.prices.mixed", point=shorten(point), comma=shorten(comma))
    return Problem(path, what, say("catalog.prices.write_alike"), column=column)
