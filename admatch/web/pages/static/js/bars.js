// Bar charts that are tables as well: spend beyond the target by cause, spend by outcome.
import { el, put } from "./dom.js";
import { count, money, percent, sure } from "./format.js";
import { named, t } from "./words.js";

const OUTCOMES = ["match", "related", "none", "not_applicable"];

export function causes(parent, { causes: rows, currency, seen }) {
  if (!rows.length) return false;
  const most = rows[0].amount;
  put(parent, el("table", { class: "bars" },
    el("thead", { class: "off" }, el("tr", {}, ["cause", "amount", "share"].map((name) => el("th", { scope: "col" }, t(`chart.causes.${name}`))))),
    el("tbody", {}, rows.map((row) => el("tr", {},
      el("th", { scope: "row" }, named("cause", row.cause)),
      el("td", { class: "number" }, money(row.amount, currency, true)),
      el("td", { class: "number soft" }, sure(seen.spend ? row.amount / seen.spend : null)),
      el("td", { class: "bar", "aria-hidden": "true" }, el("i", { "--part": row.amount / most })))))));
  return true;
}

export function outcomes(parent, results, currency) {
  const rows = results.outcomes.filter((one) => one.currency === currency).sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome));
  const all = rows.reduce((sum, one) => sum + (one.spend ?? 0), 0);
  if (!rows.length || !all) return false;
  put(parent,
    el("div", { class: "shares", "aria-hidden": "true" }, rows.map((one) => el("i", { class: one.outcome, "--part": (one.spend ?? 0) / all }))),
    el("table", { class: "plain outcomes" },
      el("thead", {}, el("tr", {}, ["outcome", "terms", "spend", "acos"].map((name, at) => el("th", { scope: "col", class: at ? "number" : "" }, t(`chart.outcomes.${name}`))))),
      el("tbody", {}, rows.map((one) => el("tr", {},
        el("th", { scope: "row" }, el("i", { class: `dot ${one.outcome}`, "aria-hidden": "true" }), named("outcome", one.outcome)),
        el("td", { class: "number" }, count(one.terms)),
        el("td", { class: "number" }, money(one.spend, currency, true), el("small", {}, percent(one.spend / all, 0))),
        el("td", { class: "number" }, one.sales ? percent(one.spend / one.sales) : "–"))))));
  return true;
}
