"""What an export writes: ``BulkExport``, and each change with what undoes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from admatch.errors import shorten
from admatch.impact.changes import Change, Operation
from admatch.messages import Message, say


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that is not written, and why, in one sentence."""

    change: Change
    reason: Message

    @property
    def message(self) -> Message:
        """The refusal with what and where it is about."""
        text, place = shorten(self.change.text), self.change.place.description
        return say("export.refusal", text=text, place=place, reason=self.reason)

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Entry:
    """A change as it is written, the change that undoes it, and what to know about the two.

    ``repeated`` are cells that the rows have to repeat, by column, as the account has them.
    ``undone_above`` marks what the inverse of its new campaign or ad group undoes: it has no row in
    the inverse sheet.
    """

    change: Change
    inverse: Change
    notes: tuple[Message, ...] = ()
    repeated: Mapping[str, str] = field(default_factory=dict)
    undone_above: bool = False

    @property
    def awaits_id(self) -> bool:
        """Whether undoing it needs an ID that Amazon assigns only on upload."""
        archives = self.inverse.operation == Operation.ARCHIVE
        return archives and self.inverse.target_id is None and not self.undone_above


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
    """Ends the validation of one change; its message says what was found and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message
