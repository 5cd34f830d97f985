// Views that a reader named: a level with its filters and order, kept in this browser.
import { el, put } from "./dom.js";
import { t } from "./words.js";

const KEPT = "admatch.views";

function all() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

export function savedViews(table) {
  const parent = el("div", { class: "menu-box" });
  const keep = (views) => (localStorage.setItem(KEPT, JSON.stringify(views)), show());
  function show() {
    const views = all();
    const name = el("input", { type: "text", maxlength: 60, "aria-label": t("decisions.views.name"), placeholder: t("decisions.views.name") });
    const save = el("button", { type: "button", class: "button small", onclick: () => name.value.trim() && keep({ ...views, [name.value.trim()]: table.query().toString() }) }, t("decisions.views.save"));
    put(parent, Object.entries(views).map(([label, query]) => el("div", { class: "row between" },
      el("button", { type: "button", class: "link", onclick: () => table.go(query) }, label),
      el("button", { type: "button", class: "close", "aria-label": t("decisions.views.remove", { name: label }), onclick: () => keep(Object.fromEntries(Object.entries(views).filter(([one]) => one !== label))) }, "×"))),
      el("div", { class: "row" }, name, save));
  }
  show();
  return el("details", { class: "menu" }, el("summary", {}, t("decisions.views.title")), parent);
}
