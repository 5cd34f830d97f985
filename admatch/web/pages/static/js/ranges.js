// ACOS, spend and sales before and after: a dot at the mean, a thick range of 80 %, a thin one of 95 %.
import { drawn, table, tip } from "./chart.js";
import { svg } from "./dom.js";
import { money, percent } from "./format.js";
import { t } from "./words.js";

const ROW = 34;

export function ranges(parent, { before, after, currency }, target) {
  const amount = (value) => money(value, currency, true);
  const groups = [["acos", percent], ["spend", amount], ["sales", amount]]
    .map(([name, written]) => ({ name, written, rows: [["before", before], ["after", after]].map(([when, figures]) => [when, figures?.[name]]).filter(([, one]) => one && one.mean !== null) }))
    .filter((group) => group.rows.length);
  if (!groups.length || !before?.spend?.mean) return false; // nothing was spent
  const rows = groups.flatMap(({ name, written, rows: own }) => own.map(([when, one]) =>
    [t(`chart.ranges.${name}_${when}`), written(one.mean), `${written(one.low80)} – ${written(one.high80)}`, `${written(one.low95)} – ${written(one.high95)}`]));
  const heads = ["what", "mean", "of80", "of95"].map((name) => t(`chart.ranges.${name}`));
  drawn(parent, (wide, stage) => picture(wide, stage, groups, target), table(heads, rows));
  return true;
}

function picture(wide, stage, groups, target) {
  const narrow = wide < 420;
  const left = narrow ? 0 : 120;
  const right = narrow ? 74 : 92;
  const hint = tip(stage);
  const parts = [];
  let y = 6;
  for (const { name, written, rows } of groups) {
    y += 22;
    parts.push(svg("text", { x: 0, y, class: "strong" }, t(`measure.${name}`)));
    const limit = name === "acos" ? target : null;
    const most = Math.max(...rows.map(([, one]) => end(one, 0.95, one.mean)), limit ?? 0) * 1.04 || 1;
    const x = (value) => left + (Math.min(value, most) / most) * (wide - left - right);
    const top = y + 8;
    for (const [when, one] of rows) {
      y += ROW * (narrow ? 1.25 : 1);
      const middle = y - 8;
      const [low95, low80, high80, high95] = [one.low95 ?? 0, one.low80 ?? 0, end(one, 0.8, most), end(one, 0.95, most)].map(x);
      const said = `${t(`chart.ranges.${name}_${when}`)}: ${written(one.mean)}`;
      const more = t("chart.ranges.tip", { low80: written(one.low80), high80: written(one.high80), low95: written(one.low95), high95: written(one.high95) });
      const show = () => hint.show(x(one.mean), middle, said, more);
      parts.push(svg("g", { class: `mark ${when}`, tabindex: 0, role: "img", "aria-label": `${said}. ${more}`, onpointerenter: show, onfocus: show, onpointerleave: hint.hide, onblur: hint.hide },
        svg("rect", { x: 0, y: middle - 16, width: wide, height: 32, class: "reach" }),
        svg("text", narrow ? { x: 0, y: middle - 11, class: "soft" } : { x: left - 14, y: middle + 4, "text-anchor": "end", class: "soft" }, t(`chart.ranges.${when}`)),
        svg("line", { x1: low95, x2: high95, y1: middle, y2: middle, class: "thin" }),
        svg("line", { x1: low80, x2: high80, y1: middle, y2: middle, class: "thick" }),
        svg("circle", { cx: x(one.mean), cy: middle, r: 5.5 }),
        svg("text", { x: wide, y: middle + 5, "text-anchor": "end", class: "value" }, written(one.mean))));
    }
    if (limit !== null) {
      parts.push(svg("line", { x1: x(limit), x2: x(limit), y1: top, y2: y + 4, class: "limit" }));
      parts.push(svg("text", { x: x(limit), y: top - 4, class: "limit-label", "text-anchor": x(limit) > wide - 150 ? "end" : "middle" }, t("chart.target", { value: percent(limit, 0) })));
    }
    y += 8;
  }
  const drawing = svg("svg", { class: "chart", width: wide, height: y + 6, viewBox: `0 0 ${wide} ${y + 6}`, role: "group", "aria-label": t("chart.ranges.title") }, parts);
  return [drawing, stage.lastElementChild];
}

// The end of a range; an endless one (where perhaps nothing is sold) reaches to the edge.
const end = (one, share, edge) => (share === 0.8 ? one.high80 : one.high95) ?? edge;
