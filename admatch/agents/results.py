"""What was computed for an agent, kept for its next calls: ``Result``, ``Results``."""

import hashlib
import json
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from admatch.agents.pages import Table
from admatch.encode.choice import LanguageWarning
from admatch.errors import InputError, shorten
from admatch.messages import say

_MOST = 8  # each holds a report and its draws


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
    notes: tuple[str, ...] = ()
    tables: dict[str, Table[Any]] = field(default_factory=dict)

    def uri(self, table: str) -> str:
        """Return the address of a table, as a resource."""
        return f"admatch://results/{self.name}/{table}/0"


class Results:
    """The latest results; the same question about unchanged files is computed once."""

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
        name = _name(tool, paths, options)
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", LanguageWarning)
            value = compute()
        said = [str(one.message) for one in caught if issubclass(one.category, LanguageWarning)]
        made = Result(tool, name, value, paths, tuple(dict.fromkeys(said)))
        with self._lock:
            self._held[name] = made
            if len(self._held) > _MOST:
                self._held.popitem(last=False)
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


def _name(tool: str, files: tuple[Path, ...], options: Mapping[str, object]) -> str:
    """Return a name that changes with the options, and when one of the files does."""
    stamps = [_stamp(one) for path in files for one in _parts(path)]
    parts = json.dumps([tool, stamps, options], default=str, sort_keys=True)
    return f"{tool}-{hashlib.sha256(parts.encode()).hexdigest()[:10]}"


def _parts(path: Path) -> list[Path]:
    return sorted(path.rglob("*")) if path.is_dir() else [path]


def _stamp(path: Path) -> tuple[str, int, int]:
    known = path.stat()
    return str(path), known.st_size, known.st_mtime_ns
