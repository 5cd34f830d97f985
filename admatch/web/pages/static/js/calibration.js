// Expected conversion rates against observed ones, on clicks that the model had not seen.
import { drawn, table, ticks, tip } from "./chart.js";
import { svg } from "./dom.js";
import { count, percent } from "./format.js";
import { t } from "./words.js";

export function calibration(parent, backtest) {
  const bands = (backtest?.calibration ?? []).filter((one) => one.expected !== null && one.observed !== null);
  if (!bands.length) return false;
  const heads = ["expected", "observed", "range", "clicks"].map((name) => t(`chart.calibration.${name}`));
  const rows = bands.map((one) => [percent(one.expected), percent(one.observed), `${percent(one.low)} – ${percent(one.high)}`, count(one.clicks)]);
  drawn(parent, (wide, stage) => picture(wide, stage, bands), table(heads, rows));
  return true;
}

function picture(wide, stage, bands) {
  const [left, right, top, bottom, high] = [48, 12, 10, 40, Math.min(280, Math.max(200, wide * 0.6))];
  const most = Math.max(...bands.map((one) => Math.max(one.expected, one.high ?? one.observed))) * 1.05;
  const x = (value) => left + (value / most) * (wide - left - right);
  const y = (value) => high - bottom - (value / most) * (high - top - bottom);
  const hint = tip(stage);
  const marks = bands.map((one) => {
    const said = t("chart.calibration.tip", { expected: percent(one.expected), observed: percent(one.observed), low: percent(one.low), high: percent(one.high), count: count(one.clicks), n: one.clicks });
    const show = () => hint.show(x(one.expected), y(one.observed), said);
    return svg("g", { class: "mark after", tabindex: 0, role: "img", "aria-label": said, onpointerenter: show, onfocus: show, onpointerleave: hint.hide, onblur: hint.hide },
      svg("line", { x1: x(one.expected), x2: x(one.expected), y1: y(one.low ?? one.observed), y2: y(one.high ?? one.observed), class: "thin" }),
      svg("circle", { cx: x(one.expected), cy: y(one.observed), r: 5 }),
      svg("circle", { cx: x(one.expected), cy: y(one.observed), r: 14, class: "reach" }));
  });
  const grid = ticks(0, most, 4).flatMap((value) => [
    svg("line", { x1: left, x2: wide - right, y1: y(value), y2: y(value), class: "grid" }),
    svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end", class: "soft" }, percent(value, 0)),
    svg("text", { x: x(value), y: high - bottom + 18, "text-anchor": "middle", class: "soft" }, percent(value, 0)),
  ]);
  return [svg("svg", { class: "chart", width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, role: "group", "aria-label": t("chart.calibration.title") },
    grid,
    svg("line", { x1: x(0), y1: y(0), x2: x(most), y2: y(most), class: "limit" }),
    svg("text", { x: (left + wide - right) / 2, y: high - 4, "text-anchor": "middle", class: "soft" }, t("chart.calibration.axes")),
    marks), stage.lastElementChild];
}
