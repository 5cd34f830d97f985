"""Which tables list what an account runs: bulk files and the console's reports."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from admatch.reports.candidates import Candidate
from admatch.reports.formats import ReportFormat, load_formats
from admatch.reports.measures import AMOUNTS, COUNTS, RATIOS
from admatch.tables.header_table import HeaderTable, Recognition, normalise
from admatch.tables.raw import RawTable

_FIGURES = (*COUNTS, *AMOUNTS, *RATIOS)
_FEWEST_BULK_COLUMNS = 3
_OTHER_PLATFORMS = ("google", "google_api", "microsoft", "walmart")


def recognise_account(raw: RawTable) -> Candidate | None:
    """Return ``raw`` with its header located if its rows are entities of an account, or None."""
    for family, known in _families().items():
        table, found = known.locate(raw)
        key = None if found.missing else _kind(family, found)
        if key is not None:
            kinds = {one.key: one for one in load_formats()}
            return Candidate(table, found, kinds[key])
    return None


def _kind(family: str, found: Recognition) -> str | None:
    """Return the key of the format of a header that has all of the family's columns."""
    has = found.columns.__contains__
    if family != "reports":
        is_bulk = len(found.columns) >= _FEWEST_BULK_COLUMNS
        return {"bulk": "bulk_campaigns"}.get(family, family) if is_bulk else None
    if has("search_term") or has("placement") or _most_similar(found).key in _OTHER_PLATFORMS:
        return None
    if has("sku") or has("asin"):
        return "advertised_product"
    if has("targeting") or has("target_expression"):
        return "targeting"
    settings = ("state", "daily_budget", "targeting_type", "bidding_strategy")
    return "campaign" if any(map(has, settings)) else None


def _most_similar(found: Recognition) -> ReportFormat:
    return max(load_formats(), key=lambda one: one.likeness(found.header))


@cache
def _families() -> dict[str, HeaderTable]:
    """Return the header tables of account/headers.toml with the spellings of headers.toml."""
    shared = _read("admatch.reports")["columns"]
    figures = {name: shared[name] for name in _FIGURES}
    return {
        family: HeaderTable(
            _merge(entry["columns"], shared if family == "reports" else figures),
            entry["required"],
        )
        for family, entry in _read("admatch.reports.account").items()
    }


def _merge(
    own: Mapping[str, Sequence[str]], shared: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return both tables in one; a spelling in ``own`` is removed from ``shared``'s other names."""
    taken = {normalise(spelling): name for name, known in own.items() for spelling in known}
    merged = {name: list(known) for name, known in own.items()}
    for name, known in shared.items():
        free = (one for one in known if taken.get(normalise(one), name) == name)
        merged.setdefault(name, []).extend(free)
    return merged


def _read(package: str) -> dict[str, Any]:
    return tomllib.loads(files(package).joinpath("headers.toml").read_text("utf-8"))
