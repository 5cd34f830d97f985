// Targetings, ad groups, campaigns or products with the sums of their decisions.
import { picture } from "./decision_row.js";
import { el } from "./dom.js";
import { count, money, percent } from "./format.js";
import { t } from "./words.js";

export const LEVELS = ["targeting", "ad_group", "campaign", "product"];
const NUMBERS = ["terms", "clicks", "spend", "sales", "acos", "acos_expected", "in_file", "gain"];

export function levelTable(view, found) {
  const name = { targeting: "targeting", ad_group: "ad_group", campaign: "campaign", product: "title" }[view.level];
  const heads = [[name, view.level], ...NUMBERS.map((one) => [one, one])];
  const head = heads.map(([field, label], at) => {
    const sorted = view.sort.replace("-", "") === field;
    return el("th", { scope: "col", class: at ? "number" : "first", "aria-sort": sorted ? (view.sort.startsWith("-") ? "descending" : "ascending") : null },
      el("button", { type: "button", dataset: { sort: field }, onclick: () => view.order(field) }, t(`levels.column.${label}`)));
  });
  const sums = { ...found.sums, currency: view.currency ?? found.items[0]?.currency ?? null };
  const total = el("tr", { class: "total" }, el("th", { scope: "row" }, t("levels.total")), NUMBERS.map((one) => number(one, sums)));
  return el("table", { class: "decisions levels", tabindex: -1 },
    el("caption", { class: "off" }, t(`levels.${view.level}`)),
    el("thead", {}, el("tr", {}, head)), el("tbody", {}, found.items.map((row) => line(view, row)), total));
}

function line(view, row) {
  const label = { targeting: row.targeting, ad_group: row.ad_group, campaign: row.campaign, product: row.title ?? row.product_id }[view.level] ?? t(`levels.none.${view.level}`);
  const where = { targeting: [row.campaign, row.ad_group, row.match_type], ad_group: [row.campaign], campaign: [], product: row.title ? [row.product_id] : [] }[view.level];
  const known = view.level !== "product" || row.product_id;
  const opener = known ? el("button", { type: "button", class: "term", title: t("levels.open"), onclick: () => view.enter(row) }, label) : el("span", { class: "strong" }, label);
  return el("tr", { class: "line" },
    el("th", { scope: "row", class: "term-cell" }, view.level === "product" && row.product_id ? el("div", { class: "found" }, picture(row.picture, label, 96), el("div", {}, opener, el("small", { class: "where" }, where.filter(Boolean).join(" › ")))) : [opener, el("small", { class: "where" }, where.filter((one) => one && one !== "-").join(" › "))]),
    NUMBERS.map((one) => number(one, row)));
}

function number(name, row) {
  const amount = (value) => money(value, row.currency, true);
  const written = { spend: amount, sales: amount, gain: (value) => (value ? amount(value) : "–"), acos: (value) => percent(value, 0), acos_expected: (value) => percent(value, 0) }[name] ?? count;
  return el("td", { class: "number", "data-label": t(`levels.column.${name}`) }, written(row[name]));
}
