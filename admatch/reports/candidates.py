"""The tables of a file that may be read, and which of them are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from admatch.errors import Problem
from admatch.messages import say
from admatch.reports.formats import ReportFormat
from admatch.tables.header_table import Recognition
from admatch.tables.raw import RawTable


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A table with its header located, and what its columns are."""

    table: RawTable
    found: Recognition
    kind: ReportFormat


def choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return those to read: the visible sheets that have rows, or else the first one."""
    shown = [one for one in candidates if not one.table.hidden] or list(candidates)
    return [one for one in shown if one.table.frame.height] or shown[:1]


def sheet_label(one: Candidate, chosen: Sequence[Candidate]) -> str:
    """Return the text of the column ``file``: with sheet and number where several are read."""
    name, sheet = one.table.path.name, one.table.sheet
    if len(chosen) == 1:
        return name
    beside = [other for other in chosen if other.table.sheet == sheet]
    number = f"#{beside.index(one) + 1}" if len(beside) > 1 else ""
    return f"{name} [{' '.join(filter(None, (sheet, number)))}]"


def hidden_notice(
    path: Path, candidates: Sequence[Candidate], chosen: Sequence[Candidate]
) -> tuple[Problem, ...]:
    """Return a problem that names the hidden sheets with rows that were not read, if any."""
    unread = [one.table for one in candidates if one.table.hidden and one not in chosen]
    names = [str(table.sheet) for table in unread if table.frame.height]
    if not names:
        return ()
    what = say("reports.sheets.hidden", sheets=", ".join(names))
    return (Problem(path, what, say("reports.sheets.show_hidden")),)
