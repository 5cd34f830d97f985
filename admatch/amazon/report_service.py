"""Where a version of the API makes reports: ``ReportService``."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from admatch.amazon.report_kinds import ReportKind, Span


@dataclass(frozen=True, slots=True)
class ReportState:
    """Amazon's word for how far a report is, and the addresses of its parts."""

    status: str
    addresses: tuple[str, ...] = ()


class ReportService(Protocol):
    """One version's way to request reports; ``find_report_service`` returns it."""

    def request(self, kind: ReportKind, span: Span, failed: Collection[str]) -> str | None:
        """Return the ID of the report that Amazon makes; None where it does not make it yet.

        A report in ``failed`` is not taken again. Raises ``Declined`` where Amazon refuses it.
        """

    def state(self, report_id: str) -> ReportState | None:
        """Return how far a report is; None where Amazon knows none with this ID."""
