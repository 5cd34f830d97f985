"""Which suspect rows are totals: by their words, and by the sums that their figures are."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from admatch.reports.suspect_rows import COMPARED, Suspect, Suspects

_AMOUNTS = ("spend", "sales")
_CENT = 0.005  # every row may have been rounded to the cent
_NEAR = 5  # totals are of rows up to this many suspects away, or of all rows
_SHARE = 0.05  # more rows without names than this are data whose names were not repeated
_FEW = 3  # rows that must add up to a total that only its figures and place show, or its gaps


_Bound = tuple[np.ndarray, int]  # sums of the rows above some line, and how many rows those are


class TotalKind(StrEnum):
    """Why a row is a total: the words in it, its figures, or that it names nothing at all."""

    NAMED = "named"
    SUM = "sum"
    NAMELESS = "nameless"


@dataclass(frozen=True, slots=True)
class Totals:
    """The suspects that are totals, with why; ``own`` is the one that should be of all rows.

    ``own`` is None where a total fits, or where no total is of all rows; ``fitting`` is the total
    that is the sum of all rows.
    """

    kinds: dict[int, TotalKind] = field(default_factory=dict)  # by row number
    summed: dict[int, int] = field(default_factory=dict)  # how many rows a sum is of
    own: Suspect | None = None
    fitting: Suspect | None = None

    def __contains__(self, suspect: Suspect) -> bool:
        return suspect.row in self.kinds

    def compared_with(self, sums: np.ndarray, rows: int) -> "Totals":
        """Return the totals with ``own`` as the fitting one if it is ``sums``, of ``rows`` rows."""
        if self.own is None or not _equal(self.own, sums, rows):
            return self
        return replace(self, own=None, fitting=self.own)


def find_totals(found: Suspects, *, some_unread: bool = False) -> Totals:
    """Return the suspects that are totals; ``some_unread`` says that sums may lack some rows."""
    lacking = [one for one in found.suspects if not one.is_placed]
    kinds, summed = _placed_totals(found)
    data = _Lines([one for one in found.suspects if one.is_placed and one.row not in kinds])
    count, everything = found.rows + len(data.rows), found.sums + data.sums[-1]
    bounds = [data.above(one) for one in lacking]
    for at, one in enumerate(lacking):
        rows = _summed(one, at, [*bounds, (everything, count)])
        if rows:
            summed[one.row] = rows
        if one.has_word:
            kinds[one.row] = TotalKind.NAMED
        elif rows > 1 or (rows and ("campaign" in one.lacks or len(one.lacks) >= _FEW)):
            kinds[one.row] = TotalKind.SUM
    others = [one for one in lacking if one.row not in kinds]
    summaries = [one for one in others if _is_summary(one, found.groups)]
    kinds |= {one.row: TotalKind.NAMELESS for one in summaries}
    nameless = [one for one in others if _is_nameless(one, found.groups)]
    if len(nameless) <= max(_FEW, _SHARE * count):
        kinds |= {one.row: TotalKind.NAMELESS for one in nameless}
    if some_unread:
        covering = [one for one in others if _covers(one, data)]
        kinds |= {one.row: TotalKind.NAMELESS for one in covering}
    fitting = [one for one in found.suspects if summed.get(one.row, 0) >= max(count, 1)]
    if fitting:
        return Totals(kinds, summed, fitting=fitting[0])
    return Totals(kinds, summed, _own(lacking, kinds, summed, everything))


def _covers(one: Suspect, data: "_Lines") -> bool:
    """Return whether a row names at most its campaign and has all that the rows of that have."""
    here, rows = data.above(one)
    given = ~np.isnan(one.figures)
    if "term" not in one.lacks or len(one.lacks) < 2 or not given.any():
        return False
    return any(
        rows - first >= 2 and bool((one.figures >= here - start - _CENT)[given].all())
        for start, first in data.above_group(one)
    )


class _Lines:
    """Suspects that are data, from the top of the file on, with their running sums."""

    def __init__(self, suspects: Sequence[Suspect] = ()) -> None:
        self.rows: list[int] = []
        self.above_them: list[int] = []  # how many rows of data are above each
        self.sums = [np.zeros(len(COMPARED))]
        for one in suspects:
            self.append(one)

    def append(self, one: Suspect) -> None:
        """Add a suspect that stands below all others."""
        self.rows.append(one.row)
        self.above_them.append(one.rows)
        self.sums.append(self.sums[-1] + np.nan_to_num(one.figures))

    def above(self, one: Suspect) -> _Bound:
        """Return the sums of all data above a suspect, and how many rows those are."""
        at = bisect_left(self.rows, one.row)
        return one.above + self.sums[at], one.rows + at

    def above_group(self, one: Suspect) -> Iterator[_Bound]:
        """Yield the same above the campaign of the row above, where it may begin."""
        for find in (bisect_left, bisect_right):
            at = find(self.above_them, one.group_rows)
            yield one.group + self.sums[at], one.group_rows + at


def _placed_totals(found: Suspects) -> tuple[dict[int, TotalKind], dict[int, int]]:
    """Return the rows that are the sum of others, though they lack nothing but a term.

    They count as data until they are found to be a total, from the top of the file on.
    """
    placed = _Lines([one for one in found.suspects if one.is_placed])
    everything, count = found.sums + placed.sums[-1], found.rows + len(placed.rows)
    data = _Lines()
    starts: list[_Bound] = [(np.zeros(len(COMPARED)), 0)]
    summed: dict[int, int] = {}
    for one in found.suspects:
        here = data.above(one)
        if one.is_placed:
            others = everything - np.nan_to_num(one.figures), count - 1
            near = [starts[0], *data.above_group(one), *reversed(starts[-_NEAR:])]
            rows = _summed_by_placed(one, here, others, near)
            if not rows:
                data.append(one)
                continue
            summed[one.row] = rows
            everything, count = others
        starts.append(here)
    return dict.fromkeys(summed, TotalKind.SUM), summed


def _summed_by_placed(one: Suspect, here: _Bound, others: _Bound, starts: Sequence[_Bound]) -> int:
    """Return how many rows a row that lacks nothing is the sum of: all others, or those above."""
    fewest = 2 if one.has_word else _FEW
    if others[1] >= fewest and _equal(one, *others):
        return others[1]
    if one.lacks and np.count_nonzero(np.nan_to_num(one.figures)) >= _FEW:
        fewest = 2
    for start, first in starts:
        if here[1] - first >= fewest and _equal(one, here[0] - start, here[1] - first):
            return here[1] - first
    return 0


def _added(sums: np.ndarray, rows: Sequence[Suspect]) -> np.ndarray:
    for one in rows:
        sums = sums + np.nan_to_num(one.figures)
    return sums


def _own(
    suspects: Sequence[Suspect],
    kinds: dict[int, TotalKind],
    summed: dict[int, int],
    everything: np.ndarray,
) -> Suspect | None:
    """Return the first total that is of no rows that were found.

    Totals that add up to everything, like one for each currency, are none such.
    """
    totals = [one for one in suspects if kinds.get(one.row) is TotalKind.NAMED]
    unmatched = [one for one in totals if one.row not in summed]
    if len(unmatched) > 1 and np.allclose(_added(np.zeros_like(everything), unmatched), everything):
        return None
    of_all = [one for one in unmatched if "campaign" in one.lacks or len(totals) == 1]
    return of_all[0] if of_all else None


def _summed(one: Suspect, at: int, bounds: Sequence[_Bound]) -> int:
    """Return how many rows a suspect is the sum of: those above it, below it, or all; else 0."""
    here, rows = bounds[at]
    starts: list[_Bound] = [
        (np.zeros_like(here), 0),
        *reversed(bounds[max(0, at - _NEAR) : at]),
    ]
    for start, first in starts:
        if rows > first and _equal(one, here - start, rows - first):
            return rows - first
    for end, last in (bounds[-1], *bounds[at + 1 : at + 1 + _NEAR]):
        if last > rows and _equal(one, end - here, last - rows):
            return last - rows
    everything, count = bounds[-1]
    return count if count and _equal(one, everything, count) else 0


def _equal(one: Suspect, sums: np.ndarray, rows: int) -> bool:
    """Return whether a row's figures, those that it has, are these sums."""
    given = ~np.isnan(one.figures)
    figures = one.figures[given]
    if not len(figures) or not (figures != 0).any():
        return False
    slack = np.array([_slack(name, rows) for name in COMPARED])[given]
    is_whole = figures == np.round(figures)
    rounded = np.where(is_whole & np.isin(np.array(COMPARED)[given], _AMOUNTS), 0.5, 0.0)
    return bool((np.abs(figures - sums[given]) <= np.maximum(slack, rounded)).all())


def _slack(name: str, rows: int) -> float:
    if name in _AMOUNTS:
        return _CENT * (rows + 1)
    return 1.0 if name in ("orders", "units") else 0.0  # modelled conversions are rounded


def _is_nameless(one: Suspect, groups: int) -> bool:
    """Return whether a row has a label and figures, and nothing that says what it is about."""
    names_nothing = one.lacks - {"term"} and len(one.lacks - {"term"}) >= groups - 1
    is_blank = {"term", "campaign"} <= one.lacks or (groups == 1 and "term" in one.lacks)
    return bool(names_nothing or is_blank)


def _is_summary(one: Suspect, groups: int) -> bool:
    """Return whether a row has no term and names one thing at most, like a campaign."""
    return groups > _FEW and "term" in one.lacks and len(one.lacks) >= groups - 1


def differences(own: Suspect, sums: np.ndarray, rows: int) -> Iterator[tuple[str, float, float]]:
    """Yield each figure of a total that the sums of all rows do not have: name, total, sum."""
    for name, total, right in zip(COMPARED, own.figures, sums, strict=True):
        slack = max(_slack(name, rows), 1.0 if name not in _AMOUNTS else 0.0)
        if not np.isnan(total) and abs(total - right) > slack:
            yield name, float(total), float(right)
