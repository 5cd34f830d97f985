"""``ReportFormat``: the files that advertisers download, recognised by their headers."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from admatch.messages import Message, say
from admatch.tables.header_table import normalise

_WINDOW = re.compile(r"(?<!\d)(?:1|3|7|14|30)(?!\d)")


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """One kind of file; ``window_days`` is its attribution window where no header names one.

    ``own`` are the headers that distinguish it, ``shared`` those it has in common with another
    format, both as ``header_key`` gives them.
    """

    key: str
    name: Message
    has_search_terms: bool
    window_days: int | None
    own: frozenset[str]
    shared: frozenset[str]

    def knows(self, header: str) -> bool:
        """Return whether files of this format may have ``header``."""
        return header_key(header) in self.own | self.shared

    def likeness(self, headers: Sequence[str]) -> float:
        """Return the share of ``headers`` that this format knows; 0 without one of its own."""
        keys = [header_key(cell) for cell in headers if cell.strip()]
        if not any(key in self.own for key in keys):
            return 0.0
        return sum(key in self.own or key in self.shared for key in keys) / len(keys)


@lru_cache(maxsize=5_000)  # each format compares its headers
def header_key(header: str) -> str:
    """Return ``header`` as formats are compared: normalised, with any attribution window."""
    return _WINDOW.sub("{n}", normalise(header), count=1)


def nearest_format(headers: Sequence[str], *, search_terms: bool) -> ReportFormat:
    """Return the format, with or without search terms, that is most like ``headers``.

    Of equals, it is the one with the fewest other headers, or with search terms the earlier in
    formats.toml: those have much in common, and the first are the commonest. A window is only
    given where all equals have the same.
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
            name=_names()[key],
            has_search_terms=entry["search_terms"],
            window_days=entry.get("window"),
            own=frozenset(map(header_key, entry["headers"])),
            shared=frozenset(
                map(header_key, entries[entry["extends"]]["headers"] if "extends" in entry else [])
            ),
        )
        for key, entry in entries.items()
    )


@cache
def _names() -> dict[str, Message]:
    return {
        "sp_console": say("reports.formats.sp_console"),
        "sp_console_2017": say("reports.formats.sp_console_2017"),
        "unified": say("reports.formats.unified"),
        "sb_console": say("reports.formats.sb_console"),
        "sb_share": say("reports.formats.sb_share"),
        "api_v3_sp": say("reports.formats.api_v3_sp"),
        "api_v3_sb": say("reports.formats.api_v3_sb"),
        "api_v2": say("reports.formats.api_v2"),
        "api_v1": say("reports.formats.api_v1"),
        "bulk_search_terms": say("reports.formats.bulk_search_terms"),
        "google": say("reports.formats.google"),
        "google_api": say("reports.formats.google_api"),
        "pipeline": say("reports.formats.pipeline"),
        "microsoft": say("reports.formats.microsoft"),
        "walmart": say("reports.formats.walmart"),
        "bulk_campaigns": say("reports.formats.bulk_campaigns"),
        "bulk_v1": say("reports.formats.bulk_v1"),
        "targeting": say("reports.formats.targeting"),
        "advertised_product": say("reports.formats.advertised_product"),
        "campaign": say("reports.formats.campaign"),
        "placement": say("reports.formats.placement"),
        "over_time": say("reports.formats.over_time"),
        "business_report": say("reports.formats.business_report"),
        "brand_analytics": say("reports.formats.brand_analytics"),
        "search_query_performance": say("reports.formats.search_query_performance"),
    }


def is_known_header(header: str) -> bool:
    """Return whether any format has ``header``: console users choose columns of several."""
    return any(one.knows(header) for one in load_formats())


def is_known_spelling(header: str) -> bool:
    """Return whether a format has ``header`` spelled like this, with any attribution window."""
    return _WINDOW.sub("{n}", header.strip(), count=1) in _spellings()


@cache
def _spellings() -> frozenset[str]:
    headers = (header for entry in _entries() for header in entry["headers"])
    return frozenset(_WINDOW.sub("{n}", header.strip(), count=1) for header in headers)


def _entries() -> list[dict[str, Any]]:
    text = files("admatch.reports").joinpath("formats.toml").read_text("utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(text)["formats"]
    return entries
