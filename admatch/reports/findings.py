"""What reading the rows of a report found, in a part of a file or in the whole file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from admatch.errors import Problem
from admatch.reports.identifiers import id_notices
from admatch.reports.notices import RowProblems, row_notices, unreadable_notices
from admatch.reports.ratios import RatioTally, ratio_notices
from admatch.reports.rows import RowKind
from admatch.reports.suspect_rows import Suspects
from admatch.reports.suspicious import Contradiction, contradiction_notices


@dataclass(frozen=True, slots=True)
class Findings:
    """Counts of what was found, and the first rows of each kind; those of parts add up.

    ``lines`` counts all lines below the header, ``rows`` those that were read; ``suspects`` are
    settled when all parts are known.
    """

    path: Path
    lines: int
    rows: int
    is_daily: bool
    nameless_currency: int
    nameless_campaign: int
    suspects: Suspects
    overlong: RowProblems
    left_out: dict[RowKind, RowProblems]
    unreadable: RowProblems
    damaged_ids: dict[str, RowProblems]
    ratios: dict[str, RatioTally]
    suspicious: dict[str, Contradiction]

    def __add__(self, further: "Findings") -> "Findings":
        return Findings(
            path=self.path,
            lines=self.lines + further.lines,
            rows=self.rows + further.rows,
            is_daily=self.is_daily and further.is_daily,
            nameless_currency=self.nameless_currency + further.nameless_currency,
            nameless_campaign=self.nameless_campaign + further.nameless_campaign,
            suspects=self.suspects + further.suspects,
            overlong=self.overlong + further.overlong,
            left_out={kind: rows + further.left_out[kind] for kind, rows in self.left_out.items()},
            unreadable=self.unreadable + further.unreadable,
            damaged_ids={
                name: rows + further.damaged_ids[name] for name, rows in self.damaged_ids.items()
            },
            ratios={name: one + further.ratios[name] for name, one in self.ratios.items()},
            suspicious={
                kind: one + further.suspicious[kind] for kind, one in self.suspicious.items()
            },
        )

    def row_problems(self, path: Path) -> Iterator[Problem]:
        """Yield the problems of single rows."""
        yield from row_notices(path, self.left_out)
        yield from unreadable_notices(path, self.unreadable)
        yield from id_notices(self.damaged_ids)
        yield from contradiction_notices(path, self.suspicious)

    def ratio_problems(self, path: Path, headers: Mapping[str, str]) -> Iterator[Problem]:
        """Yield the problems of the file's own ratios."""
        yield from ratio_notices(path, self.ratios, headers)
