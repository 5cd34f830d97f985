// What the tables show: columns that are always there, and those that a reader may add.
import { el } from "./dom.js";
import { count, money, percent, sure } from "./format.js";
import { named, t } from "./words.js";

const KEPT = "admatch.columns";
const amount = (field) => (row) => (row[field] === null || row[field] === undefined ? "–" : money(row[field], row.currency));

// Each further column: its field on the server, and how a cell is written.
export const FURTHER = {
  orders: { field: "orders", cell: (row) => count(row.orders) },
  sales: { field: "sales", cell: amount("sales") },
  impressions: { field: "impressions", cell: (row) => count(row.impressions) },
  acos_after: { field: "acos_after", cell: (row) => percent(row.acos_after, 0) },
  chance: { field: "chance", cell: (row) => sure(row.chance) },
  bid: { field: "new_bid", cell: (row) => (row.new_bid === null ? "–" : t("detail.bid_to", { old: money(row.bid, row.currency), new: money(row.new_bid, row.currency) })) },
  outcome: { field: "outcome", text: true, cell: (row) => named("outcome", row.outcome) },
  targeting: { field: "targeting", text: true, cell: (row) => row.targeting ?? "–" },
};

export function chosen() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]").filter((name) => name in FURTHER);
  } catch {
    return [];
  }
}

export function chooser(changed) {
  const own = new Set(chosen());
  const box = (name) => el("label", { class: "check" }, el("input", { type: "checkbox", checked: own.has(name), onchange: (event) => {
    if (event.target.checked) own.add(name);
    else own.delete(name);
    localStorage.setItem(KEPT, JSON.stringify([...own]));
    changed();
  } }), t(`decisions.column.${name}`));
  return el("details", { class: "menu", id: "columns" }, el("summary", {}, t("decisions.columns")), el("div", { class: "menu-box" }, Object.keys(FURTHER).map(box)));
}
