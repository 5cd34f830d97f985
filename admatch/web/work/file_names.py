"""Names of uploaded files: those in the workspace, and those that their owner gave them."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from admatch.errors import Problem
from admatch.messages import as_json, from_json

UNREAD = "unread.json"  # what is known of files of which none can be used
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")

_BULK_DAYS = re.compile(r"bulk-[^-]+-(20\d{6}-20\d{6})-", re.IGNORECASE)


def days_in(name: str) -> str:
    """Return the part of a bulk file's name that has its days, which stand nowhere else; or ""."""
    named = _BULK_DAYS.search(name)
    return f"-bulk-days-{named[1]}-" if named else ""


def shown_name(name: str | None) -> str:
    """Return a file's name as it may be shown: no folders, one line, at most 100 letters."""
    last = PurePosixPath((name or "").replace("\\", "/")).name
    plain = " ".join(_UNSAFE.sub("", last).split())
    return plain[:100] or "file"


@dataclass(frozen=True, slots=True)
class FileNames:
    """The owner's name of each file by its name in the workspace."""

    shown: dict[str, str]

    def in_message(self, message: str) -> str:
        """Return a sentence with the owner's names."""
        named = self._in_json(as_json(message))
        return from_json(named)

    def of(self, path: Path) -> str:
        """Return the owner's name of a file; a sheet of it keeps its name behind."""
        return str(self._in_json(path.name))

    def in_problem(self, problem: Problem) -> Problem:
        """Return the problem with the owner's names."""
        return Problem(
            Path(self.of(problem.file)),
            self.in_message(problem.what),
            self.in_message(problem.remedy),
            problem.row,
            problem.column,
            problem.value,
        )

    def _in_json(self, value: Any) -> Any:  # noqa: ANN401 - a message as JSON holds it
        if isinstance(value, dict):
            return {name: self._in_json(one) for name, one in value.items()}
        if isinstance(value, str):
            for stored, name in self.shown.items():
                value = value.replace(stored, name)
        return value
