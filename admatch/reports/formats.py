"""``ReportFormat``: the files that advertisers download, told apart by their headers."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from admatch.tables.header_table import normalise

_WINDOW = re.compile(r"(?<!\d)(?:1|3|7|14|30)(?!\d)")


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """One kind of file; ``window_days`` is its attribution window where no header names it.

    ``own`` are the headers that set it apart, ``shared`` those it has in common with another
    format, both as ``header_key`` gives them.
    """

    key: str
    name: str
    has_search_terms: bool
    window_days: int | None
    own: frozenset[str]
    shared: frozenset[str]

    def knows(self, header: str) -> bool:
        """Tell whether files of this format may have ``header``."""
        return header_key(header) in self.own | self.shared

    def likeness(self, headers: Sequence[str]) -> float:
        """Return which part of ``headers`` this format knows (0 … 1); 0 without one of its own."""
        keys = [header_key(cell) for cell in headers if cell.strip()]
        if not any(key in self.own for key in keys):
            return 0.0
        return sum(key in self.own or key in self.shared for key in keys) / len(keys)


def header_key(header: str) -> str:
    """Return ``header`` as formats are compared: normalised, any attribution window alike."""
    return _WINDOW.sub("{n}", normalise(header), count=1)


def nearest_format(headers: Sequence[str], *, search_terms: bool) -> ReportFormat:
    """Return the format, with or without search terms, that is most like ``headers``.

    Of equals it is the one that has the fewest other headers, or with search terms the earlier in
    formats.toml: all of those have much in common, and the first are the commonest. A window is
    only told where all equals have it.
    """
    keys = {header_key(cell) for cell in headers}
    known = [one for one in load_formats() if one.has_search_terms == search_terms]
    most = max(one.likeness(headers) for one in known)
    equals = [one for one in known if one.likeness(headers) == most]
    if not search_terms:
        return max(equals, key=lambda one: len(keys & one.own) / len(one.own))
    agreed = len({one.window_days for one in equals}) == 1
    return equals[0] if agreed else replace(equals[0], window_days=None)


@cache
def load_formats() -> tuple[ReportFormat, ...]:
    """Return the formats of formats.toml."""
    entries = {entry["key"]: entry for entry in _entries()}
    return tuple(
        ReportFormat(
            key=key,
            name=entry["name"],
            has_search_terms=entry["search_terms"],
            window_days=entry.get("window"),
            own=frozenset(map(header_key, entry["headers"])),
            shared=frozenset(
                map(header_key, entries[entry["extends"]]["headers"] if "extends" in entry else [])
            ),
        )
        for key, entry in entries.items()
    )


def is_known_spelling(header: str) -> bool:
    """Tell whether a format has ``header`` exactly so, any attribution window alike."""
    return _WINDOW.sub("{n}", header.strip(), count=1) in _spellings()


@cache
def _spellings() -> frozenset[str]:
    headers = (header for entry in _entries() for header in entry["headers"])
    return frozenset(_WINDOW.sub("{n}", header.strip(), count=1) for header in headers)


def _entries() -> list[dict[str, Any]]:
    text = files("admatch.reports").joinpath("formats.toml").read_text("utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(text)["formats"]
    return entries
