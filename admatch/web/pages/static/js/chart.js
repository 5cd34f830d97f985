// Shared by all charts: a drawing as wide as its box, a tip at the pointer, a table beside it.
import { el, put } from "./dom.js";
import { t } from "./words.js";

// Draw now and whenever the width changes; draw gets the width in pixels and returns the picture.
export function drawn(parent, draw, table) {
  const stage = el("div", { class: "stage" });
  const named = [parent.closest("figure")?.querySelector("h3")?.textContent, t("chart.as_table")].filter(Boolean).join(": ");
  put(parent, stage, table && el("details", { class: "as-table" }, el("summary", {}, t("chart.as_table")), el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": named }, table)));
  parent.watching?.disconnect();
  let last = 0;
  parent.watching = new ResizeObserver(([entry]) => {
    const wide = Math.round(entry.contentRect.width);
    if (!wide || wide === last) return;
    last = wide;
    put(stage, draw(wide, stage));
  });
  parent.watching.observe(stage);
}

export function table(heads, rows) {
  return el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, heads.map((one, at) => el("th", { scope: "col", class: at ? "number" : "" }, one)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((one, at) => el(at ? "td" : "th", at ? { class: "number" } : { scope: "row" }, one))))));
}

// A small box beside a point of the drawing.
export function tip(stage) {
  const box = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  stage.append(box);
  return {
    show(x, y, ...lines) {
      put(box, lines.map((line) => el("p", {}, line)));
      box.hidden = false;
      const wide = stage.clientWidth;
      const left = Math.min(Math.max(x - box.offsetWidth / 2, 0), wide - box.offsetWidth);
      box.style.setProperty("left", `${left}px`);
      box.style.setProperty("top", `${y > box.offsetHeight + 14 ? y - box.offsetHeight - 12 : y + 14}px`);
    },
    hide() {
      box.hidden = true;
    },
  };
}

// Round values that divide a range into about n parts.
export function ticks(low, high, n = 5) {
  const rough = (high - low || 1) / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) found.push(Math.abs(value) < step * 1e-9 ? 0 : value);
  return found;
}
