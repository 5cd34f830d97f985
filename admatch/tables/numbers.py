"""Cells with numbers as people write them → floats and counts.

What a comma means is found from the cells themselves: ``1,234`` may be 1234 or 1.234.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from admatch.errors import InputError, shorten

_NOTHING = r"(?i)^(?:-+|–|—|n/?a|nan|null|none|#div/0!|#n/?a|#value!|#ref!)$"
_CANONICAL = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_MONEY = r"(?:\p{L}{0,3}\.?\p{Sc}|\p{L}{1,4}\.?)"
_CELL = (
    rf"^(?P<open>\()?\s*(?P<minus>[-−])?\+?\s*%?\s*{_MONEY}?\s*(?P<inner>[-−])?\s*"
    r"(?P<digits>[0-9][0-9.,]*|[.,][0-9]+)(?P<power>[eE][+-]?[0-9]{1,3})?"
    rf"\s*%?\s*{_MONEY}?\s*(?P<after>[-−])?\)?$"
)


class DecimalSign(StrEnum):
    """What stands before the decimals."""

    POINT = "."
    COMMA = ","


@dataclass(frozen=True, slots=True)
class SignEvidence:
    """Example cells that can only be read with a decimal point, a comma, or with either."""

    point: str | None = None
    comma: str | None = None
    unclear: str | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a column, null where a cell is empty or ``-``; ``bad`` marks unreadable."""

    values: pl.Series
    bad: pl.Series


def is_canonical(cells: pl.Series) -> bool:
    """Tell whether every cell is a plain number with a decimal point, as programs write them."""
    return bool(cells.drop_nulls().str.contains(_CANONICAL).all())


def sign_evidence(cells: pl.Series, *, counts: bool = False) -> SignEvidence:
    """Return what the cells say about the decimal sign; a count has no decimals."""
    found = _pieces(cells.drop_nulls().unique()).drop_nulls("digits").sort("cell")
    as_point = pl.col("digits").str.contains(_shape(DecimalSign.POINT))
    as_comma = pl.col("digits").str.contains(_shape(DecimalSign.COMMA))
    either = as_point & as_comma & pl.col("digits").str.contains("[.,]")
    with_point = pl.col("digits").str.contains(".", literal=True)
    reads_point, reads_comma = as_point & ~as_comma, as_comma & ~as_point
    if counts:
        # what may part thousands or decimals parts thousands
        reads_point, reads_comma = (
            reads_point | (either & ~with_point),
            reads_comma | (either & with_point),
        )
    examples = [
        found.filter(condition)["cell"].first() for condition in (reads_point, reads_comma, either)
    ]
    return SignEvidence(*(None if cell is None else str(cell) for cell in examples))


def decide_sign(
    own: SignEvidence, others: Iterable[SignEvidence] = (), *, where: str
) -> DecimalSign:
    """Return the decimal sign of a column, by its own cells or else by the file's other columns.

    ``where`` ("report.csv, column 'Spend'") begins the sentence of the ``InputError`` raised
    where cells contradict one another or can be read both ways.
    """
    if (sign := _agreed(own, where)) is not None:
        return sign
    if own.unclear is None:
        return DecimalSign.POINT
    elsewhere = {sign for other in others if (sign := _agreed(other, where)) is not None}
    if len(elsewhere) == 1:
        return elsewhere.pop()
    raise InputError(
        f"{where}: '{shorten(own.unclear)}' may be a thousand or a decimal fraction and nothing "
        "else in the file tells; write a number with two decimals, like 1234.50 or 1234,50"
    )


def parse_numbers(cells: pl.Series, sign: DecimalSign = DecimalSign.POINT) -> Numbers:
    """Return the floats in ``cells``: ``€1.234,56``, ``12.5%`` (0.125), ``(3.20)``, ``="171"``."""
    if sign is DecimalSign.POINT and is_canonical(cells):
        return Numbers(cells.cast(pl.Float64), pl.repeat(False, len(cells), eager=True))
    # figures repeat: each spelling is parsed once
    spellings = cells.unique().to_frame("cell")
    parsed = spellings.hstack(_parse(spellings["cell"], sign))
    every = cells.to_frame("cell").join(
        parsed, on="cell", how="left", maintain_order="left", nulls_equal=True
    )
    return Numbers(every["value"].rename(cells.name), every["bad"])


def _parse(cells: pl.Series, sign: DecimalSign) -> pl.DataFrame:
    """Return the value of each cell, null where it has none, and whether it should have one."""
    digits = pl.col("digits")
    plain = digits.str.replace_all(_other(sign).value, "", literal=True).str.replace(
        sign.value, ".", literal=True
    )
    number = pl.concat_str(plain, pl.col("power").fill_null("")).cast(pl.Float64, strict=False)
    scaled = number * pl.when("negative").then(-1).otherwise(1)
    scaled = pl.when("percent").then(scaled / 100).otherwise(scaled)
    read = _pieces(cells).select(
        "filled", value=pl.when(digits.str.contains(_shape(sign))).then(scaled)
    )
    return read.select("value", bad=pl.col("value").is_null() & pl.col("filled"))


def parse_counts(cells: pl.Series, sign: DecimalSign = DecimalSign.POINT) -> Numbers:
    """Return the whole numbers in ``cells`` as Int64; a fraction is bad."""
    numbers = parse_numbers(cells, sign)
    whole = (numbers.values == numbers.values.round()) & (numbers.values.abs() < 2**53)
    values = numbers.values.set(~whole.fill_null(False), None)
    bad = numbers.bad | (numbers.values.is_not_null() & values.is_null())
    return Numbers(values.cast(pl.Int64), bad)


def _other(sign: DecimalSign) -> DecimalSign:
    return DecimalSign.COMMA if sign is DecimalSign.POINT else DecimalSign.POINT


def _shape(sign: DecimalSign) -> str:
    """Return the pattern of digits with this decimal sign, thousands parted (1,23,456) or not."""
    point, comma = "\\" + sign.value, "\\" + _other(sign).value
    grouped = rf"[1-9][0-9]{{0,2}}(?:{comma}[0-9]{{2,3}})*{comma}[0-9]{{3}}"
    return rf"^(?:[0-9]+|{grouped}|)(?:{point}[0-9]*)?$"


def _agreed(evidence: SignEvidence, where: str) -> DecimalSign | None:
    if evidence.point is not None and evidence.comma is not None:
        raise InputError(
            f"{where}: '{shorten(evidence.point)}' has a decimal point and "
            f"'{shorten(evidence.comma)}' a decimal comma; write all numbers of the file alike"
        )
    if evidence.point is not None:
        return DecimalSign.POINT
    return DecimalSign.COMMA if evidence.comma is not None else None


def _pieces(cells: pl.Series) -> pl.DataFrame:
    """Return each cell with its digits (null where it has no number), power of ten and marks."""
    text = pl.col("cell").str.normalize("NFKC").str.strip_chars()
    text = text.str.replace(r'^="?(.*?)"?$', "${1}")
    # blanks and apostrophes part thousands only: 1 234 567,89 or 1'234
    text = text.str.replace_all(r"([0-9])[\s'’]([0-9]{3})", "${1}${2}").str.replace_all(
        r"([0-9])[\s'’]([0-9]{3})", "${1}${2}"
    )
    frame = cells.to_frame("cell").with_columns(text=text)
    something = pl.col("text").str.len_bytes().fill_null(0) > 0
    nothing = pl.col("text").str.contains(_NOTHING).fill_null(False)
    parts = pl.col("text").str.extract_groups(_CELL)
    return (
        frame.with_columns(filled=something & ~nothing, parts=parts)
        .unnest("parts")
        .select(
            "cell",
            "filled",
            "digits",
            "power",
            negative=pl.any_horizontal(pl.col("open", "minus", "inner", "after").is_not_null()),
            percent=pl.col("text").str.contains("%", literal=True),
        )
    )
