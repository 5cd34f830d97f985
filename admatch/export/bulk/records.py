"""What an export comes to: ``BulkExport``, and each change with what undoes it."""

from dataclasses import dataclass
from pathlib import Path

from admatch.errors import shorten
from admatch.impact.changes import Change, Operation


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that is not written, and why, in one sentence."""

    change: Change
    reason: str

    def __str__(self) -> str:
        return f"'{shorten(self.change.text)}' in {self.change.place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A change as it is written, the change that undoes it, and what to know about the two."""

    change: Change
    inverse: Change
    notes: tuple[str, ...] = ()

    @property
    def awaits_id(self) -> bool:
        """Whether undoing it takes an ID that Amazon only gives on upload."""
        return self.inverse.operation == Operation.ARCHIVE and self.inverse.target_id is None


@dataclass(frozen=True, slots=True)
class BulkExport:
    """Three files: the bulk sheet, the one that undoes it, and the manifest of both.

    ``written`` has every change with its IDs, in the order of the rows; row 2 is the first.
    """

    file: Path
    inverse: Path
    manifest: Path
    written: tuple[Entry, ...]
    refused: tuple[Refusal, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes that were written, with their IDs."""
        return tuple(entry.change for entry in self.written)


class Refused(Exception):
    """Ends the judging of one change; its text says what was found and what to do."""
