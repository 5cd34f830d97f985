"""What shoppers searched for and what it cost: the typed ``SearchTermReport``."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.reports.reconciliation import Reconciliation

REPORT_SCHEMA: dict[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),  # as a spreadsheet shows it: the first line of the file is row 1
    "start_date": pl.Date(),
    "end_date": pl.Date(),
    "portfolio": pl.String(),
    "currency": pl.String(),
    "marketplace": pl.String(),  # a country code, or the file's own word
    "campaign": pl.String(),
    "ad_group": pl.String(),
    "targeting": pl.String(),
    "match_type": pl.String(),
    "search_term": pl.String(),
    "term_kind": pl.String(),  # a TermKind
    "impressions": pl.Int64(),
    "clicks": pl.Int64(),
    "spend": pl.Float64(),
    "sales": pl.Float64(),
    "orders": pl.Int64(),
    "units": pl.Int64(),
    "sales_promoted": pl.Float64(),
    "sales_halo": pl.Float64(),
    "units_promoted": pl.Int64(),
    "units_halo": pl.Int64(),
    "campaign_id": pl.String(),
    "ad_group_id": pl.String(),
    "target_id": pl.String(),
}


_AMOUNTS = ("impressions", "clicks", "spend", "sales", "orders", "units")
_SUMS = [
    pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
    for name in _AMOUNTS
]


class TermKind(StrEnum):
    """What a report's search-term cell holds; only a ``KEYWORD`` is something a shopper typed."""

    KEYWORD = "keyword"
    ASIN = "asin"
    CATEGORY = "category"
    STAR = "star"
    EMPTY = "empty"


class Granularity(StrEnum):
    """Whether a report has a row a day or one row for its whole period."""

    DAILY = "daily"
    SUMMARY = "summary"


@dataclass(frozen=True)
class SearchTermReport:
    """Search terms with their figures, one row each in ``frame`` (columns of ``REPORT_SCHEMA``).

    Amounts stay in each row's own ``currency``. ``window_days`` is the attribution window that the
    file's headers name, or None where they name none. A column that the file lacks is null.
    ``skipped`` counts the lines below the header that gave no row (totals, notes, unreadable
    ones); ``problems`` names them. ``repeated`` holds the rows of further files that would count
    the same clicks twice. ``formats`` names the kinds of file that were read; ``reconciliation``
    says of each table what became of its lines.
    """

    frame: pl.DataFrame
    sources: tuple[Path, ...]
    granularity: Granularity
    window_days: int | None
    problems: tuple[Problem, ...] = ()
    skipped: int = 0
    formats: tuple[str, ...] = ()
    repeated: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REPORT_SCHEMA))
    reconciliation: tuple[Reconciliation, ...] = ()

    def __len__(self) -> int:
        return self.frame.height

    @property
    def period(self) -> tuple[date, date] | None:
        """First and last day, or None where the file names no dates."""
        first, last = self.frame["start_date"].min(), self.frame["end_date"].max()
        return (first, last) if isinstance(first, date) and isinstance(last, date) else None

    @property
    def totals(self) -> pl.DataFrame:
        """One row per currency: impressions, clicks, spend, sales, orders, units.

        Figures that the files lack are null, not zero.
        """
        return self.frame.group_by("currency").agg(*_SUMS).sort("currency")

    @property
    def ledger(self) -> pl.DataFrame:
        """What was read and what became of it: a row per file, currency and fate, with sums.

        The fate is "kept" or "repeated"; the kept rows add up to ``totals``.
        """
        fates = [
            rows.select("file", "currency", *_AMOUNTS, fate=pl.lit(fate))
            for fate, rows in (("kept", self.frame), ("repeated", self.repeated))
        ]
        groups = pl.concat(fates).group_by("file", "currency", "fate", maintain_order=True)
        return groups.agg(pl.len().alias("rows"), *_SUMS)
