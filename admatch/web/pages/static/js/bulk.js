// The bar that accepts or rejects many decisions at once, with what that does to the money.
import { $, el, put } from "./dom.js";
import { count, money } from "./format.js";
import { ask } from "./say.js";
import { gap, t } from "./words.js";

const VERDICTS = ["accepted", "rejected", "undecided"];

export function bulk(table) {
  const parent = $("#bulk");
  const { selected, found } = table;
  const n = selected.size;
  parent.hidden = !found.total;
  const all = !n;
  const note = el("input", { type: "text", maxlength: 2000, "aria-label": t("decisions.note"), placeholder: t("decisions.note") });
  const sums = all ? found.sums : added(found.items.filter((row) => selected.has(row.decision)));
  const give = async (verdict) => {
    const text = [t("decisions.ask.text", { n: all ? found.total : n, count: count(all ? found.total : n) }), cost(sums, table)].filter(Boolean).join(" ");
    if (all && !(await ask(t(`decisions.ask.${verdict}`), text, t(`verdict.do.${verdict}`)))) return;
    const body = all ? { filter: table.filter } : { decisions: [...selected] };
    await table.judge({ ...body, verdict, note: note.value.trim() || null });
  };
  put(parent,
    el("span", { class: "strong" }, all ? t("decisions.all_found", { n: found.total, count: count(found.total) }) : t("decisions.selected", { n, count: count(n) })),
    el("span", { class: "soft" }, cost(sums, table), sums.beyond > 0 && narrowed(table) ? `${t("results.stop")}${gap}${t("decisions.beyond", { n: sums.beyond, count: count(sums.beyond) })}` : ""),
    VERDICTS.map((verdict) => el("button", { type: "button", class: "button small", onclick: () => give(verdict) }, t(`verdict.do.${verdict}`))),
    note);
}

const narrowed = (table) => Object.keys(table.filter).some((name) => !["currency", "in_file", "changing"].includes(name));

function added(rows) {
  const sum = (field) => rows.reduce((all, row) => all + (row[field] ?? 0), 0);
  const changing = rows.filter((row) => row.changing);
  return { changes: new Set(changing.map((row) => row.unit ?? `row ${row.decision}`)).size, spend_freed: sum("spend_freed"), sales_at_risk: sum("sales_at_risk") };
}

function cost(sums, table) {
  if (!sums.changes || sums.spend_freed === null) return "";
  const amount = (value) => money(value, table.currency ?? table.found.items[0]?.currency ?? null);
  return t(sums.spend_freed < 0 ? "decisions.costs_more" : "decisions.costs", { n: sums.changes, count: count(sums.changes), freed: amount(Math.abs(sums.spend_freed)), risk: amount(sums.sales_at_risk) });
}
