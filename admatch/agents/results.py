"""What was computed for an agent, kept for its next calls: ``Result``, ``Results``."""

import hashlib
import json
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from admatch.agents.pages import Table
from admatch.encode.choice import LanguageWarning
from admatch.errors import InputError, shorten
from admatch.messages import say

Stamp: TypeAlias = tuple[str, int, int]  # a file's path, size and time
_MOST = 3  # of each tool; each holds a report and its draws


@dataclass(frozen=True, slots=True)
class Result:
    """Something computed: which tool made it, its name, itself, and its tables by name.

    ``files`` are those that it was made from, ``notes`` what makes it less sure: texts in a
    language that the encoder does not read.
    """

    tool: str
    name: str
    value: Any
    files: tuple[Path, ...]
    stamps: tuple[Stamp, ...]
    notes: tuple[str, ...] = ()
    tables: dict[str, Table[Any]] = field(default_factory=dict)

    def uri(self, table: str) -> str:
        """Return the address of a table, as a resource."""
        return f"admatch://results/{self.name}/{table}/0"

    @property
    def is_current(self) -> bool:
        """Whether the files are as they were when it was made."""
        try:
            return _stamps(self.files) == self.stamps
        except OSError:
            return False  # one of them is gone


class Results:
    """The latest results of each tool; a question about unchanged files is computed once."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Result] = OrderedDict()
        self._lock = threading.Lock()

    def once(
        self,
        tool: str,
        files: Iterable[Path],
        options: Mapping[str, object],
        compute: Callable[[], Any],
    ) -> Result:
        """Return the result for these files and options; what fails or is stopped is not kept."""
        paths = tuple(files)
        stamps = _stamps(paths)
        name = _name(tool, stamps, options)
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", LanguageWarning)
            value = compute()
        said = [str(one.message) for one in caught if issubclass(one.category, LanguageWarning)]
        made = Result(tool, name, value, paths, stamps, tuple(dict.fromkeys(said)))
        with self._lock:
            self._held[name] = made
            own = [one.name for one in self._held.values() if one.tool == tool]
            for oldest in own[:-_MOST]:
                del self._held[oldest]
        return made

    def named(self, name: str, tool: str | None = None) -> Result:
        """Return a result by name; raises ``InputError`` if it is unknown or of another tool."""
        with self._lock:
            found = self._held.get(name)
        if found is None or tool not in (None, found.tool):
            raise InputError(say("agents.no_result", name=shorten(name), tool=tool or "recommend"))
        return found

    def __iter__(self) -> Iterator[Result]:
        with self._lock:
            return iter([*self._held.values()])


def _name(tool: str, stamps: tuple[Stamp, ...], options: Mapping[str, object]) -> str:
    """Return a name that changes with the options, and when one of the files does."""
    parts = json.dumps([tool, stamps, options], default=str, sort_keys=True)
    return f"{tool}-{hashlib.sha256(parts.encode()).hexdigest()[:10]}"


def _stamps(files: tuple[Path, ...]) -> tuple[Stamp, ...]:
    return tuple(_stamp(one) for path in files for one in _parts(path))


def _parts(path: Path) -> list[Path]:
    return sorted(path.rglob("*")) if path.is_dir() else [path]


def _stamp(path: Path) -> Stamp:
    known = path.stat()
    return str(path), known.st_size, known.st_mtime_ns
