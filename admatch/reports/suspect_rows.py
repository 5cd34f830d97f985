"""The rows of a report that may be totals, with the sums of the data around them."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from admatch.errors import Problem

COMPARED = ("impressions", "clicks", "spend", "sales", "orders", "units")


@dataclass(frozen=True, slots=True)
class Suspect:
    """One row that may be a total.

    ``lacks`` are the groups of columns that it lacks, unlike most rows; ``is_placed`` is true for a
    row that lacks nothing but a term and only stands where totals do, or was filled down.
    ``has_word`` says that it holds a word for a total, and not as the name of a campaign.
    ``figures`` are those of ``COMPARED``, nan where a cell is empty; ``above`` are the sums of the
    data above it, ``rows`` how many rows those are; ``group`` and ``group_rows`` are the same above
    the campaign of the row above. ``damaged_ids`` are the IDs that lost digits, by column;
    ``problem`` is its first unreadable cell.
    """

    row: int
    label: str
    lacks: frozenset[str]
    is_placed: bool
    has_word: bool
    figures: np.ndarray
    above: np.ndarray
    rows: int
    group: np.ndarray
    group_rows: int
    damaged_ids: dict[str, str]
    problem: Problem | None

    def moved(self, sums: np.ndarray, rows: int) -> "Suspect":
        """Return it below ``rows`` further rows with these sums."""
        return replace(
            self,
            above=self.above + sums,
            rows=self.rows + rows,
            group=self.group + sums,
            group_rows=self.group_rows + rows,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one campaign below each other: the sums of all rows above it, and their number."""

    campaign: str | None
    above: np.ndarray
    rows: int


@dataclass(frozen=True, slots=True)
class Suspects:
    """All suspects of a part of a file, with the sums of its data; those of parts add up.

    ``frame`` holds the suspects as rows of a report, ``sums`` the figures of all data rows;
    ``first`` and ``last`` are the groups at both ends, None where there is no data.
    """

    frame: pl.DataFrame
    suspects: tuple[Suspect, ...]
    sums: np.ndarray
    rows: int
    groups: int  # how many groups of columns most rows fill, the search term among them
    first: Group | None
    last: Group | None

    def __add__(self, further: "Suspects") -> "Suspects":
        return Suspects(
            pl.concat([self.frame, further.frame]),
            (*self.suspects, *(self._below(one, further) for one in further.suspects)),
            self.sums + further.sums,
            self.rows + further.rows,
            self.groups,
            self.first or further.first,
            self._last(further),
        )

    def _goes_on(self, further: "Suspects") -> bool:
        """Return whether the last campaign is the first one of ``further`` too."""
        if self.last is None or further.first is None:
            return False
        return self.last.campaign == further.first.campaign

    def _below(self, one: Suspect, further: "Suspects") -> Suspect:
        moved = one.moved(self.sums, self.rows)
        is_below_last = one.group_rows == 0 and (one.rows == 0 or self._goes_on(further))
        if self.last is None or not is_below_last:
            return moved
        return replace(moved, group=self.last.above, group_rows=self.last.rows)

    def _last(self, further: "Suspects") -> Group | None:
        last = further.last
        if last is None or (last.rows == 0 and self._goes_on(further)):
            return self.last
        return replace(last, above=last.above + self.sums, rows=last.rows + self.rows)
