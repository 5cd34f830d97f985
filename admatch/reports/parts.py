"""A report's rows, in parts or at once, and how the whole file is to be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from admatch.reports.formats import ReportFormat
from admatch.reports.measures import (
    AMOUNTS,
    COUNTS,
    RATIOS,
    FigureCells,
    FigureEvidence,
    Writing,
    find_writing,
)
from admatch.reports.periods import date_spellings
from admatch.reports.ratios import Shown, ratios_shown
from admatch.reports.rows import Columns, RowKind, classify_rows
from admatch.reports.suspects import RowShape, find_suspects, is_row
from admatch.tables.dates import DayOrder, find_order
from admatch.tables.header_table import Recognition, normalise
from admatch.tables.raw import RawTable


@dataclass(frozen=True, slots=True)
class Sheet:
    """A recognised table; ``label`` is the text of the column ``file``.

    ``table`` holds at least its top; ``currency`` is that of rows that do not name their own.
    """

    table: RawTable
    found: Recognition
    kind: ReportFormat
    label: str
    currency: str | None
    shape: RowShape

    @classmethod
    def of(
        cls,
        table: RawTable,
        found: Recognition,
        kind: ReportFormat,
        label: str,
        currency: str | None = None,
    ) -> "Sheet":
        """Return the sheet of a table, with the shape of its rows."""
        return cls(table, found, kind, label, currency, RowShape.of(Columns.of(table, found)))


class Part:
    """Some of a sheet's rows, in a table that has the sheet's header.

    ``above`` is the ``bottom`` of the part before, None for the first one; ``is_last`` says whether
    the table holds the sheet's last rows.
    """

    def __init__(
        self, sheet: Sheet, table: RawTable, *, above: Columns | None = None, is_last: bool = True
    ) -> None:
        self.sheet, self.table = sheet, table
        self.lines = Columns.of(table, sheet.found)
        lacking, placed = find_suspects(self.lines, sheet.shape, above=above, is_last=is_last)
        self.kinds = classify_rows(table, self.lines, lacking | placed, is_last=is_last)
        self.rows = self.lines.filter(self.kinds == RowKind.DATA.value)
        self.is_suspect = self.kinds == RowKind.SUSPECT.value
        self.suspects = self.lines.filter(self.is_suspect)
        self.is_placed = placed.filter(self.is_suspect)

    @property
    def bottom(self) -> Columns:
        """The last rows with clicks, few enough to be kept."""
        return self.lines.filter(is_row(self.lines.cells)).tail(1)

    @cached_property
    def figures(self) -> FigureCells:
        """The cells of the data's figure columns."""
        return self.figures_of(self.rows)

    def figures_of(self, rows: Columns) -> FigureCells:
        """Return the cells of the figure columns of some rows."""
        names = [name for name in (*COUNTS, *AMOUNTS, *RATIOS) if name in rows.headers]
        micros = [name for name in names if normalise(rows.headers[name]).endswith("micros")]
        return FigureCells(rows.cells.select(names), typed=self.table.typed, micros=micros)


@dataclass(frozen=True, slots=True)
class SheetEvidence:
    """What rows show about how to read their file; the evidence of parts adds up."""

    figures: FigureEvidence
    dates: Mapping[str, pl.Series]
    ratios: Mapping[str, Shown]

    @classmethod
    def of(cls, part: Part) -> "SheetEvidence":
        """Return what the rows of ``part`` show."""
        found = cls(part.figures.evidence(), date_spellings(part.rows), ratios_shown(part.rows))
        if not part.is_placed.any():
            return found
        # suspects that lack nothing are data, as a rule
        rows = part.suspects.filter(part.is_placed)
        figures = part.figures_of(rows).evidence()
        return found + cls(figures, date_spellings(rows), ratios_shown(rows))

    def __add__(self, further: "SheetEvidence") -> "SheetEvidence":
        return SheetEvidence(
            self.figures + further.figures,
            {
                name: pl.concat([one, further.dates[name]]).unique(maintain_order=True)
                for name, one in self.dates.items()
            },
            {name: one + further.ratios[name] for name, one in self.ratios.items()},
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of a whole file are to be read."""

    writing: Writing
    day_order: DayOrder | None
    ratios: Mapping[str, Shown]


def decide(sheet: Sheet, evidence: SheetEvidence) -> Reading:
    """Return how to read the rows; raises ``InputError`` where there are two ways."""
    name = sheet.table.path.name
    writing = find_writing(evidence.figures, sheet.found.named, file=name)
    order = find_order(evidence.dates.values(), where=name)
    return Reading(writing, order, evidence.ratios)
