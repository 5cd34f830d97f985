// A small line of a figure by day, with its range in words.
import { el, svg } from "./dom.js";
import { count, day } from "./format.js";
import { t } from "./words.js";

const [WIDE, HIGH] = [220, 36];

export function sparkline(days, field = "clicks") {
  if (days.length < 2) return null;
  const values = days.map((one) => one[field] ?? 0);
  const most = Math.max(...values, 1);
  const x = (at) => (at / (days.length - 1)) * (WIDE - 4) + 2;
  const y = (value) => HIGH - 3 - (value / most) * (HIGH - 6);
  const bought = days.map((one, at) => (one.orders ? svg("circle", { cx: x(at), cy: y(values[at]), r: 2.5, class: "bought" }) : null));
  const said = t("detail.history_said", { first: day(days[0].day), last: day(days.at(-1).day), most: count(most) });
  return el("div", { class: "sparkline" },
    svg("svg", { class: "chart", viewBox: `0 0 ${WIDE} ${HIGH}`, width: WIDE, height: HIGH, role: "img", "aria-label": said },
      svg("polyline", { points: values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" "), class: "way" }), bought),
    el("small", {}, said));
}
