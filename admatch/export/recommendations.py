"""Recommendations as files: tables for programs and a page to read."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl
from markupsafe import Markup

from admatch.catalog.records import Catalog
from admatch.decisions.actions import Action
from admatch.decisions.backtest import Backtest
from admatch.decisions.level_table import level_table
from admatch.decisions.recommendations import Recommendations
from admatch.decisions.waste import waste_of
from admatch.display.money import money, percent
from admatch.display.templates import templates
from admatch.export.charts import Axes, Range, agreement, bars, curve, ranges
from admatch.export.table import spreadsheet_safe
from admatch.impact.what_if import BeforeAfter, Interval, WhatIf
from admatch.messages import Message, say
from admatch.reports.records import SearchTermReport
from admatch.tables.atomic import replacing

_FOLDER = Path(__file__).parent
_ROWS = 60  # of one action on the page, which is read from the top
_LOUD = "decisions.guard_rail.loosened"
_DOUBTS = (
    *("pipeline.catalog.none_of_it", "pipeline.catalog.absent"),
    *("encode.unread.chosen", "encode.unread.missing"),
)
_Tables: TypeAlias = list[tuple[str, list[dict[str, Any]], int]]


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its title and its caption."""

    title: str
    drawing: Markup
    caption: str


def write_recommendations_csv(advice: Recommendations, path: Path) -> None:
    """Write one row for each decision as UTF-8 with a BOM; lists are joined by semicolons."""
    with replacing(path) as unfinished:
        spreadsheet_safe(_flat(advice.frame)).write_csv(unfinished, include_bom=True)


def write_recommendations_tsv(advice: Recommendations, path: Path) -> None:
    """Write one row for each decision as Google Sheets imports or pastes it.

    Cells are separated by tabs and hold no tab and no line end, days are 2025-05-01, and nothing
    is a formula.
    """
    flat = spreadsheet_safe(_flat(advice.frame))
    texts = [name for name, kind in flat.schema.items() if kind == pl.String]
    one_line = flat.with_columns(pl.col(texts).str.replace_all(r"\s+", " "))
    with replacing(path) as unfinished:
        one_line.write_csv(unfinished, separator="\t", date_format="%Y-%m-%d")


def write_levels(advice: Recommendations, path: Path) -> None:
    """Write one row for each targeting, ad group, campaign and product as UTF-8 with a BOM."""
    with replacing(path) as unfinished:
        spreadsheet_safe(level_table(advice)).write_csv(unfinished, include_bom=True)


def write_recommendations_parquet(advice: Recommendations, path: Path) -> None:
    """Write one row for each decision; lists stay lists."""
    with replacing(path) as unfinished:
        advice.frame.write_parquet(unfinished)


def write_recommendations_html(
    advice: Recommendations,
    report: SearchTermReport,
    catalog: Catalog | None,
    path: Path,
    *,
    effect: WhatIf | None = None,
    backtest: Backtest | None = None,
) -> None:
    """Write one self-contained page; ``effect`` is the what-if of the chosen set."""
    tables = list(_tables(advice))
    named = [one for one in advice.warnings if isinstance(one, Message)]
    loud = [one for one in named if one.id == _LOUD]
    doubts = [one for one in named if one.id in _DOUBTS]
    names = ", ".join(source.name for source in report.sources) or "search terms"
    page = (
        templates(_FOLDER)
        .get_template("recommendations.html.jinja")
        .render(
            advice=advice,
            report=report,
            names=names,
            totals=advice.totals.to_dicts(),
            counts=[(action.value, count) for action, count in advice.counts.items() if count],
            plots=_plots(advice, effect, backtest),
            tables=tables,
            pictures=_pictures(tables, catalog),
            doubts=doubts,
            loud=loud,
            quiet=[one for one in advice.warnings if one not in (*loud, *doubts)],
            reliability=_reliability(backtest),
            style=Markup(_text("report.css") + _text("recommendations.css")),
        )
    )
    with replacing(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    lists = [name for name, kind in frame.schema.items() if kind == pl.List]
    return frame.with_columns(pl.col(name).list.join("; ") for name in lists)


def _tables(advice: Recommendations) -> _Tables:
    """Return each action with its most important rows, and the number of further rows."""
    tables = []
    weight = pl.col("gain").abs().fill_null(0.0)
    for action in Action:
        own = advice.frame.filter(pl.col("action") == action.value)
        if own.is_empty() or action is Action.NOT_APPLICABLE:
            continue
        ordered = own.sort("chosen", weight, "spend", descending=True, maintain_order=True)
        shown = ordered.head(_ROWS).to_dicts()
        for row in shown:
            row["hue"] = zlib.crc32((row["product_id"] or "").encode()) % 360
        tables.append((action.value, shown, own.height - len(shown)))
    return tables


def _pictures(tables: _Tables, catalog: Catalog | None) -> dict[str, str]:
    if catalog is None:
        return {}
    names = {row["product_id"] for _, rows, _ in tables for row in rows if row["product_id"]}
    pictures = {name: catalog.picture(name, 96) for name in sorted(names)}
    return {name: picture for name, picture in pictures.items() if picture}


def _plots(advice: Recommendations, effect: WhatIf | None, backtest: Backtest | None) -> list[Plot]:
    plots = []
    for total in advice.totals.to_dicts():
        code = total["currency"]
        change = effect.by_currency.get(code) if effect is not None else None
        own = advice.frontier.filter(pl.col("currency").eq_missing(pl.lit(code, pl.String)))
        made = _before_after(total["target_acos"], change, code) if change else []
        if own.height > 1 and total["acos_before"] is not None:
            made.append(_frontier(total["target_acos"], own))
        if causes := waste_of(advice, code).causes:
            made.append(_waste(causes, code))
        plots += [_of_currency(plot, code) for plot in made] if len(advice.totals) > 1 else made
    if backtest is not None and backtest.calibration.height:
        rows = backtest.calibration.select("expected", "observed", "low", "high").rows()
        drawn = agreement(rows, say("export.chart.calibration"))
        plots.append(Plot(say("export.chart.calibration"), drawn, _reliability(backtest)))
    return plots


def _of_currency(plot: Plot, code: str | None) -> Plot:
    title = say("export.chart.in_currency", title=plot.title, currency=code or "–")
    return replace(plot, title=title)


def _waste(causes: Sequence[tuple[str, float]], code: str | None) -> Plot:
    title = say("export.chart.waste")
    drawn = bars([(name, amount, money(amount, code)) for name, amount in causes], title)
    return Plot(title, drawn, say("export.chart.waste_caption"))


def _before_after(target: float, change: BeforeAfter, code: str | None) -> list[Plot]:
    sides = (("before", change.before), ("after", change.after))
    labels = _labels()
    rows = [
        _range(labels[what, side], interval, money(interval.mean, code), side)
        for what in ("spend", "sales")
        for side, figures in sides
        if (interval := getattr(figures, what)) is not None
    ]
    title = say("export.chart.spend_and_sales")
    plots = [Plot(title, ranges(rows, None, "", title), say("export.chart.drawn_caption"))]
    acos = [
        _range(labels["acos", side], figures.acos, percent(figures.acos.mean), side)
        for side, figures in sides
        if figures.acos is not None
    ]
    if acos:
        title = say("export.chart.acos")
        drawn = ranges(acos, target, say("export.chart.target"), title)
        plots.insert(0, Plot(title, drawn, _difference(change)))
    return plots


def _labels() -> dict[tuple[str, str], str]:
    return {
        ("acos", "before"): say("export.chart.before"),
        ("acos", "after"): say("export.chart.after"),
        ("spend", "before"): say("export.chart.spend_before"),
        ("spend", "after"): say("export.chart.spend_after"),
        ("sales", "before"): say("export.chart.sales_before"),
        ("sales", "after"): say("export.chart.sales_after"),
    }


def _difference(effect: BeforeAfter) -> str:
    """Return by how many points ACOS changes, in a sentence."""
    change = effect.difference.acos
    if change is None:
        return ""
    mean, low, high = (f"{100 * one:+.1f}" for one in (change.mean, change.low80, change.high80))
    return say("export.chart.difference", mean=mean, low=low, high=high)


def _range(label: str, interval: Interval, text: str, style: str) -> Range:
    # an infinite end, where nothing may be sold at all, is drawn at the edge
    most = 4 * interval.mean if interval.mean < float("inf") else 1.0
    ends = (interval.low80, interval.high80, interval.low95, interval.high95)
    low80, high80, low95, high95 = (min(end, most) for end in ends)
    return Range(label, min(interval.mean, most), low80, high80, low95, high95, text, style)


def _frontier(target: float, own: pl.DataFrame) -> Plot:
    remaining, acos = own["sales_kept"].to_list(), own["acos"].to_list()
    low, high = own["acos_low"].to_list(), own["acos_high"].to_list()
    bottom, top = min(*low, target) * 0.95, max(*high, target) * 1.05
    axes = Axes(
        (min(remaining), max(remaining)), (bottom, top), say("export.chart.sales_kept"), "ACOS"
    )
    band = list(zip(remaining, low, high, strict=True))
    points = list(zip(remaining, acos, strict=True))
    title = say("export.chart.frontier")
    drawn = curve(points, band, axes, [], target, title)
    return Plot(title, drawn, say("export.chart.frontier_caption", n=own["changes"][-1]))


def _reliability(backtest: Backtest | None) -> Message:
    """Return how often the intervals hold, in a sentence."""
    if backtest is None or backtest.coverage is None:
        return say("export.chart.no_backtest")
    coverage, groups = percent(backtest.coverage, 0), backtest.groups
    if backtest.by_time:
        return say("export.chart.backtest_by_time", coverage=coverage, groups=groups)
    return say("export.chart.backtest_by_chance", coverage=coverage, groups=groups)
