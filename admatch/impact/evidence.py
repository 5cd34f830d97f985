"""A report → the evidence of each (ad group, term), added up, and what was corrected on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from admatch.arrays import Floats
from admatch.errors import Problem
from admatch.impact.columns import KEY, TARGETING
from admatch.impact.maturity import LagCurve, fit_lag
from admatch.messages import say
from admatch.reports.account.values import translate
from admatch.reports.records import SearchTermReport

_ELSEWHERE = 0.5  # of a click or an order in another ad group, where another product may be shown
_COUNTS = ("impressions", "clicks", "orders")
_AMOUNTS = ("spend", "sales", "sales_promoted", "sales_halo")
_FIRST = ("term_kind", "campaign_id", "ad_group_id")


@dataclass(frozen=True)
class RowEvidence:
    """The evidence of a report, the rows that cost most first.

    ``rows``: one a ``KEY``, with sums, ``mature_clicks`` and ``converted`` (orders, at most one a
    click). ``targets``: what served each row (its number in ``rows``), with its share of the
    clicks. ``days`` is the length of the report, at least 1.
    """

    rows: pl.DataFrame
    targets: pl.DataFrame
    lag: LagCurve
    days: int
    notes: tuple[Problem, ...]


def gather(report: SearchTermReport, as_of: date | None = None) -> RowEvidence:
    """Return the evidence of a report; impossible figures are corrected and noted."""
    frame, corrected = _correct(report)
    lag, assumed = fit_lag(frame, report, as_of)
    frame = frame.with_columns(mature_clicks=pl.col("clicks") * lag.known())
    # Ordered groups: float sums depend on the order of their parts.
    served = frame.group_by(*KEY, *TARGETING, maintain_order=True).agg(
        *(_sum(name) for name in (*_COUNTS, *_AMOUNTS)),
        *(pl.col(name).drop_nulls().first() for name in _FIRST),
        pl.col("mature_clicks").sum(),
        first_date=pl.col("start_date").min(),
        last_date=pl.col("end_date").max(),
    )
    sums = served.group_by(KEY, maintain_order=True).agg(
        *(_sum(name) for name in (*_COUNTS, *_AMOUNTS)),
        *(pl.col(name).drop_nulls().first() for name in _FIRST),
        pl.col("mature_clicks").sum(),
        pl.col("targeting").drop_nulls().unique().sort().alias("targets"),
        pl.col("match_type").drop_nulls().unique().sort().alias("match_types"),
        # the target that served most of its clicks
        pl.col(TARGETING).sort_by("clicks", *TARGETING, descending=True).first(),
        pl.col("first_date").min(),
        pl.col("last_date").max(),
    )
    # Sorted by name as well: the same report in another order gives the same numbers.
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
    notes = (*corrected, *assumed, *_oddities(rows, report, days))
    return RowEvidence(rows, _targets(served, rows), lag, days, notes)


def elsewhere(rows: pl.DataFrame, strength: Floats | float) -> tuple[Floats, Floats]:
    """Return orders and clicks that each row's term adds from its other ad groups.

    They are those of ``converted`` and ``mature_clicks``. They count half, as another product may
    be shown there, and all together never more than the prior, which is worth ``strength`` clicks.
    """
    term = pl.col("search_term").str.to_lowercase()
    counts = pl.col("converted", "mature_clicks").cast(pl.Float64)
    others = rows.select(counts.sum().over("currency", term) - counts)
    orders, clicks = (_ELSEWHERE * others[name].to_numpy().clip(0) for name in others.columns)
    most = strength / (strength + clicks)
    return orders * most, clicks * most


def _correct(report: SearchTermReport) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows with figures that can be added, and what was wrong with them."""
    frame, notes = report.frame, list[Problem]()
    counts = frame.select((pl.col(*_COUNTS, *_AMOUNTS) < 0).sum()).row(0, named=True)
    for name, count in counts.items():
        if count:
            wrong = frame.filter(pl.col(name) < 0)
            total = f"{wrong[name].sum():g}"
            what = say("impact.report.negative", n=wrong.height, total=total)
            remedy = say("impact.report.counted_as_zero")
            notes.append(Problem(_path(report), what, remedy, wrong["row"][0], name))
    corrected = frame.with_columns(
        *(pl.col(name).clip(0) for name in (*_COUNTS, *_AMOUNTS)),
        match_type=translate(frame["match_type"], "match_type"),
        term_kind=pl.col("term_kind"),
    )
    filled = [pl.col(name).fill_null(0) for name in ("clicks", "orders", "spend")]
    return corrected.with_columns(filled), notes


def _oddities(rows: pl.DataFrame, report: SearchTermReport, days: int) -> list[Problem]:
    """Return what a reader of the numbers has to know about the report as a whole."""
    path, notes = _path(report), list[Problem]()
    surplus = rows.filter(pl.col("orders") > pl.col("clicks"))
    if surplus.height:
        what = say("impact.report.surplus", n=surplus.height)
        remedy, example = say("impact.report.one_order_a_click"), surplus["search_term"][0]
        notes.append(Problem(path, what, remedy, column="orders", value=example))
    for (currency,), part in rows.group_by("currency", maintain_order=True):
        notes += _missing(part, str(currency) if currency else None, path)
    if (currencies := rows["currency"].n_unique()) > 1:
        what, remedy = say("impact.report.currencies", n=currencies), say("impact.report.apart")
        notes.append(Problem(path, what, remedy))
    if days == 1 and rows.height and rows["last_date"].null_count() < rows.height:
        notes.append(Problem(path, say("impact.report.one_day"), say("impact.report.a_month")))
    return notes


def _missing(part: pl.DataFrame, currency: str | None, path: Path) -> Iterator[Problem]:
    """Yield what the rows of one currency lack: sales, orders."""
    rows = say("impact.report.rows")
    if currency is not None:
        rows = say("impact.report.rows_in", currency=currency)
    if part["sales"].null_count() == part.height:
        what, remedy = say("impact.report.no_sales", rows=rows), say("impact.report.with_sales")
        yield Problem(path, what, remedy, column="sales")
    if not part["orders"].sum():
        what, remedy = say("impact.report.no_orders", rows=rows), say("impact.report.longer")
        yield Problem(path, what, remedy)


def _targets(served: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return row, targeting, match_type, clicks, spend and the share of the row's clicks."""
    numbered = served.join(rows.select("row", *KEY), on=KEY, nulls_equal=True)
    total = pl.col("clicks").sum().over("row")
    even = 1 / pl.len().over("row")
    share = pl.when(total > 0).then(pl.col("clicks") / total).otherwise(even)
    columns = ("row", *TARGETING, "clicks", "spend")
    return numbered.select(*columns, share=share).sort("row", *TARGETING)


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


def _path(report: SearchTermReport) -> Path:
    return report.sources[0] if report.sources else Path("report")
