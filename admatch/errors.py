"""The errors that a user may see: each is one clear sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from admatch.messages.readable import readable


class AdmatchError(Exception):
    """Something that the user can fix; its text says what was found and what to do."""

    @property
    def message(self) -> str:
        """The sentence as it was raised: a ``Message`` where it has an identifier."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


class InputError(AdmatchError):
    """A file, a value or an argument that cannot be used."""


class MissingDependencyError(AdmatchError):
    """A model, a checkpoint or an optional package that is not installed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in an input that was skipped or repaired, in one sentence.

    ``what`` and ``remedy`` are ``Message`` texts. ``row`` is the row as a spreadsheet shows it: the
    first line of the file is row 1.
    """

    file: Path
    what: str
    remedy: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        where = self.file.name
        if self.row is not None:
            where += f", row {self.row}"
        if self.column is not None:
            where += f", column '{shorten(self.column)}'"
        found = "" if self.value is None else f" (found '{shorten(self.value)}')"
        return f"{where}: {self.what}{found}; {self.remedy}."


def shorten(value: str, width: int = 60) -> str:
    """Return ``value`` on one line of at most ``width`` letters, as a sentence can hold it."""
    line = " ".join(value.split())
    return readable(line if len(line) <= width else line[: width - 1] + "…")


def listed(names: Sequence[str], most: int = 30) -> str:
    """Return names, each shortened, with commas between them; of more than ``most`` the first."""
    return ", ".join([*map(shorten, names[:most]), *(["…"] if len(names) > most else [])])
