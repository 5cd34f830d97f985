"""``RawTable``: a table as its file holds it, every cell still text."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.messages import Message, say

_ROWS_NAMED = 5  # problems that name single rows; the rest of a kind is counted


@dataclass(frozen=True)
class RawTable:
    """One table (a file, or a sheet of a workbook) whose cells are text, null where empty.

    ``lines`` holds all lines from the top of the file, ``rows`` their numbers as a spreadsheet
    shows them (the first line of the file is row 1). ``header`` is the line ``header_at`` as it
    stands; ``frame`` holds the lines below it without blank ones, one String column per header,
    named "0", "1", …; ``frame_rows`` are their row numbers.

    ``typed`` is true where numbers and dates come from typed cells (xlsx, Parquet, JSON): they are
    canonical, ``1234.5`` and ``2025-03-01``, unless the cell was a text in its file.
    ``from_1904`` is true where days are numbered from 1904, as old workbooks of Macs do.
    ``is_cut`` is true where the last line of a text file stops before its end.
    ``read_problems`` are about the file itself; ``problems`` include rows wider than the header.
    """

    path: Path
    lines: pl.DataFrame
    rows: pl.Series
    sheet: str | None = None
    header_at: int = 0
    typed: bool = False
    hidden: bool = False
    is_cut: bool = False
    read_problems: tuple[Problem, ...] = ()
    from_1904: bool = False

    @classmethod
    def from_lines(
        cls,
        path: Path,
        lines: pl.DataFrame,
        *,
        first_row: int = 1,
        sheet: str | None = None,
        typed: bool = False,
        hidden: bool = False,
        is_cut: bool = False,
        problems: tuple[Problem, ...] = (),
    ) -> "RawTable":
        """Return the table of ``lines``, the first of which is row ``first_row``.

        Empty and blank cells become null; lines without any cell are left out.
        """
        named = lines.rename({old: str(at) for at, old in enumerate(lines.columns)})
        cells = _without_blanks(named)
        rows = pl.int_range(first_row, first_row + cells.height, eager=True).alias("row")
        empty = cells.select(pl.all_horizontal(pl.lit(True), pl.all().is_null())).to_series()
        if empty.any():
            cells, rows = cells.filter(~empty), rows.filter(~empty)
        return cls(path, cells, rows, sheet, 0, typed, hidden, is_cut, problems)

    @property
    def header(self) -> tuple[str, ...]:
        """The header cells as the file spells them; "" where a column has none."""
        cells = [cell or "" for cell in self.lines.row(self.header_at)] if self.lines.height else []
        while cells and not cells[-1]:
            cells.pop()
        return tuple(cells)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The lines below the header, with one column per header cell."""
        return self.lines[self.header_at + 1 :].select(self.lines.columns[: len(self.header)])

    @property
    def frame_rows(self) -> pl.Series:
        """The row number of every row of ``frame``, as a spreadsheet shows it."""
        return self.rows[self.header_at + 1 :]

    @property
    def preamble(self) -> tuple[tuple[str, ...], ...]:
        """The lines above the header, each as its non-empty cells."""
        above = self.lines[: self.header_at].iter_rows()
        return tuple(tuple(cell for cell in line if cell is not None) for line in above)

    def head(self, count: int) -> list[tuple[str, ...]]:
        """Return the first ``count`` lines, with "" for an empty cell, to find the header in."""
        return [tuple(cell or "" for cell in line) for line in self.lines[:count].iter_rows()]

    def with_header_at(self, line: int) -> "RawTable":
        """Return the same table with the header on the line ``line`` of ``lines``, from 0."""
        return replace(self, header_at=line)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of reading the file, and the rows that have more cells than the header."""
        return self.read_problems + self.overlong_problems(*self.overlong)

    @cached_property
    def overlong(self) -> tuple[tuple[Problem, ...], int]:
        """The first rows that have more cells than the header, and how many there are."""
        below = self.lines[self.header_at + 1 :]
        beyond = below.select(self.lines.columns[len(self.header) :])
        if not beyond.width:
            return (), 0
        cells = pl.concat_str(pl.all().fill_null(""), separator=" | ")
        long = beyond.select(row=self.frame_rows, value=cells).filter(
            ~beyond.select(pl.all_horizontal(pl.all().is_null())).to_series()
        )
        what = say("tables.raw.overlong", columns=len(self.header))
        first = tuple(
            Problem(self.path, what, self._overlong_remedy, row=row, value=value.strip(" |"))
            for row, value in long.head(_ROWS_NAMED).iter_rows()
        )
        return first, long.height

    def overlong_problems(self, first: tuple[Problem, ...], count: int) -> tuple[Problem, ...]:
        """Return the problems of ``count`` rows that are too long; the ``first`` are named."""
        if count <= _ROWS_NAMED:
            return first
        more = say("tables.raw.more_overlong", n=count - _ROWS_NAMED)
        return (*first[:_ROWS_NAMED], Problem(self.path, more, self._overlong_remedy))

    @property
    def _overlong_remedy(self) -> Message:
        # a cell of a workbook cannot spill over: it stands in a column without a header
        return say("tables.raw.give_header") if self.typed else say("tables.raw.quote_cells")


def _without_blanks(cells: pl.DataFrame) -> pl.DataFrame:
    """Return ``cells`` with null where there are only blanks.

    A cell that begins with a visible ASCII sign is not blank. Comparing takes a tenth of the time
    of stripping and leaves few columns to strip.
    """
    may_be_blank = ~pl.all().is_between(pl.lit("!"), pl.lit("~"))
    doubtful = cells.select(may_be_blank.any())
    names = [one.name for one in doubtful if doubtful.height and one[0]]
    filled = pl.col(names).str.strip_chars() != ""
    return cells.with_columns(pl.when(filled).then(pl.col(names))) if names else cells
