"""What became of each line of a table, and the table's own total beside the sum of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from admatch.messages import Message, say
from admatch.reports.rows import RowKind

UNREADABLE = "unreadable"
_AMOUNTS = ("spend", "sales")


@dataclass(frozen=True, slots=True)
class OwnTotal:
    """The total of all rows that a table has itself: its row, and its figures with the sums."""

    row: int
    figures: Mapping[str, tuple[float, float]]
    agrees: bool


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How many lines a table has below its header, and what became of them.

    ``left_out`` counts lines by reason: a ``RowKind``, or ``UNREADABLE``. ``table`` is the text of
    the column ``file``.
    """

    table: str
    lines: int
    rows: int
    left_out: Mapping[str, int]
    own_total: OwnTotal | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        own = self.own_total
        total = None
        if own is not None:
            sums = {
                name: {"total": said, "sum": found} for name, (said, found) in own.figures.items()
            }
            total = {"row": own.row, "agrees": own.agrees, "figures": sums}
        return {
            "table": self.table,
            "lines": self.lines,
            "rows": self.rows,
            "left_out": dict(self.left_out),
            "own_total": total,
        }

    def sentences(self) -> list[Message]:
        """Return it in words: the rows, those left out by reason, the total."""
        rows = say("reports.reconciled.rows", table=self.table, lines=self.lines, rows=self.rows)
        reasons = [_left_out(kind, n) for kind, n in self.left_out.items() if n]
        return [rows, *reasons, *_compared(self.own_total)]


def _left_out(kind: str, n: int) -> Message:
    return {
        RowKind.TOTAL.value: say("reports.reconciled.totals", n=n),
        RowKind.HEADER.value: say("reports.reconciled.headers", n=n),
        RowKind.NOTE.value: say("reports.reconciled.notes", n=n),
        RowKind.CUT.value: say("reports.reconciled.cut", n=n),
        UNREADABLE: say("reports.reconciled.unreadable", n=n),
    }[kind]


def _compared(own: OwnTotal | None) -> list[Message]:
    if own is None:
        return []
    if own.agrees:
        return [say("reports.reconciled.agrees", row=str(own.row))]
    return [
        say(
            "reports.reconciled.differs",
            row=str(own.row),
            figure=name,
            total=_shown(name, said),
            sum=_shown(name, found),
        )
        for name, (said, found) in own.figures.items()
        if _shown(name, said) != _shown(name, found)
    ]


def _shown(name: str, value: float) -> str:
    return f"{value:,.2f}" if name in _AMOUNTS else f"{value:,.0f}"
