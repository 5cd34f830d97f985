// What to do next: the sentence at the top, how it is meant, and what the rest still needs.
import { el } from "./dom.js";
import { count, money, percent, period, region } from "./format.js";
import { ended, gap, message, t } from "./words.js";

// ``account``: whether what would have to be written is known; ``refused``: whether a file is refused.
export function sentence({ expected, currency, difference }, { account, refused, target }) {
  const amount = (value) => money(Math.abs(value) >= 10 ? Math.round(value) : value, currency, true).replace(/\.00$/, "");
  if (expected.acos_before === null && !expected.changes) return t("results.no_sales");
  if (expected.changes) {
    const freed = expected.spend_before - expected.spend_after;
    const asked = { n: expected.changes, count: count(expected.changes), freed: amount(Math.abs(freed)), spread: amount(spread(difference)), risk: amount(expected.sales_at_risk) };
    return t(freed < 0 ? "results.next_spends" : "results.next", asked);
  }
  if (expected.unwritable) {
    const saves = expected.unwritable_freed > 0;
    const key = account || refused ? (saves ? "waiting" : "waiting_paying") : (saves ? "waiting_account" : "waiting_spending");
    return t(`results.${key}`, { n: expected.unwritable, count: count(expected.unwritable), freed: amount(Math.max(0, expected.unwritable_freed)) });
  }
  const above = expected.acos_before > target;
  return t(above ? "results.no_change_yet" : "results.no_change", { before: percent(expected.acos_before), target: percent(target, 0) });
}

// Half of the range that holds 80 %.
function spread(difference) {
  const range = difference?.spend;
  return range && range.low80 !== null ? (range.high80 - range.low80) / 2 : 0;
}

export function lead({ expected, currency, remarks }, target, refused) {
  if (expected.acos_before === null) return [t("results.no_sales_text")];
  const amount = (value) => money(value, currency, true);
  const said = [expected.changes
    ? t("results.lead", { acos_before: percent(expected.acos_before), acos_after: percent(expected.acos_after), spend_before: amount(expected.spend_before), spend_after: amount(expected.spend_after), sales_before: amount(expected.sales_before), sales_after: amount(expected.sales_after) })
    : t(expected.unwritable ? (refused ? "results.waiting_refused" : "results.waiting_text") : "results.no_change_text")];
  if (expected.changes) for (const one of remarks ?? []) said.push(gap, ended(message(one)));
  if (!expected.reached && !expected.unwritable && expected.changes) said.push(gap, el("strong", {}, t("results.not_reached", { target: percent(target, 0) })));
  return said;
}

// Where the figures are from: files, days, marketplace, currency, target.
export function madeOf(run, results, one) {
  const names = [run.report.name, run.catalog?.name].filter(Boolean).join(", ");
  const market = results.marketplace ? region(results.marketplace) : t("results.no_market");
  return [names, results.period ? period(results.period) : t("upload.no_period"), market, one?.currency ?? t("results.no_currency"), t("results.target", { value: percent(one?.expected.target_acos ?? results.target_acos, 0) })];
}

// What stands between the reader and the rest, each with the way out.
export function missing(run, results, one) {
  const account = results.downloads.some((file) => file.name === "changes.xlsx" && file.available);
  const parts = [
    ...(account ? (one?.left_out ?? []) : []).map((left) => [message(left), null]),
    account || results.refusals.length ? null : [t("results.missing.account"), "upload"],
    results.refusals.length && !results.bids ? [t("results.missing.bids"), "upload"] : null,
    results.matched ? null : [t("results.missing.products"), "matching"],
    results.marketplace ? null : [t("results.missing.marketplace"), null],
  ].filter(Boolean);
  if (!parts.length) return null;
  return el("section", { class: "card beside", "aria-labelledby": "missing-title" },
    el("h2", { id: "missing-title" }, t("results.missing.title")),
    el("ul", { class: "cautions" }, parts.map(([text, source]) => el("li", {}, ended(text),
      source ? el("details", {}, el("summary", {}, t("start.allows.how", { file: t(`start.source.${source}.file`) })), el("p", {}, `${t(`start.source.${source}.menu`)}. ${t(`start.source.${source}.settings`)}`)) : null))),
    el("a", { class: "button small", href: again(run) }, t("results.missing.add")));
}

// The first page with the same files and settings: adding one keeps all others.
export function again(run) {
  const asked = new URLSearchParams({ run: run.id, report: run.report.id });
  if (run.catalog) asked.set("catalog", run.catalog.id);
  return `/?${asked}`;
}
