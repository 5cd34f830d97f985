"""Price cells → numbers and currencies."""

from pathlib import Path

import polars as pl

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
_CODE = r"\b([A-Z]{3})\b"


def read_prices(path: Path, cells: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return ``price`` and ``currency``, null where a cell has none, and the unreadable prices."""
    missing = [name for name in ("price", "currency") if name not in cells.columns]
    written = cells.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    currency = written.select(_currency()).to_series()
    canonical = is_canonical(written["price"])
    evidence = SignEvidence() if canonical else sign_evidence(written["price"])
    if evidence.point is not None and evidence.comma is not None:
        nothing = written.select(currency, pl.lit(None, pl.Float64).alias("price"))
        return nothing, [_mixed(path, evidence.point, evidence.comma)]
    numbers = parse_numbers(written["price"], _decimal_sign(evidence))
    negative = (numbers.values < 0).fill_null(False)
    problems = row_problems(
        path,
        written.select("row", value="price").filter(numbers.bad | negative),
        say("catalog.prices.unreadable"),
        say("catalog.prices.write_number"),
        column="price",
    )
    return pl.DataFrame([currency, numbers.values.set(negative, None)]), problems


def _decimal_sign(evidence: SignEvidence) -> DecimalSign:
    if evidence.point is None and evidence.comma is None and evidence.unclear is not None:
        # "1,299" alone: no price has three decimals, so the sign separates thousands
        return DecimalSign.POINT if "," in evidence.unclear else DecimalSign.COMMA
    return decide_sign(evidence, where="price")


def _currency() -> pl.Expr:
    """Return the currency of the currency column, or else of the price cell."""
    price = pl.col("price")
    signed = price.str.extract(_SIGN).replace_strict(_SIGNS, default=None, return_dtype=pl.String)
    code = pl.col("currency").str.to_uppercase().str.extract(r"^([A-Z]{3})$")
    return pl.coalesce(code, price.str.extract(_CODE), signed).alias("currency")


def _mixed(path: Path, point: str, comma: str) -> Problem:
    what = say("catalog.prices.mixed", point=shorten(point), comma=shorten(comma))
    return Problem(path, what, say("catalog.prices.write_alike"), column="price")
