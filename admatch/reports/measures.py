"""A report's figures (counts, amounts and the file's own ratios), read from text cells."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.tables.numbers import (
    DecimalSign,
    NumberCells,
    Numbers,
    SignEvidence,
    decide_sign,
    is_canonical,
)
from admatch.tables.threads import for_each

COUNTS = ("impressions", "clicks", "orders", "units", "units_promoted", "units_halo")
AMOUNTS = ("spend", "sales", "sales_promoted", "sales_halo")
RATIOS = ("ctr", "cpc", "acos", "roas", "conversion_rate", "purchase_rate")
_MILLION = 1e6
_PARTIAL = ("orders", "units")  # platforms that model conversions count fractions of one


@dataclass(frozen=True, slots=True)
class Measures:
    """Parsed columns by canonical name: counts Int64, amounts and ratios Float64.

    ``bad`` holds a Boolean column for each but the ratios, true where the cell is not a number.
    ``rounded`` names the counts that had fractions: they were rounded so that their running total
    stays the same; ``running`` has it unrounded. ``signs`` are the decimal signs of the columns.
    """

    values: pl.DataFrame
    bad: pl.DataFrame
    rounded: tuple[str, ...]
    signs: dict[str, DecimalSign]
    running: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FigureEvidence:
    """What cells show about how a file's figures are written.

    ``signs`` is by column; ``fractions`` has the counts that are not whole numbers if they are
    read with a certain decimal sign.
    """

    signs: dict[str, SignEvidence]
    fractions: frozenset[tuple[str, DecimalSign]]

    def __add__(self, further: "FigureEvidence") -> "FigureEvidence":
        signs = {name: one + further.signs[name] for name, one in self.signs.items()}
        return FigureEvidence(signs, self.fractions | further.fractions)


@dataclass(frozen=True, slots=True)
class Writing:
    """How a file's figures are written: decimal signs by column, and the counts to round."""

    signs: dict[str, DecimalSign]
    rounded: tuple[str, ...]


class FigureCells:
    """The text columns of figures, by our names, of a file or a part of it.

    ``micros`` are the columns that count in millionths of the currency.
    """

    def __init__(self, cells: pl.DataFrame, *, typed: bool, micros: Collection[str] = ()) -> None:
        self._typed = typed
        self._micros = frozenset(micros)
        self._rows = cells.height
        self._columns = {one.name: NumberCells(one) for one in cells}

    def evidence(self) -> FigureEvidence:
        """Return what the cells show about how they are written."""
        signs = for_each(self._columns, self._signs, rows=self._rows)
        partial = [name for name in _PARTIAL if name in self._columns]
        fractions = {
            (name, sign)
            for name in partial
            for sign in DecimalSign
            if self._columns[name].has_fractions(sign)
        }
        return FigureEvidence(signs, frozenset(fractions))

    def read(self, writing: Writing, running: Mapping[str, float] | None = None) -> Measures:
        """Return the figures; ``running`` are the unrounded totals of the parts before."""
        numbers = for_each(
            writing.signs, lambda name: self._numbers(name, writing), rows=self._rows
        )
        totals = dict(running or {})
        for name in writing.rounded:
            values, totals[name] = _round_running(numbers[name].values, totals.get(name, 0.0))
            numbers[name] = Numbers(values, numbers[name].bad)
        for name in self._micros & numbers.keys():
            numbers[name] = Numbers((numbers[name].values / _MILLION).round(6), numbers[name].bad)
        figures = [one.values.alias(name) for name, one in numbers.items()]
        bad = [one.bad.alias(name) for name, one in numbers.items() if name not in RATIOS]
        frames = pl.DataFrame(figures), pl.DataFrame(bad)
        return Measures(*frames, writing.rounded, writing.signs, totals)

    def unrounded(self, writing: Writing) -> dict[str, pl.Series]:
        """Return the parts of the counts that ``read`` rounds."""
        return {
            name: self._columns[name].floats(writing.signs[name]).values for name in writing.rounded
        }

    def _signs(self, name: str) -> SignEvidence:
        column, cells = self._columns[name], self._columns[name].cells
        if self._typed and is_canonical(cells):
            fraction = cells.filter(cells.str.contains(r"\.\d").fill_null(False)).head(1)
            if not len(fraction):
                return SignEvidence()
            if name not in COUNTS or name in _PARTIAL:
                return SignEvidence(point=fraction[0])
        return column.evidence(counts=name in COUNTS)

    def _numbers(self, name: str, writing: Writing) -> Numbers:
        column, sign = self._columns[name], writing.signs[name]
        if name in COUNTS and name not in writing.rounded:
            return column.counts(sign)
        return column.floats(sign)


def parse_measures(
    cells: pl.DataFrame, headers: Mapping[str, str], *, typed: bool, file: str
) -> Measures:
    """Return the figures in the text columns ``cells``, which have our names.

    ``headers`` gives the file's own header of each. The decimal sign is found per column, or from
    the other columns where one leaves it open. Raises ``InputError`` where none decides.
    """
    figures = FigureCells(cells, typed=typed)
    return figures.read(find_writing(figures.evidence(), headers, file=file))


def find_writing(found: FigureEvidence, headers: Mapping[str, str], *, file: str) -> Writing:
    """Return how to read all figures of a file; raises ``InputError`` where nothing decides."""
    signs = {}
    for name, own in found.signs.items():
        others = [evidence for other, evidence in found.signs.items() if other != name]
        where = say("tables.numbers.column", file=file, column=shorten(headers[name]))
        try:
            signs[name] = decide_sign(own, others, where=where)
        except InputError:
            if name not in RATIOS:  # they are only compared: unclear ones are skipped
                raise
    rounded = [name for name, sign in signs.items() if (name, sign) in found.fractions]
    return Writing(signs, tuple(rounded))


def _round_running(values: pl.Series, before: float) -> tuple[pl.Series, float]:
    """Return whole numbers whose running total is that of ``values``, rounded, and that total."""
    total = pl.concat([pl.Series([before]), values.fill_null(0).rename("")]).cum_sum()
    whole = total.round().diff()[1:].cast(pl.Int64)
    return whole.set(values.is_null(), None), float(total[-1])
