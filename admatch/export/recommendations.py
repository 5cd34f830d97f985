"""Recommendations as files: a table for programs, a page for a person."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from admatch.catalog.records import Catalog
from admatch.decisions.actions import Action
from admatch.decisions.backtest import Backtest
from admatch.decisions.recommendations import Recommendations
from admatch.decisions.waste import waste_by_cause
from admatch.display.money import money, percent
from admatch.display.templates import templates
from admatch.export.charts import Axes, Range, agreement, bars, curve, ranges
from admatch.export.table import spreadsheet_safe
from admatch.impact.what_if import Interval, WhatIf
from admatch.reports.records import SearchTermReport
from admatch.tables.atomic import replacing

_FOLDER = Path(__file__).parent
_ROWS = 60  # of one action on the page: it is read from the top
_LOUD = "GUARD-RAIL"


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with what stands above and below it."""

    title: str
    drawing: Markup
    caption: str


def write_recommendations_csv(advice: Recommendations, path: Path) -> None:
    """Write one row a decision as UTF-8 with a BOM; lists joined by semicolons."""
    with replacing(path) as unfinished:
        spreadsheet_safe(_flat(advice.frame)).write_csv(unfinished, include_bom=True)


def write_recommendations_parquet(advice: Recommendations, path: Path) -> None:
    """Write one row a decision, lists as lists."""
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
    loud = [one for one in advice.warnings if one.startswith(_LOUD)]
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
            loud=loud,
            quiet=[one for one in advice.warnings if one not in loud],
            held=_held(backtest),
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


def _tables(advice: Recommendations) -> "list[tuple[str, list[dict[str, Any]], int]]":
    """Return action, its rows that matter most, and how many more there are."""
    found = []
    weight = pl.col("profit_gain").abs().fill_null(0.0)
    for action in Action:
        own = advice.frame.filter(pl.col("action") == action.value)
        if own.is_empty() or action is Action.NOT_APPLICABLE:
            continue
        ordered = own.sort("chosen", weight, "spend", descending=True, maintain_order=True)
        shown = ordered.head(_ROWS).to_dicts()
        for row in shown:
            row["hue"] = zlib.crc32((row["product_id"] or "").encode()) % 360
        found.append((action.value, shown, own.height - len(shown)))
    return found


def _pictures(
    tables: "list[tuple[str, list[dict[str, Any]], int]]", catalog: Catalog | None
) -> dict[str, str]:
    if catalog is None:
        return {}
    names = {row["product_id"] for _, rows, _ in tables for row in rows if row["product_id"]}
    found = {name: catalog.picture(name, 96) for name in sorted(names)}
    return {name: picture for name, picture in found.items() if picture}


def _plots(advice: Recommendations, effect: WhatIf | None, backtest: Backtest | None) -> list[Plot]:
    plots = []
    for total in advice.totals.to_dicts():
        code = total["currency"]
        named = f" ({code})" if advice.totals.height > 1 else ""
        if effect is not None and code in effect.by_currency:
            plots += _before_after(advice, effect, code, named)
        own = advice.frontier.filter(pl.col("currency").eq_missing(pl.lit(code, pl.String)))
        if own.height > 1 and total["acos_before"] is not None:
            plots.append(_frontier(advice, own, total, named))
        causes = waste_by_cause(advice, code)
        if causes:
            drawn = bars([(name, sum_, money(sum_, code)) for name, sum_ in causes], "wasted spend")
            plots.append(Plot(f"Spend beyond the target, by cause{named}", drawn, _WASTE))
    if backtest is not None and backtest.calibration.height:
        drawn = agreement(
            backtest.calibration.select("expected", "observed", "low", "high").rows(), "calibration"
        )
        plots.append(Plot("Expected against observed", drawn, _held(backtest)))
    return plots


_WASTE = (
    "What terms cost in this report beyond what their sales are worth at the target. Much of it is "
    "chance: a term that sells well in the end may have sold nothing yet."
)


def _before_after(
    advice: Recommendations, effect: WhatIf, code: str | None, named: str
) -> list[Plot]:
    outlook = effect.by_currency[code]
    acos = [
        _range(label, figures.acos, percent(figures.acos.mean), label)
        for label, figures in (("before", outlook.before), ("after", outlook.after))
        if figures.acos is not None
    ]
    rows = [
        _range(f"{what} {label}", interval, money(interval.mean, code), label)
        for what in ("spend", "sales")
        for label, figures in (("before", outlook.before), ("after", outlook.after))
        if (interval := getattr(figures, what)) is not None
    ]
    told = (
        "Drawn from the model: the chosen changes against none, both with the same chance. "
        "The ranges hold all that may happen to the whole account, so they overlap more than the "
        "difference between the two is in doubt."
    )
    plots = [Plot(f"Spend and sales{named}", ranges(rows, None, "", "spend and sales"), told)]
    if acos:
        drawn = ranges(acos, advice.target_acos, "target", "ACOS before and after")
        plots.insert(0, Plot(f"ACOS before and after{named}", drawn, _difference(outlook)))
    return plots


def _difference(outlook: Any) -> str:  # noqa: ANN401 - a BeforeAfter, whose figures may be None
    change = outlook.difference.acos
    if change is None:
        return ""
    return (
        f"The difference is {100 * change.mean:+.1f} points "
        f"(80 %: {100 * change.low80:+.1f} to {100 * change.high80:+.1f})."
    )


def _range(label: str, interval: Interval, told: str, style: str) -> Range:
    # an infinite end is drawn at the edge: nothing may be sold at all
    most = 4 * interval.mean if interval.mean < float("inf") else 1.0
    ends = (interval.low80, interval.high80, interval.low95, interval.high95)
    low80, high80, low95, high95 = (min(end, most) for end in ends)
    return Range(label, min(interval.mean, most), low80, high80, low95, high95, told, style)


def _frontier(
    advice: Recommendations, own: pl.DataFrame, total: dict[str, Any], named: str
) -> Plot:
    kept, acos = own["sales_kept"].to_list(), own["acos"].to_list()
    lows = [*own["acos_low"].to_list(), advice.target_acos]
    highs = [*own["acos_high"].to_list(), advice.target_acos]
    axes = Axes((min(kept), 1.0), (min(lows) * 0.95, max(highs) * 1.05), "sales kept", "ACOS")
    band = list(zip(kept, own["acos_low"].to_list(), own["acos_high"].to_list(), strict=True))
    drawn = curve(
        list(zip(kept, acos, strict=True)), band, axes, [], advice.target_acos, "frontier"
    )
    caption = (
        f"Ever more of the {own['changes'][-1]:,} negations and lower bids, those that cost "
        "fewest sales first, from no change at the right. The dashed line is the target."
    )
    return Plot(f"ACOS against sales kept{named}", drawn, caption)


def _held(backtest: Backtest | None) -> str:
    if backtest is None or backtest.coverage is None:
        return "How often they hold is not known for this account: it is too small for a backtest."
    how = "later days" if backtest.by_time else "a random half of the clicks"
    return (
        f"In a backtest on {how}, {backtest.coverage:.0%} of {backtest.groups} ad groups had as "
        "many orders as their 80 % interval says."
    )
