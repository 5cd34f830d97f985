"""Suspect rows of a report, read beside its data, and settled once all rows are known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from admatch.errors import Problem
from admatch.messages import Message, say
from admatch.reports.findings import Findings
from admatch.reports.frames import TypedRows, typed_rows
from admatch.reports.identifiers import lost_digits
from admatch.reports.notices import ROWS_NAMED, RowProblems, cell_problem
from admatch.reports.parts import Part, Reading
from admatch.reports.periods import read_periods
from admatch.reports.ratios import RatioTally, tally_ratios
from admatch.reports.rows import RowKind
from admatch.reports.suspect_rows import COMPARED, Group, Suspect, Suspects
from admatch.reports.suspects import has_total_word
from admatch.reports.suspicious import contradictions
from admatch.reports.totals import TotalKind, Totals, differences, find_totals

# a cell that other rows have in these columns is a name, though it may hold a word for a total
_NAMES = ("portfolio", "currency", "marketplace", "campaign", "ad_group", "targeting", "match_type")


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """The data of a report, the suspects among it, and the totals that are not.

    ``further`` are the suspects that turned out to be data; ``sums`` are those that the file's own
    total is compared with.
    """

    frame: pl.DataFrame
    findings: Findings
    totals: Totals
    further: pl.DataFrame
    sums: pl.DataFrame

    def without(self, rows: pl.Series) -> "Settled":
        """Return it with sums that lack ``rows``, which count the clicks of others.

        Where the file's own total counts them too, its sums stay.
        """
        if not len(rows) or self.totals.fitting is not None:
            return self
        counted = self.frame.filter(~self.frame["row"].is_in(rows.implode()))
        sums = counted.select(pl.col(COMPARED).sum())
        totals = self.totals.compared_with(_figures(sums)[0], len(counted))
        return replace(self, totals=totals, sums=sums)


def read_suspects(
    part: Part, reading: Reading, data: pl.DataFrame
) -> tuple[Suspects, dict[str, RatioTally]]:
    """Return the suspects of a part, with the sums of its ``data`` above each of them.

    The second value compares the ratios of those that lack nothing: they are data as a rule.
    """
    sums, rows = _Sums.of(data), part.suspects
    groups = len(part.sheet.shape.groups) + 1
    ends = sums.running[-1], len(data), groups, sums.group(0), sums.group(len(data) - 1)
    if not rows.cells.height:
        return Suspects(data.clear(), (), *ends), {}
    # parts of conversions are rounded among the suspects alone, and not in what may be a total
    figures = part.figures_of(rows)
    measures = figures.read(reading.writing)
    shown = measures.values.with_columns(**figures.unrounded(reading.writing))
    periods = read_periods(part.sheet.table, rows, reading.day_order)
    typed = typed_rows(part.sheet, rows, measures, periods)
    compared = part.is_placed & typed.is_good
    ratios = tally_ratios(measures.values.filter(compared), rows.filter(compared), reading.ratios)
    return Suspects(typed.frame, _suspects(part, typed, shown, sums), *ends), ratios


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Rows of data with the sums above each, and how many are above the campaign of each."""

    data: pl.DataFrame
    running: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, data: pl.DataFrame) -> "_Sums":
        running = np.vstack([np.zeros(len(COMPARED)), _figures(data).cumsum(axis=0)])
        campaigns = data["campaign"].fill_null(data["campaign_id"])
        begins = campaigns.ne_missing(campaigns.shift(1)).to_numpy()
        starts = np.maximum.accumulate(np.where(begins, np.arange(len(begins)), 0))
        return cls(data, running, starts.astype(np.int64))

    def group(self, at: int) -> Group | None:
        """Return the group of the row ``at``; None where there is no data."""
        if not len(self.data):
            return None
        campaign = self.data["campaign"][at] or self.data["campaign_id"][at]
        rows = int(self.starts[at])
        return Group(campaign, self.running[rows], rows)


def _suspects(
    part: Part, typed: TypedRows, shown: pl.DataFrame, sums: _Sums
) -> tuple[Suspect, ...]:
    """Return the suspects of a part, which has the figures ``shown``."""
    rows, bad = part.suspects, ~typed.is_good
    absent = [pl.lit(None, pl.Float64).alias(name) for name in COMPARED if name not in shown]
    figures = shown.with_columns(*absent).select(pl.col(COMPARED).cast(pl.Float64)).to_numpy()
    above = np.searchsorted(sums.data["row"].to_numpy(), rows.rows.to_numpy())
    starts = np.concatenate([[0], sums.starts]).astype(np.int64)[above]
    labels = _labels(part, sums.data)
    words = has_total_word(pl.Series([" | ".join(one) for one in labels], dtype=pl.String))
    lacking = part.sheet.shape.lacking(rows)
    damaged = {name: dict(found.iter_rows()) for name, found in typed.damaged_ids.items()}
    return tuple(
        Suspect(
            row=rows.rows[at],
            label=next(iter(labels[at]), ""),
            lacks=frozenset(name for name in lacking.columns if lacking[name][at]),
            is_placed=part.is_placed[at],
            has_word=words[at],
            figures=figures[at],
            above=sums.running[above[at]],
            rows=int(above[at]),
            group=sums.running[starts[at]],
            group_rows=int(starts[at]),
            damaged_ids={
                name: ids[rows.rows[at]] for name, ids in damaged.items() if rows.rows[at] in ids
            },
            problem=cell_problem(part.table.path, typed.bad, rows, at) if bad[at] else None,
        )
        for at in range(rows.cells.height)
    )


def settle(
    findings: Findings,
    data: pl.DataFrame,
    join: Callable[[list[pl.DataFrame]], pl.DataFrame],
) -> Settled:
    """Return the data with the suspects that are data too, joined by ``join``, and the totals."""
    found = findings.suspects
    totals = find_totals(found, some_unread=findings.unreadable.count > 0)
    others = [one for one in found.suspects if one not in totals]
    unread = [one.problem for one in others if one.problem is not None]
    rows = [one.row for one in others if one.problem is None]
    further = found.frame.filter(pl.col("row").is_in(rows))
    frame = join([data, further]) if rows else data
    suspicious = contradictions(further)
    settled = replace(
        findings,
        rows=findings.rows + len(further),
        nameless_currency=findings.nameless_currency + further["currency"].null_count(),
        nameless_campaign=findings.nameless_campaign + _without_campaign(further, data),
        left_out=findings.left_out | {RowKind.TOTAL: _total_rows(findings.path, found, totals)},
        unreadable=findings.unreadable + RowProblems(tuple(unread[:ROWS_NAMED]), len(unread)),
        damaged_ids={
            name: ids + _damaged_ids(findings.path, name, others)
            for name, ids in findings.damaged_ids.items()
        },
        suspicious={kind: one + suspicious[kind] for kind, one in findings.suspicious.items()},
    )
    return Settled(frame, settled, totals, further, frame.select(pl.col(COMPARED).sum()))


def _damaged_ids(path: Path, name: str, suspects: list[Suspect]) -> RowProblems:
    """Return the IDs of a column that lost digits in ``suspects``."""
    found = [(one.row, one.damaged_ids[name]) for one in suspects if name in one.damaged_ids]
    columns = {"row": pl.Int64, "value": pl.String}
    return lost_digits(path, name, pl.DataFrame(found, columns, orient="row"))


def _without_campaign(rows: pl.DataFrame, data: pl.DataFrame) -> int:
    """Return how many of ``rows`` name no campaign, though others, or ``data``, do."""
    missing = rows["campaign"].null_count()
    named = rows.height + data.height - missing - data["campaign"].null_count()
    return missing if named else 0


def _total_rows(path: Path, found: Suspects, totals: Totals) -> RowProblems:
    rows = [one for one in found.suspects if one in totals]
    remedy = say("reports.rows.left_out")
    first = tuple(
        Problem(path, _sentence(one, totals), remedy, row=one.row, value=one.label)
        for one in rows[:ROWS_NAMED]
    )
    return RowProblems(first, len(rows))


def _sentence(one: Suspect, totals: Totals) -> Message:
    if totals.kinds[one.row] is TotalKind.NAMELESS:
        return say("reports.rows.nameless")
    if one.row in totals.summed:
        return say("reports.rows.sum", n=totals.summed[one.row])
    return say("reports.rows.total")


def _figures(data: pl.DataFrame) -> np.ndarray:
    return data.select(pl.col(COMPARED).cast(pl.Float64).fill_null(0.0)).to_numpy()


def _labels(part: Part, data: pl.DataFrame) -> list[list[str]]:
    """Return the cells of each suspect that are no names of other rows, texts before numbers."""
    named = {
        part.sheet.found.columns[name]: set(part.suspects.cells[name]) & set(data[name].unique())
        for name in _NAMES
        if name in part.sheet.found.columns and name in data.columns
    }
    found = []
    for line in part.table.frame.filter(part.is_suspect).iter_rows():
        cells = [
            cell
            for column, cell in enumerate(line)
            if cell is not None and cell not in named.get(column, ())
        ]
        found.append(sorted(cells, key=lambda cell: not any(map(str.isalpha, cell))))
    return found


def total_notices(path: Path, headers: dict[str, str], settled: Settled) -> Iterator[Problem]:
    """Yield a problem for each figure of the file's own total that its rows do not add up to."""
    own = settled.totals.own
    if own is None:
        return
    for name, total, right in differences(own, _figures(settled.sums)[0], settled.findings.rows):
        if name in headers:
            what = say("reports.totals.differ", total=f"{total:g}", sum=f"{right:g}")
            remedy = say("reports.totals.rows_missing")
            yield Problem(path, what, remedy, row=own.row, column=headers[name])
