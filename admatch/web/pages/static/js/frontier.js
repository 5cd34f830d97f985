// ACOS against sales kept: every point is one more change. Pointer and arrow keys move along it.
import { drawn, table, ticks, tip } from "./chart.js";
import { el, svg } from "./dom.js";
import { count, money, percent } from "./format.js";
import { t } from "./words.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [52, 18, 26, 44];
const DRAWN = 600; // points
const TOLD = 40; // rows of the table: a frontier may have thousands of points

export function frontier(parent, points, expected, target, currency) {
  const known = thinned(points.filter((one) => one.acos !== null && one.sales_kept !== null));
  if (known.length < 2) {
    parent.watching?.disconnect();
    parent.replaceChildren(el("p", { class: "empty" }, t(expected.unwritable ? "chart.frontier.waiting" : "chart.frontier.none")));
    return;
  }
  const step = Math.ceil(known.length / TOLD);
  const rows = known.filter((_, at) => at % step === 0 || at === known.length - 1).map((one) => [
    count(one.changes), percent(one.sales_kept), percent(one.acos), `${percent(one.acos_low)} – ${percent(one.acos_high)}`, money(one.spend, currency, true),
  ]);
  const heads = ["changes", "kept", "acos", "of80", "spend"].map((name) => t(`chart.frontier.${name}`));
  drawn(parent, (wide, stage) => picture(wide, stage, known, expected, target, currency), table(heads, rows));
}

// Few enough to draw quickly, without a visible difference; the last point is always among them.
function thinned(points) {
  const step = Math.ceil(points.length / DRAWN);
  return points.filter((_, at) => at % step === 0 || at === points.length - 1);
}

function picture(wide, stage, points, expected, target, currency) {
  const high = Math.min(360, Math.max(250, wide * 0.55));
  const scale = scales(points, expected, target, wide, high);
  const { x, y, best } = scale;
  const way = points.map((one) => `${x(one.sales_kept).toFixed(1)},${y(one.acos).toFixed(1)}`).join(" ");
  const upper = points.map((one) => `${x(one.sales_kept).toFixed(1)},${y(one.acos_high ?? one.acos).toFixed(1)}`);
  const lower = points.map((one) => `${x(one.sales_kept).toFixed(1)},${y(one.acos_low ?? one.acos).toFixed(1)}`).reverse();
  const parts = [
    axes(scale, wide, high),
    svg("polygon", { points: [...upper, ...lower].join(" "), class: "band" }),
    svg("polyline", { points: way, class: "way" }),
    svg("line", { x1: LEFT, x2: wide - RIGHT, y1: y(target), y2: y(target), class: "limit" }),
    svg("text", { x: LEFT + 6, y: y(target) - 6, class: "limit-label" }, t("chart.target", { value: percent(target, 0) })),
    best && svg("g", { class: "best" }, svg("rect", { x: x(best.kept) - 6, y: y(best.acos) - 6, width: 12, height: 12, transform: `rotate(45 ${x(best.kept)} ${y(best.acos)})` }),
      svg("text", { x: x(best.kept) + (x(best.kept) > wide * 0.6 ? -14 : 14), y: y(best.acos) + 20, "text-anchor": x(best.kept) > wide * 0.6 ? "end" : "start" }, t("chart.frontier.chosen"))),
  ];
  return walked(parts, { wide, high, stage, points, scale, currency });
}

function scales(points, expected, target, wide, high) {
  const kept = expected.sales_before ? Math.min(expected.sales_after / expected.sales_before, 1.5) : null;
  const best = kept !== null && expected.acos_after !== null && expected.changes ? { kept, acos: expected.acos_after } : null;
  const across = [...points.map((one) => one.sales_kept), best?.kept ?? 1];
  const up = [...points.flatMap((one) => [one.acos_low ?? one.acos, one.acos_high ?? one.acos]), target, best?.acos ?? target];
  const [x0, x1] = [Math.min(...across), Math.max(...across)];
  const pad = (x1 - x0 || 0.02) * 0.04;
  const [y0, y1] = [Math.min(...up) * 0.94, Math.max(...up) * 1.05];
  return {
    best,
    across: [x0 - pad, x1 + pad],
    up: [y0, y1],
    x: (value) => LEFT + ((value - x0 + pad) / (x1 - x0 + 2 * pad)) * (wide - LEFT - RIGHT),
    y: (value) => high - BOTTOM - ((value - y0) / (y1 - y0 || 1)) * (high - TOP - BOTTOM),
  };
}

function axes({ x, y, across, up }, wide, high) {
  const fine = across[1] - across[0] < 0.04 ? 1 : 0;
  return [
    ...ticks(up[0], up[1], 5).map((value) => [
      svg("line", { x1: LEFT, x2: wide - RIGHT, y1: y(value), y2: y(value), class: "grid" }),
      svg("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end", class: "soft" }, percent(value, up[1] - up[0] < 0.04 ? 1 : 0)),
    ]),
    ...ticks(across[0], across[1], wide < 500 ? 3 : 6).map((value) =>
      svg("text", { x: x(value), y: high - BOTTOM + 18, "text-anchor": "middle", class: "soft" }, percent(value, fine))),
    svg("text", { x: 0, y: 12, class: "soft" }, t("measure.acos")),
    svg("text", { x: wide - RIGHT, y: high - 6, "text-anchor": "end", class: "soft" }, t("chart.frontier.kept")),
  ];
}

function walked(parts, { wide, high, stage, points, scale, currency }) {
  const { x, y } = scale;
  const hint = tip(stage);
  const cursor = svg("circle", { r: 6, class: "cursor", visibility: "hidden" });
  const line = svg("line", { y1: TOP, y2: high - BOTTOM, class: "cursor-line", visibility: "hidden" });
  let at = 0;
  const say = (one) => [
    t("chart.frontier.tip", { n: one.changes, count: count(one.changes), acos: percent(one.acos), low: percent(one.acos_low), high: percent(one.acos_high) }),
    t("chart.frontier.tip_more", { kept: percent(one.sales_kept), spend: money(one.spend, currency, true) }),
  ];
  const drawing = svg("svg", { class: "chart walk", width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, tabindex: 0, role: "slider", "aria-label": t("chart.frontier.title"), "aria-valuemin": 0, "aria-valuemax": points.length - 1 }, parts, line, cursor);
  const go = (to) => {
    at = Math.max(0, Math.min(points.length - 1, to));
    const one = points[at];
    const [left, up] = [x(one.sales_kept), y(one.acos)];
    for (const [name, value] of [["cx", left], ["cy", up], ["visibility", "visible"]]) cursor.setAttribute(name, value);
    for (const [name, value] of [["x1", left], ["x2", left], ["visibility", "visible"]]) line.setAttribute(name, value);
    drawing.setAttribute("aria-valuenow", at);
    drawing.setAttribute("aria-valuetext", say(one).join(" "));
    hint.show(left, up, ...say(one));
  };
  const away = () => {
    hint.hide();
    for (const one of [cursor, line]) one.setAttribute("visibility", "hidden");
  };
  drawing.setAttribute("aria-valuenow", 0);
  drawing.setAttribute("aria-valuetext", say(points[0]).join(" "));
  drawing.addEventListener("pointermove", (event) => {
    const left = event.clientX - drawing.getBoundingClientRect().left;
    const gaps = points.map((one) => Math.abs(x(one.sales_kept) - left));
    go(gaps.indexOf(Math.min(...gaps)));
  });
  drawing.addEventListener("pointerleave", away);
  drawing.addEventListener("focus", () => drawing.matches(":focus-visible") && go(at));
  drawing.addEventListener("blur", away);
  drawing.addEventListener("keydown", (event) => {
    const far = Math.max(1, Math.round(points.length / 10));
    const to = { ArrowRight: at - 1, ArrowUp: at - 1, ArrowLeft: at + 1, ArrowDown: at + 1, PageUp: at - far, PageDown: at + far, Home: 0, End: points.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  return [drawing, stage.lastElementChild];
}
