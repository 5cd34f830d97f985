"""The tables of a file that a reader may take, and which of them it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from admatch.errors import Problem
from admatch.reports.formats import ReportFormat
from admatch.tables.header_table import Recognition
from admatch.tables.raw import RawTable


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A table, its header line found, and what its columns are."""

    table: RawTable
    found: Recognition
    kind: ReportFormat


def choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return those to read: the shown sheets that have rows, or else the first one."""
    shown = [one for one in candidates if not one.table.hidden] or list(candidates)
    return [one for one in shown if one.table.frame.height] or shown[:1]


def sheet_label(one: Candidate, chosen: Sequence[Candidate]) -> str:
    """Return what the column ``file`` says: the sheet's name too where several are read."""
    name = one.table.path.name
    return name if len(chosen) == 1 else f"{name} [{one.table.sheet}]"


def hidden_notice(
    path: Path, candidates: Sequence[Candidate], chosen: Sequence[Candidate]
) -> tuple[Problem, ...]:
    """Return a problem that names the hidden sheets with rows that were not chosen, if any."""
    unread = [one.table for one in candidates if one.table.hidden and one not in chosen]
    passed = [str(table.sheet) for table in unread if table.frame.height]
    if not passed:
        return ()
    what = f"hidden sheets that look like reports were left out: {', '.join(passed)}"
    return (Problem(path, what, "show them in the workbook if they are wanted"),)
