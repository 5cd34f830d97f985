"""Price cells → numbers and currencies."""

from pathlib import Path

import polars as pl

from admatch.catalog.row_problems import tell
from admatch.errors import InputError, Problem
from admatch.tables.numbers import (
    DecimalSign,
    decide_sign,
    is_canonical,
    parse_numbers,
    sign_evidence,
)

# A bare "$" or "¥" is the sign of several currencies and settles none.
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "US$": "USD", "C$": "CAD", "A$": "AUD", "zł": "PLN"}
_SIGN = r"(US\$|C\$|A\$|€|£|₹|zł)"
_CODE = r"\b([A-Z]{3})\b"


def read_prices(path: Path, cells: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return ``price`` and ``currency``, null where a cell has none, and the unreadable prices."""
    missing = [name for name in ("price", "currency") if name not in cells.columns]
    written = cells.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    currency = written.select(_currency()).to_series()
    try:
        numbers = parse_numbers(written["price"], _decimal_sign(path, written["price"]))
    except InputError as error:
        nothing = written.select(currency, pl.lit(None, pl.Float64).alias("price"))
        return nothing, [_mixed(path, error)]
    negative = (numbers.values < 0).fill_null(False)
    problems = tell(
        path,
        written.select("row", value="price").filter(numbers.bad | negative),
        "this is no price, so the product was read without one",
        "write a number like 12.99",
        column="price",
    )
    return pl.DataFrame([currency, numbers.values.set(negative, None)]), problems


def _decimal_sign(path: Path, written: pl.Series) -> DecimalSign:
    if is_canonical(written):
        return DecimalSign.POINT
    evidence = sign_evidence(written)
    if evidence.point is None and evidence.comma is None and evidence.unclear is not None:
        # "1,299" alone: prices have no three decimals, so the sign parts thousands
        return DecimalSign.POINT if "," in evidence.unclear else DecimalSign.COMMA
    return decide_sign(evidence, where=f"{path.name}, column 'price'")


def _currency() -> pl.Expr:
    """Return the currency of the currency column, else of the price cell."""
    price = pl.col("price")
    signed = price.str.extract(_SIGN).replace_strict(_SIGNS, default=None, return_dtype=pl.String)
    code = pl.col("currency").str.to_uppercase().str.extract(r"^([A-Z]{3})$")
    return pl.coalesce(code, price.str.extract(_CODE), signed).alias("currency")


def _mixed(path: Path, error: InputError) -> Problem:
    reason = str(error).partition(": ")[2].partition(";")[0]
    return Problem(
        path,
        f"no price was read, as {reason}",
        "write all prices alike, like 12.99",
        column="price",
    )
