"""Which tables are one of Amazon's other reports: ``recognise_insight``."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from admatch.messages import Message, say
from admatch.reports.insights.records import InsightKind
from admatch.tables.header_table import HeaderTable, Recognition, normalise
from admatch.tables.raw import RawTable

# What decides between a report and a tab of a bulk file that has the same columns.
_BULK = ("Entity", "Record Type")
# A search-term report can be told by these; Brand Analytics has terms and no clicks.
_TERMS = {InsightKind.PLACEMENTS, InsightKind.BUDGETS, InsightKind.CAMPAIGN_DAYS}
_SHARED = (
    "date", "start_date", "end_date", "date_range", "currency", "campaign", "campaign_id",
    "ad_group", "ad_group_id", "targeting", "target_expression", "match_type", "impressions",
    "clicks", "spend", "orders", "units", "sales",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class InsightTable:
    """A table of one of the reports, with its header located."""

    table: RawTable
    found: Recognition
    kind: InsightKind


def recognise_insight(raw: RawTable) -> InsightTable | None:
    """Return ``raw`` with its header located if it is one of the reports, or None."""
    for kind, known in _tables().items():
        table, found = known.locate(raw)
        if not found.missing and _is(kind, table):
            return InsightTable(table, found, kind)
    return None


def insight_name(kind: InsightKind) -> Message:
    """Return what a report of a kind is called."""
    match kind:
        case InsightKind.PURCHASED_PRODUCTS:
            return say("reports.insights.purchased_products")
        case InsightKind.SEARCH_QUERIES:
            return say("reports.formats.search_query_performance")
        case InsightKind.SEARCH_CATALOG:
            return say("reports.insights.search_catalog")
        case InsightKind.TOP_TERMS:
            return say("reports.formats.brand_analytics")
        case InsightKind.BUDGETS:
            return say("reports.insights.budgets")
        case InsightKind.CAMPAIGN_DAYS:
            return say("reports.insights.campaign_days")
        case InsightKind.PLACEMENTS:
            return say("reports.formats.placement")


def _is(kind: InsightKind, table: RawTable) -> bool:
    header = {normalise(cell) for cell in table.header}
    if header & _normalised("entity"):
        return False
    return kind not in _TERMS or not header & _normalised("search_term")


@cache
def _normalised(name: str) -> frozenset[str]:
    spellings = _BULK if name == "entity" else _read("admatch.reports")["columns"][name]
    return frozenset(map(normalise, spellings))


@cache
def _tables() -> dict[InsightKind, HeaderTable]:
    """Return the header tables, the most particular kind first."""
    shared = _read("admatch.reports")["columns"]
    entries = _read("admatch.reports.insights")
    usual = {name: shared[name] for name in _SHARED}
    return {
        kind: HeaderTable(
            _merged(entries[kind]["columns"], usual if entries[kind].get("shared") else {}),
            entries[kind]["required"],
        )
        for kind in InsightKind
    }


def _merged(
    own: Mapping[str, Sequence[str]], shared: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return both in one; a column with spellings of its own has only those."""
    taken = {normalise(spelling) for known in own.values() for spelling in known}
    merged = {name: list(known) for name, known in own.items()}
    for name, known in shared.items():
        if name not in own:
            merged[name] = [one for one in known if normalise(one) not in taken]
    return merged


def _read(package: str) -> dict[str, Any]:
    return tomllib.loads(files(package).joinpath("headers.toml").read_text("utf-8"))
