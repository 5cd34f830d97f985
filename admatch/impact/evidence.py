"""A report → what each (ad group, term) has to say, added up, with what was mended on the way."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.impact.maturity import LagCurve, fit_lag
from admatch.reports.account.values import translate
from admatch.reports.records import SearchTermReport

KEY = ("currency", "campaign", "ad_group", "search_term")
_COUNTS = ("impressions", "clicks", "orders")
_AMOUNTS = ("spend", "sales", "sales_promoted", "sales_halo")
_TARGET = ("targeting", "match_type")
_FIRST = ("term_kind", "campaign_id", "ad_group_id")


@dataclass(frozen=True)
class RowEvidence:
    """What a report tells, the rows that cost most first.

    ``rows``: one a ``KEY``, with sums, ``mature_clicks`` and ``converted`` (orders, at most one a
    click). ``targets``: what served each (its number in ``rows``), with its share of the clicks.
    ``days`` is the length of the report, 1 at least.
    """

    rows: pl.DataFrame
    targets: pl.DataFrame
    lag: LagCurve
    days: int
    notes: tuple[Problem, ...]


def gather(report: SearchTermReport, as_of: date | None = None) -> RowEvidence:
    """Return the evidence of a report; figures that cannot be are mended and told."""
    frame, mended = _mend(report)
    lag, told = fit_lag(frame, report, as_of)
    frame = frame.with_columns(mature_clicks=pl.col("clicks") * lag.known())
    served = frame.group_by(*KEY, *_TARGET).agg(
        *(_sum(name) for name in (*_COUNTS, *_AMOUNTS)),
        *(pl.col(name).drop_nulls().first() for name in _FIRST),
        pl.col("mature_clicks").sum(),
        first_date=pl.col("start_date").min(),
        last_date=pl.col("end_date").max(),
    )
    sums = served.group_by(KEY).agg(
        *(_sum(name) for name in (*_COUNTS, *_AMOUNTS)),
        *(pl.col(name).drop_nulls().first() for name in _FIRST),
        pl.col("mature_clicks").sum(),
        pl.col("targeting").drop_nulls().unique().sort().alias("targets"),
        pl.col("match_type").drop_nulls().unique().sort().alias("match_types"),
        # what served most of its clicks
        pl.col(_TARGET).sort_by("clicks", *_TARGET, descending=True).first(),
        pl.col("first_date").min(),
        pl.col("last_date").max(),
    )
    # Sorted by their names too: the same report in another order gives the same numbers.
    rows = (
        sums.sort("spend", *KEY, descending=[True, *[False] * len(KEY)])
        .with_columns(
            converted=pl.min_horizontal("orders", "clicks"),
            days=(pl.col("last_date") - pl.col("first_date")).dt.total_days() + 1,
        )
        .with_row_index("row")
    )
    period = report.period
    days = 1 if period is None else (period[1] - period[0]).days + 1
    notes = (*mended, *told, *_oddities(rows, report, days))
    return RowEvidence(rows, _targets(served, rows), lag, days, notes)


def _mend(report: SearchTermReport) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows with figures that can be added, and what was wrong with them."""
    frame, notes = report.frame, []
    counts = frame.select((pl.col(*_COUNTS, *_AMOUNTS) < 0).sum()).row(0, named=True)
    for name, count in counts.items():
        if count:
            wrong = frame.filter(pl.col(name) < 0)
            what = f"{wrong.height} rows have a negative amount, {wrong[name].sum():g} in all"
            remedy = "they count as 0; the report may hold corrections, download it again later"
            notes.append(Problem(_path(report), what, remedy, wrong["row"][0], name))
    mended = frame.with_columns(
        *(pl.col(name).clip(0) for name in (*_COUNTS, *_AMOUNTS)),
        match_type=translate(frame["match_type"], "match_type"),
        term_kind=pl.col("term_kind"),
    )
    filled = [pl.col(name).fill_null(0) for name in ("clicks", "orders", "spend")]
    return mended.with_columns(filled), notes


def _oddities(rows: pl.DataFrame, report: SearchTermReport, days: int) -> list[Problem]:
    """Return what a reader of the numbers has to know about the report as a whole."""
    path, notes = _path(report), []
    surplus = rows.filter(pl.col("orders") > pl.col("clicks"))
    if surplus.height:
        what = f"{surplus.height} terms have more orders than clicks"
        remedy = "at most one order a click counts as conversion, the others as the account's extra"
        notes.append(Problem(path, what, remedy, column="orders", value=surplus["search_term"][0]))
    for (currency,), part in rows.group_by("currency", maintain_order=True):
        name = f"the {currency} rows" if currency else "the rows"
        if part["sales"].null_count() == part.height:
            what = f"{name} tell no sales, so ACOS cannot be told"
            notes.append(Problem(path, what, "download a report with sales", column="sales"))
        if not part["orders"].sum():
            what = f"{name} hold no order, so conversion rests on a general prior of 8 %"
            notes.append(Problem(path, what, "take a longer period before acting on it"))
    if rows["currency"].n_unique() > 1:
        what = f"the report has {rows['currency'].n_unique()} currencies"
        notes.append(Problem(path, what, "each is judged apart and no amounts are added up"))
    if days == 1 and rows.height and rows["last_date"].null_count() < rows.height:
        what = "the report covers one day, and most of its orders may still be to come"
        notes.append(Problem(path, what, "take at least a month"))
    return notes


def _targets(served: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return row, targeting, match_type, clicks, spend and the share of the row's clicks."""
    placed = served.join(rows.select("row", *KEY), on=KEY, nulls_equal=True)
    total = pl.col("clicks").sum().over("row")
    even = 1 / pl.len().over("row")
    share = pl.when(total > 0).then(pl.col("clicks") / total).otherwise(even)
    columns = ("row", *_TARGET, "clicks", "spend")
    return placed.select(*columns, share=share).sort("row", *_TARGET)


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


def _path(report: SearchTermReport) -> Path:
    return report.sources[0] if report.sources else Path("report")
