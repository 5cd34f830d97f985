"""Cells with numbers as people write them → floats and counts.

The cells themselves decide what a comma means: ``1,234`` may be 1234 or 1.234.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import polars as pl

from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.tables.spellings import DecimalSign as DecimalSign
from admatch.tables.spellings import digit_shape, parse_spellings, take_apart

_CANONICAL = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_AROUND = re.compile(r"([^0-9]*)[0-9.,]*[0-9]([^0-9]*)")
# money that has no decimals: yen, won, dong, rupiah, forint, pesos of Chile
_WHOLE_MONEY = r"(?i)[¥￥円₩₫원]|NT\$|\b(?:rp|ft|jpy|krw|vnd|idr|huf|clp)\b|rp[.0-9]"
_SAMPLE = 1000
_LARGEST = 2**53  # counts beyond it are not whole as floats


@dataclass(frozen=True, slots=True)
class SignEvidence:
    """Example cells: one that needs a decimal point, one a comma, one that fits either."""

    point: str | None = None
    comma: str | None = None
    unclear: str | None = None

    def __add__(self, further: "SignEvidence") -> "SignEvidence":
        return SignEvidence(
            _least(self.point, further.point),
            _least(self.comma, further.comma),
            _least(self.unclear, further.unclear),
        )


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a column, null for empty cells and ``-``; ``bad`` marks the unreadable."""

    values: pl.Series
    bad: pl.Series


def is_canonical(cells: pl.Series) -> bool:
    """Return whether every cell is a plain number with a decimal point, as programs write them."""
    return bool(cells.str.contains(_CANONICAL).all())


def sign_evidence(cells: pl.Series, *, counts: bool = False) -> SignEvidence:
    """Return what the cells show about the decimal sign; a count has no decimals."""
    return NumberCells(cells).evidence(counts=counts)


def decide_sign(
    own: SignEvidence, others: Iterable[SignEvidence] = (), *, where: str
) -> DecimalSign:
    """Return a column's decimal sign, found in its own cells or else in the file's other columns.

    Raises ``InputError``, whose sentence begins with ``where`` ("report.csv, column 'Spend'"), if
    cells contradict one another or can be read both ways.
    """
    if (sign := _agreed(own, where)) is not None:
        return sign
    if own.unclear is None:
        return DecimalSign.POINT
    elsewhere = {sign for other in others if (sign := _agreed(other, where)) is not None}
    if len(elsewhere) == 1:
        return elsewhere.pop()
    raise InputError(say("tables.numbers.ambiguous", where=where, value=shorten(own.unclear)))


def parse_numbers(cells: pl.Series, sign: DecimalSign = DecimalSign.POINT) -> Numbers:
    """Return the floats in ``cells``: ``€1.234,56``, ``12.5%`` (0.125), ``(3.20)``, ``="171"``."""
    return NumberCells(cells).floats(sign)


class NumberCells:
    """A column of text cells: plain numbers are cast, each other spelling is parsed once.

    Nearly all cells of a report are plain without the column's own signs ($ before, % behind).
    Casting takes a tenth of the time of the patterns that understand everything.
    """

    def __init__(self, cells: pl.Series) -> None:
        self.cells = cells
        self._before, self._behind = _around(cells)

    def evidence(self, *, counts: bool = False) -> SignEvidence:
        """Return what the cells show about the decimal sign; a count has no decimals."""
        if counts:
            return _evidence(self._other(self._whole), counts=True)
        other = _evidence(self._other(self._plain), counts=False)
        plain = self.cells.head(_SAMPLE).filter(self._plain.head(_SAMPLE).is_not_null())
        found = other + _evidence(plain, counts=False)
        if found.point is None or found.comma is not None:  # then each cell counts, or is quoted
            return _evidence(self.cells, counts=False)
        return found

    def has_fractions(self, sign: DecimalSign) -> bool:
        """Return whether a number, read with ``sign``, is not whole."""
        others = self._other(self._whole)
        if not len(others):
            return False
        values = parse_spellings(others, sign)["value"]
        return bool((values != values.round()).any())

    def floats(self, sign: DecimalSign) -> Numbers:
        """Return the numbers, fractions or not."""
        plain = self._plain if sign is DecimalSign.POINT else self._cast(sign)
        return self._completed(plain, sign)

    def counts(self, sign: DecimalSign) -> Numbers:
        """Return the whole numbers as Int64; fractions are bad."""
        if len(self._other(self._whole)) == 0:
            return Numbers(self._whole, _nowhere(self.cells))
        numbers = self._completed(self._whole.cast(pl.Float64), sign)
        whole = (numbers.values == numbers.values.round()) & (numbers.values.abs() < _LARGEST)
        values = numbers.values.set(~whole.fill_null(False), None)
        bad = numbers.bad | (numbers.values.is_not_null() & values.is_null())
        return Numbers(values.cast(pl.Int64), bad)

    @cached_property
    def _whole(self) -> pl.Series:
        whole = self.cells.cast(pl.Int64, strict=False)
        return whole if (whole.abs() < _LARGEST).all() else whole.set(whole.abs() >= _LARGEST, None)

    @cached_property
    def _plain(self) -> pl.Series:
        return self._cast(DecimalSign.POINT)

    def _cast(self, sign: DecimalSign) -> pl.Series:
        """Return the plain numbers with this decimal sign, null where a cell is not one."""
        bare = self.cells.str.strip_prefix(self._before) if self._before else self.cells
        bare = bare.str.strip_suffix(self._behind) if self._behind else bare
        if sign is DecimalSign.COMMA:
            with_point = self.cells.str.contains(".", literal=True)
            bare = bare.str.replace(",", ".", literal=True).set(with_point, None)
        numbers = bare.cast(pl.Float64, strict=False)
        if "%" in self._behind:
            percent = self.cells.str.ends_with(self._behind)
            numbers = (numbers / 100).zip_with(percent, numbers)
        finite = numbers.is_finite()
        return numbers if finite.all() else numbers.set(~finite, None)

    def _other(self, plain: pl.Series) -> pl.Series:
        """Return the distinct spellings of the cells that are not in ``plain``."""
        if plain.null_count() == self.cells.null_count():
            return self.cells.clear()
        both = pl.DataFrame([self.cells.alias("cell"), plain.alias("plain")])
        is_other = pl.col("plain").is_null() & pl.col("cell").is_not_null()
        return both.select(pl.col("cell").filter(is_other).unique()).to_series()

    def _completed(self, plain: pl.Series, sign: DecimalSign) -> Numbers:
        """Return ``plain`` with the other cells parsed too."""
        spellings = self._other(plain)
        if not len(spellings):
            return Numbers(plain, _nowhere(plain))
        indices = (plain.is_null() & self.cells.is_not_null()).arg_true()
        parsed = spellings.to_frame("cell").hstack(parse_spellings(spellings, sign))
        every = (
            self.cells.gather(indices)
            .to_frame("cell")
            .join(parsed, on="cell", how="left", maintain_order="left")
        )
        bad = _nowhere(plain).scatter(indices.filter(every["bad"]), True)
        return Numbers(plain.clone().scatter(indices, every["value"]), bad)


def _around(cells: pl.Series) -> tuple[str, str]:
    """Return what stands before and behind the first number: ("$", "") or ("", " %")."""
    first = cells.head(_SAMPLE)
    first = first if first.null_count() < len(first) else cells.drop_nulls().head(_SAMPLE)
    matches = (_AROUND.fullmatch(cell) for cell in first.to_list() if cell is not None)
    found = next(filter(None, matches), None)
    if found is None:
        return "", ""
    before, behind = found.groups()
    return (before, behind) if _is_only_around(before, behind) else ("", "")


@lru_cache(maxsize=1000)
def _is_only_around(before: str, behind: str) -> bool:
    """Return whether a number between the two is read as just that number: not as .5 in kr.5."""
    read = take_apart(pl.Series([f"{before}5{behind}"])).row(0, named=True)
    is_number = read["digits"] == "5" and not read["negative"] and "%" not in before
    return is_number and not before[-1:].isalpha()


def _nowhere(cells: pl.Series) -> pl.Series:
    return pl.Series([False]).new_from_index(0, len(cells))


def _least(one: str | None, other: str | None) -> str | None:
    return min((cell for cell in (one, other) if cell is not None), default=None)


def _evidence(cells: pl.Series, *, counts: bool) -> SignEvidence:
    if not len(cells):
        return SignEvidence()
    found = take_apart(cells.unique()).drop_nulls("digits").sort("cell")
    return SignEvidence(**found.select(_examples(counts)).row(0, named=True))


@cache
def _examples(counts: bool) -> tuple[pl.Expr, ...]:
    """Return a cell that needs a decimal point, one that needs a comma, one that fits either."""
    as_point = pl.col("digits").str.contains(digit_shape(DecimalSign.POINT))
    as_comma = pl.col("digits").str.contains(digit_shape(DecimalSign.COMMA))
    either = as_point & as_comma & pl.col("digits").str.contains("[.,]")
    with_point = pl.col("digits").str.contains(".", literal=True)
    # what may part thousands or decimals parts thousands
    is_whole = either & (pl.lit(counts) | pl.col("cell").str.contains(_WHOLE_MONEY))
    reads_point = (as_point & ~as_comma) | (is_whole & ~with_point)
    reads_comma = (as_comma & ~as_point) | (is_whole & with_point)
    shown = {"point": reads_point, "comma": reads_comma, "unclear": either}
    return tuple(pl.col("cell").filter(one).first().alias(name) for name, one in shown.items())


def _agreed(evidence: SignEvidence, where: str) -> DecimalSign | None:
    if evidence.point is not None and evidence.comma is not None:
        point, comma = shorten(evidence.point), shorten(evidence.comma)
        raise InputError(say("tables.numbers.mixed", where=where, point=point, comma=comma))
    if evidence.point is not None:
        return DecimalSign.POINT
    return DecimalSign.COMMA if evidence.comma is not None else None
