"""One cell's spelling of a number: its digits, sign, percent sign and power of ten."""

from enum import StrEnum
from functools import cache

import polars as pl

_NOTHING = r"(?i)^(?:-+|–|—|n/?a|nan|null|none)$"
# spreadsheets' own words: #REF!, #N/A, #NAME?, #WERT!, #¡REF!, #値!, Err:502 of LibreOffice, and
# ### for a column too narrow
ERROR_CELL = (
    r"^(?:#(?:[\p{Lu}\p{Lo}¡¿/_0]+[!?]|\p{Lu}/\p{Lu}(?: \p{Lu}/\p{Lu})?|NV|ND|BRAK|YOK|HIÁNYZIK|"
    r"GETTING_DATA|#{2,})|Err:5\d\d)$"
)
_MONEY = (
    r"(?:\p{L}{0,3}\.?\p{Sc}|\p{L}{1,4}\.?|"
    r"[\p{Arabic}\p{Hebrew}][\p{Arabic}\p{Hebrew}.\"״]{0,9})"
)
# the digits 0 of other scripts than Latin: Arabic, Persian, Devanagari, Bengali, Tamil, Thai
_ZEROS = (0x660, 0x6F0, 0x966, 0x9E6, 0xBE6, 0xE50)
_SCRIPTS = (
    *((chr(zero + digit), str(digit)) for zero in _ZEROS for digit in range(10)),
    *(("٫", "."), ("٬", ",")),
)
_FOREIGN = rf"[{''.join(chr(zero) + '-' + chr(zero + 9) for zero in _ZEROS)}٫٬]"
_MARKS = r"[\u{200e}\u{200f}\u{061c}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{200b}\u{feff}]"
# 1.2K and 3 Mio. are rounded: what was rounded off is not known
_SCALED = (
    r"(?i)[0-9]\s*(?:[kmb]|[mb]n|mm|mil|mio|mrd|tsd|lakhs?|lacs?|crs?|crores?|тыс|млн|万|萬|千|億|亿)"
    r"\.?\s*[-−)]*$"
)
_CELL = (
    rf"^(?P<open>\()?\s*(?P<minus>[-−])?\+?\s*%?\s*{_MONEY}?\s*(?:(?P<inner>[-−])|\+)?\s*"
    r"(?P<digits>[0-9][0-9.,]*|[.,][0-9]+)(?P<power>[eE][+-]?0*[0-9]{1,3})?"
    rf"\s*%?\s*{_MONEY}?\s*(?P<after>[-−])?\)?$"
)


class DecimalSign(StrEnum):
    """The sign before the decimals of a number."""

    POINT = "."
    COMMA = ","


def parse_spellings(cells: pl.Series, sign: DecimalSign) -> pl.DataFrame:
    """Return the value of each cell, null where it has none, and whether that is a fault."""
    read = take_apart(cells).select("filled", value=_value(sign))
    return read.select("value", bad=pl.col("value").is_null() & pl.col("filled"))


@cache
def _value(sign: DecimalSign) -> pl.Expr:
    digits = pl.col("digits")
    plain = digits.str.replace_all(thousands_sign(sign).value, "", literal=True).str.replace(
        sign.value, ".", literal=True
    )
    number = pl.concat_str(plain, pl.col("power").fill_null("")).cast(pl.Float64, strict=False)
    scaled = number * pl.when("negative").then(-1).otherwise(1)
    scaled = pl.when("percent").then(scaled / 100).otherwise(scaled)
    scaled = pl.when(scaled.is_finite()).then(scaled)  # 1e400 is more than a float can hold
    return pl.when(digits.str.contains(digit_shape(sign))).then(scaled)


def thousands_sign(sign: DecimalSign) -> DecimalSign:
    """Return the sign that separates thousands where ``sign`` stands before the decimals."""
    return DecimalSign.COMMA if sign is DecimalSign.POINT else DecimalSign.POINT


def digit_shape(sign: DecimalSign) -> str:
    """Return the pattern of digits with this decimal sign, with thousands grouped or not."""
    point, comma = "\\" + sign.value, "\\" + thousands_sign(sign).value
    grouped = rf"[1-9][0-9]{{0,2}}(?:{comma}[0-9]{{2,3}})*{comma}[0-9]{{3}}"
    return rf"^(?:[0-9]+|{grouped}|)(?:{point}[0-9]*)?$"


def take_apart(cells: pl.Series) -> pl.DataFrame:
    """Return each cell with its digits (null where it has no number), power of ten and marks."""
    frame = pl.DataFrame([cells.rename("cell"), in_latin(cells).rename("text")])
    matched = frame.with_columns(_tidied()).with_columns(
        parts=pl.col("text").str.extract_groups(_CELL)
    )
    return matched.select("cell", *_parts())


@cache
def _tidied() -> pl.Expr:
    """Return a text without what is no part of its number: ``="171"``, blanks, apostrophes."""
    text = pl.col("text").str.normalize("NFKC").str.strip_chars()
    text = text.str.replace(r'^="?(.*?)"?$', "${1}").str.strip_prefix("'")
    # blanks and apostrophes only separate thousands: 1 234 567,89 or 1'234
    for _ in range(2):
        text = text.str.replace_all(r"([0-9])[\s'’]([0-9]{3})", "${1}${2}")
    return text


@cache
def _parts() -> tuple[pl.Expr, ...]:
    text, part = pl.col("text"), pl.col("parts").struct.field
    something = text.str.len_bytes().fill_null(0) > 0
    nothing = text.str.contains(_NOTHING).fill_null(False)
    scaled = text.str.contains(_SCALED).fill_null(False)
    minus = [part(name).is_not_null() for name in ("open", "minus", "inner", "after")]
    return (
        (something & ~nothing).alias("filled"),
        pl.when(~scaled).then(part("digits")).alias("digits"),
        part("power"),
        pl.any_horizontal(minus).alias("negative"),
        text.str.contains("%", literal=True).alias("percent"),
    )


def in_latin(cells: pl.Series) -> pl.Series:
    """Return cells with Latin digits and without marks of the writing direction."""
    plain_text = pl.col(cells.name).str.replace_all(_MARKS, "")
    found = cells.to_frame().select(
        text=plain_text, foreign=plain_text.str.contains(_FOREIGN).fill_null(False)
    )
    text, foreign = found["text"], found["foreign"]
    if not foreign.any():
        return text
    digits = [foreign_digit for foreign_digit, _ in _SCRIPTS]
    plain = text.filter(foreign).str.replace_many(digits, [digit for _, digit in _SCRIPTS])
    return text.scatter(foreign.arg_true(), plain)
