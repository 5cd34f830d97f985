"""The figures of a table of Amazon's other reports, read from text cells."""

from dataclasses import dataclass

import polars as pl

from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.reports.rows import Columns
from admatch.tables.numbers import (
    DecimalSign,
    NumberCells,
    Numbers,
    SignEvidence,
    decide_sign,
    is_canonical,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Columns by our names, and for each a Boolean one, true where the cell is not a number.

    A share is 0 … 1. Counts below zero are ``bad`` too.
    """

    values: pl.DataFrame
    bad: pl.DataFrame


def read_figures(
    columns: Columns, wanted: dict[str, pl.DataType], file: str, *, typed: bool
) -> Figures:
    """Return the ``wanted`` columns that the table has; the others are null.

    Raises ``InputError`` where nothing decides what a comma means.
    """
    have = {name: dtype for name, dtype in wanted.items() if name in columns.cells.columns}
    parts = {name: NumberCells(columns.cells[name]) for name in have}
    evidence = {name: _evidence(part, have[name], typed) for name, part in parts.items()}
    values, bad = [], []
    for name, dtype in wanted.items():
        if name not in parts:
            values.append(pl.Series(name, [None], dtype).new_from_index(0, len(columns.rows)))
            continue
        sign = _sign(name, evidence, columns, file)
        found = parts[name].counts(sign) if dtype == pl.Int64 else parts[name].floats(sign)
        found = _plausible(name, found, columns.cells[name])
        values.append(found.values.cast(dtype).alias(name))
        bad.append(found.bad.alias(name))
    return Figures(pl.DataFrame(values), pl.DataFrame(bad))


def _evidence(part: NumberCells, dtype: pl.DataType, typed: bool) -> SignEvidence:
    if typed and is_canonical(part.cells):
        fraction = part.cells.filter(part.cells.str.contains(r"\.\d").fill_null(False)).head(1)
        return SignEvidence(point=fraction[0]) if len(fraction) else SignEvidence()
    return part.evidence(counts=dtype == pl.Int64)


def _sign(name: str, evidence: dict[str, SignEvidence], columns: Columns, file: str) -> DecimalSign:
    others = [one for other, one in evidence.items() if other != name]
    where = say("tables.numbers.column", file=file, column=shorten(columns.headers[name]))
    return decide_sign(evidence[name], others, where=where)


def _plausible(name: str, found: Numbers, cells: pl.Series) -> Numbers:
    """Return the numbers with those below zero marked as bad, and shares as 0 … 1."""
    values = found.values
    if _is_share(name) and name[-1] != "0" and not cells.str.contains("%", literal=True).any():
        values = _share(name, values)
    wrong = (values < 0).fill_null(False)
    if _is_share(name):
        wrong = wrong | (values > 1 + 1e-9).fill_null(False)
    return Numbers(values.set(wrong, None), found.bad | wrong)


def _share(name: str, values: pl.Series) -> pl.Series:
    """Return shares of 1; Brand Analytics writes 8.44 for 8.44 %, workbooks write 0.97 for 97 %."""
    most = values.max()
    if name == "time_in_budget" and (not isinstance(most, float) or most <= 1):
        return values
    return values / 100


def _is_share(name: str) -> bool:
    return "share" in name or name == "time_in_budget"


def refuse_without(frame: pl.DataFrame, file: str, what: str) -> None:
    """Raise ``InputError`` for a table without a row that can be used."""
    if not frame.height:
        raise InputError(say("reports.insights.no_rows", file=file, what=what))
