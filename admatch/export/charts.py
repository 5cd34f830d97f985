"""Plots as inline SVG in the colours of the page: bars, ranges, a curve with its band."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from admatch.display.money import percent
from admatch.messages import say

WIDTH = 560
_ROW, _LEFT, _RIGHT = 34, 190, 90


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with the ranges that hold it with 80 % and 95 % probability, and its ``text``."""

    label: str
    mean: float
    low80: float
    high80: float
    low95: float
    high95: float
    text: str
    style: str = "before"


def ranges(rows: Sequence[Range], limit: float | None, limit_text: str, title: str) -> Markup:
    """Return a line for each figure: a dot at its mean, a thick 80 % range, a thin 95 % one."""
    highest = max([row.high95 for row in rows] + ([limit] if limit else []), default=0.0)
    scale = (WIDTH - _LEFT - _RIGHT) / (highest * 1.03 or 1.0)
    height = _ROW * len(rows) + 34
    parts = []
    if limit is not None:
        at = _LEFT + limit * scale
        parts.append(_line(at, 16, at, height - 12, "limit"))
        parts.append(_text(at, 11, limit_text, "middle", "soft"))
    for number, row in enumerate(rows):
        y = 34 + number * _ROW
        x = [_LEFT + value * scale for value in (row.low95, row.low80, row.high80, row.high95)]
        parts += [
            _text(_LEFT - 12, y + 4, row.label, "end", ""),
            _line(x[0], y, x[3], y, f"thin {row.style}"),
            _line(x[1], y, x[2], y, f"thick {row.style}"),
            f'<circle cx="{_LEFT + row.mean * scale:.1f}" cy="{y}" r="5" class="{row.style}"/>',
            _text(WIDTH - _RIGHT + 12, y + 4, row.text, "start", "value"),
        ]
    return _svg(parts, height, title)


def bars(rows: Sequence[tuple[str, float, str]], title: str) -> Markup:
    """Return a bar for each (label, value, text of the value), in their order."""
    highest = max((value for _, value, _ in rows), default=0.0) or 1.0
    room = WIDTH - _LEFT - _RIGHT
    parts = []
    for number, (label, value, text) in enumerate(rows):
        y = 6 + number * 30
        wide = max(value / highest * room, 1.0)
        parts += [
            _text(_LEFT - 12, y + 14, label, "end", ""),
            f'<rect x="{_LEFT}" y="{y}" width="{wide:.1f}" height="18" rx="3" class="waste"/>',
            _text(_LEFT + wide + 8, y + 14, text, "start", "value"),
        ]
    return _svg(parts, 30 * len(rows) + 10, title)


@dataclass(frozen=True, slots=True)
class Axes:
    """A plot's field: lowest and highest x and y, and the names of both."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_name: str
    y_name: str
    height: int = 300

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the position of a point, in pixels."""
        wide, high = self.x[1] - self.x[0] or 1.0, self.y[1] - self.y[0] or 1.0
        return (
            60 + (x - self.x[0]) / wide * (WIDTH - 90),
            self.height - 46 - (y - self.y[0]) / high * (self.height - 70),
        )


def curve(
    points: Sequence[tuple[float, float]],
    band: Sequence[tuple[float, float, float]],
    axes: Axes,
    marks: Sequence[tuple[float, float, str]],
    limit: float | None,
    title: str,
) -> Markup:
    """Return a curve with a band (x, low, high) behind it, marked points and a limit."""
    low = [axes.at(x, y) for x, y, _ in band]
    high = [axes.at(x, y) for x, _, y in reversed(band)]
    parts = [*_frame(axes)]
    if band:
        parts.append(f'<polygon points="{_points([*low, *high])}" class="band"/>')
    if limit is not None and axes.y[0] <= limit <= axes.y[1]:
        left, right = axes.at(axes.x[0], limit), axes.at(axes.x[1], limit)
        parts.append(_line(*left, *right, "limit"))
    parts.append(f'<polyline points="{_points([axes.at(*one) for one in points])}" class="way"/>')
    for x, y, text in marks:
        at = axes.at(x, y)
        parts.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="5" class="after"/>')
        parts.append(_text(at[0], at[1] - 10, text, "middle", "value"))
    return _svg(parts, axes.height, title)


def agreement(rows: Sequence[tuple[float, float, float, float]], title: str) -> Markup:
    """Return observed over expected rates with the range of chance: (x, y, low, high)."""
    highest = max((max(x, y, high) for x, y, _, high in rows), default=0.0) * 1.05 or 1.0
    axes = Axes(
        (0, highest), (0, highest), say("export.chart.expected_rate"), say("export.chart.observed")
    )
    start, end = axes.at(0, 0), axes.at(highest, highest)
    parts = [*_frame(axes), _line(*start, *end, "limit")]
    for x, y, low, high in rows:
        bottom, top, at = axes.at(x, low), axes.at(x, high), axes.at(x, y)
        parts.append(_line(*bottom, *top, "thin before"))
        parts.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="5" class="after"/>')
    return _svg(parts, axes.height, title)


def _frame(axes: Axes) -> list[str]:
    left, right = axes.at(axes.x[0], axes.y[0]), axes.at(axes.x[1], axes.y[0])
    top = axes.at(axes.x[0], axes.y[1])
    parts = [_line(*left, *right, "axis"), _line(*left, *top, "axis")]
    for step in range(5):
        x = axes.x[0] + (axes.x[1] - axes.x[0]) * step / 4
        y = axes.y[0] + (axes.y[1] - axes.y[0]) * step / 4
        parts.append(_text(axes.at(x, axes.y[0])[0], left[1] + 18, percent(x), "middle", "soft"))
        parts.append(_text(left[0] - 8, axes.at(axes.x[0], y)[1] + 4, percent(y), "end", "soft"))
    parts.append(_text(right[0], left[1] + 36, axes.x_name, "end", "soft"))
    parts.append(_text(left[0] - 50, 14, axes.y_name, "start", "soft"))
    return parts


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{style}"/>'


def _text(x: float, y: float, text: str, anchor: str, style: str) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{style}"'
    return f"<text {where}>{escape(text)}</text>"


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _svg(parts: Sequence[str], height: int, title: str) -> Markup:
    name = escape(title, quote=True)
    head = f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}">'
    return Markup(head + "".join(parts) + "</svg>")  # every text in it is escaped above
