"""The errors that a user may meet: each is one clear sentence."""

from dataclasses import dataclass
from pathlib import Path


class AdmatchError(Exception):
    """Something that the user can mend; its text says what was found and what to do."""


class InputError(AdmatchError):
    """A file, a value or an argument that cannot be used."""


class MissingDependencyError(AdmatchError):
    """A model, a checkpoint or an optional package that is not at hand."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in an input that was passed over or repaired, told in one sentence.

    ``row`` is the row as a spreadsheet shows it: the first line of the file is row 1.
    """

    file: Path
    what: str
    remedy: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = self.file.name
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column '{shorten(self.column)}'"
        found = "" if self.value is None else f" (found '{shorten(self.value)}')"
        return f"{place}: {self.what}{found}; {self.remedy}."


def shorten(value: str, width: int = 60) -> str:
    """Return ``value`` on one line and at most ``width`` letters long, to be told in a sentence."""
    line = " ".join(value.split())
    return line if len(line) <= width else line[: width - 1] + "…"
