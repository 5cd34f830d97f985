"""A replay as files: tables as CSV, and a page with charts: ``write_replay``."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from admatch.display.money import percent
from admatch.display.templates import templates
from admatch.export.charts import Axes, Range, curve, ranges
from admatch.export.table import spreadsheet_safe
from admatch.messages import say
from admatch.pipeline.replay_paths import Path as Way
from admatch.pipeline.replay_rules import ADMATCH, NOTHING, policy_name
from admatch.pipeline.replay_table import steps_of
from admatch.tables.atomic import replacing

if TYPE_CHECKING:
    from admatch.pipeline.replay import Replay

_TEMPLATES = Path(__file__).parent
_STYLES = ("report.css", "recommendations.css")


def write_replay(replay: "Replay", folder: Path) -> tuple[Path, ...]:
    """Write the sums, the cuts, every change, and the page; return the files."""
    tables = {
        "replay.csv": replay.summary,
        "replay_cuts.csv": replay.frame,
        "replay_changes.csv": replay.steps,
    }
    for name, table in tables.items():
        with replacing(folder / name) as unfinished:
            spreadsheet_safe(table).write_csv(unfinished, include_bom=True)
    with replacing(folder / "replay.html") as unfinished:
        unfinished.write_text(_page(replay), encoding="utf-8")
    return tuple(folder / name for name in (*tables, "replay.html"))


def _page(replay: "Replay") -> str:
    style = "".join(files("admatch.export").joinpath(one).read_text("utf-8") for one in _STYLES)
    parts = [
        {"currency": currency, "lines": list(_lines(replay, own)), "plots": _plots(replay, own)}
        for currency, own in _by_currency(replay)
    ]
    template = templates(_TEMPLATES).get_template("replay.html.jinja")
    return template.render(replay=replay, parts=parts, style=Markup(style))


def _by_currency(replay: "Replay") -> Iterator[tuple[str | None, pl.DataFrame]]:
    groups = replay.summary.group_by("currency", maintain_order=True)
    for (currency,), own in groups:
        yield currency if isinstance(currency, str) else None, own


def _lines(replay: "Replay", own: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for line in own.iter_rows(named=True):
        yield line | {"name": policy_name(line["policy"])}


def _plots(replay: "Replay", own: pl.DataFrame) -> list[tuple[str, Markup, str]]:
    """Return title, drawing and caption of each chart of a currency."""
    plots: list[tuple[str, Markup, str]] = [
        (say("pipeline.replay.saved"), _saved(replay, own), say("pipeline.replay.saved_caption"))
    ]
    currency = own["currency"][0]
    frame = replay.frame.filter(
        pl.col("currency").eq_missing(pl.lit(currency, pl.String)),
        pl.col("policy") == ADMATCH,
        pl.col("acos_expected").is_finite(),
    )
    if frame.height:
        title = say("pipeline.replay.promised")
        rows = [one for line in frame.iter_rows(named=True) for one in _promised(line)]
        drawn = ranges(rows, replay.target_acos, say("pipeline.replay.target"), title)
        plots.append((title, drawn, say("pipeline.replay.promised_caption")))
    return plots


def _saved(replay: "Replay", own: pl.DataFrame) -> Markup:
    """Draw spend saved against sales lost: admatch's changes one by one, each rule as a point."""
    spend, sales = own["spend"][0] or 1.0, own["sales"][0] or 1.0
    way = Way.of(steps_of(replay.steps, own["currency"][0], ADMATCH))
    points = [(0.0, 0.0)]
    for saved, lost in zip(way.saved, way.lost, strict=True):
        points.append((points[-1][0] + float(lost) / sales, points[-1][1] + float(saved) / spend))
    marks = [
        (line["lost"] / sales, line["saved"] / spend, line["policy"])
        for line in own.iter_rows(named=True)
        if line["policy"] != NOTHING
    ]
    x, y = zip(*points, *((one[0], one[1]) for one in marks), strict=True)
    room = 0.12 * (max(y) - min(y))  # for the names above the points
    axes = Axes(
        (min(x), max(x)), (min(y), max(y) + room),
        say("pipeline.replay.lost_share"), say("pipeline.replay.saved_share"),
    )  # fmt: skip
    return curve(points, [], axes, marks, None, say("pipeline.replay.saved"))


def _promised(line: dict[str, Any]) -> Iterator[Range]:
    """Yield the interval that was promised at a cut, and what came."""
    most = 4 * line["acos_expected"]  # an infinite end is drawn at the edge
    low, high = line["acos_low"], min(line["acos_high"], most)
    mean, came = line["acos_expected"], min(line["acos"], most)
    day = str(line["day"])
    yield Range(day, mean, low, high, low, high, percent(mean), "before")
    label = say("pipeline.replay.came")
    yield Range(label, came, came, came, came, came, percent(line["acos"]), "after")
