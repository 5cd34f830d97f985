// Rows of the table of decisions, and the details that open below one.
import { get } from "./api.js";
import { $, $$, el, put } from "./dom.js";
import { bulk } from "./bulk.js";
import { detail } from "./decision_detail.js";
import { FURTHER, chosen } from "./columns.js";
import { count, money, percent, sure } from "./format.js";
import { fail } from "./say.js";
import { message, named, t } from "./words.js";

const COLUMNS = [["search_term", "term"], ["title", "product"], ["action", "action"], ["clicks", "clicks"], ["spend", "spend"], ["acos", "acos"], ["gain", "gain"]];
const NEEDS_BULK = ["pipeline.upload.no_account", "decisions.warning.bid"]; // said once above the table
const OF_ROWS = /^web\.decisions\./; // a verdict, or the limits: no file would change it
const NUMBERS = ["clicks", "spend", "acos", "gain"];

export function rows(table) {
  const head = el("tr", {},
    el("th", { scope: "col", class: "pick-cell" }, everyRow(table)),
    columns(table).map(([field, label]) => heading(table, field, label)),
    chosen().map((name) => heading(table, FURTHER[name].field, name, FURTHER[name].text ? "further" : "number further")),
    el("th", { scope: "col" }, t("decisions.verdict")));
  const further = chosen().length;
  return el("table", { class: `decisions ${table.matched ? "" : "unmatched"} ${further ? "broad" : ""}`, "--further": further, tabindex: -1 },
    el("caption", { class: "off" }, t("decisions.title")),
    el("thead", {}, head), el("tbody", {}, table.found.items.map((row) => line(table, row))));
}

// Without products no term has one.
const columns = ({ matched }) => (matched ? COLUMNS : COLUMNS.filter(([field]) => field !== "title"));

function heading(table, field, label, further = null) {
  const sorted = table.sort.replace("-", "") === field;
  const way = sorted ? (table.sort.startsWith("-") ? "descending" : "ascending") : null;
  return el("th", { scope: "col", class: further ?? (NUMBERS.includes(field) ? "number" : ""), "aria-sort": way },
    el("button", { type: "button", dataset: { sort: field }, onclick: () => table.order(field) }, t(`decisions.column.${label}`)));
}

function everyRow(table) {
  return el("input", { type: "checkbox", "aria-label": t("decisions.select_page"), onchange: (event) => {
    for (const box of $$("#table tbody .pick-cell input")) {
      box.checked = event.target.checked;
      pick(table, Number(box.value), box.checked);
    }
    bulk(table);
  } });
}

function pick(table, number, on) {
  if (on) table.selected.add(number);
  else table.selected.delete(number);
}

function line(table, row) {
  const below = `detail-${row.decision}`;
  const opener = el("button", { type: "button", class: "term", "aria-expanded": "false", "aria-controls": below }, row.search_term || t("decisions.no_term"));
  const box = el("input", { type: "checkbox", value: row.decision, "aria-label": t("decisions.select", { term: row.search_term }), onchange: (event) => (pick(table, row.decision, event.target.checked), bulk(table)) });
  const node = el("tr", { class: `line ${row.in_file ? "taken" : ""} ${row.verdict ?? ""}`, dataset: { decision: row.decision } },
    el("td", { class: "pick-cell" }, box),
    el("th", { scope: "row", class: "term-cell" }, opener, el("small", { class: "where" }, [row.campaign, row.ad_group].filter(Boolean).join(" › "))),
    table.matched ? el("td", { class: "product-cell" }, product(row)) : null,
    el("td", { class: "action-cell" }, el("span", { class: `tag ${row.action}` }, named("action", row.action)), caution(table, row)),
    cell("clicks", el("span", {}, count(row.clicks), el("small", {}, t("decisions.orders", { n: row.orders ?? 0, count: count(row.orders) })))),
    cell("spend", money(row.spend, row.currency)),
    cell("acos", percent(row.acos, 0), expected(row)),
    cell("gain", gain(row)),
    chosen().map((name) => (FURTHER[name].text ? el("td", { class: "further", "data-label": t(`decisions.column.${name}`) }, FURTHER[name].cell(row)) : cell(name, FURTHER[name].cell(row)))),
    el("td", { class: "verdict-cell" }, verdicts(table, row)));
  opener.addEventListener("click", () => toggle(table, row, node, opener, below));
  return node;
}

// Why a change is not in the file stands in its row; other warnings are marked.
function caution(table, row) {
  const why = row.not_in_file?.id ?? "";
  const shared = why && !OF_ROWS.test(why) && table.waits; // the same stands in the way of every row
  if (NEEDS_BULK.includes(why) || shared === "bulk") return el("small", { class: "why-not" }, t("decisions.waits"));
  if (shared) return el("small", { class: "why-not" }, t("decisions.waits_above"));
  if (row.not_in_file) return el("small", { class: "why-not" }, message(row.not_in_file));
  return row.warning && el("span", { class: "warn", title: t("decisions.warned") }, el("span", { class: "off" }, t("decisions.warned")));
}

const cell = (label, ...content) => el("td", { class: "number", "data-label": t(`decisions.column.${label}`) }, content);

// What a term will cost again by itself: chance made the observed figure, too.
function expected({ in_file: changes, acos_before: before, acos_after: after }) {
  const shown = (changes ? after : before) ?? null; // nothing where the term is excluded
  const word = changes ? "decisions.then" : "decisions.expected";
  return shown === null ? null : el("small", {}, t(word, { value: percent(shown, 0) }));
}

function gain(row) {
  if (!row.gain) return "–";
  const share = row.gain < 0 && row.whole_gain > 0 ? el("small", {}, t("decisions.share", { amount: money(row.whole_gain, row.currency) })) : null;
  return el("span", {}, money(row.gain, row.currency), share, row.sales_at_risk ? el("small", {}, t("decisions.at_risk", { amount: money(row.sales_at_risk, row.currency) })) : null);
}

export function product(row) {
  if (!row.title) return el("span", { class: "soft" }, named("outcome", row.outcome));
  const faint = row.outcome !== "match";
  const probability = row.product_probability ?? row.probability;
  return el("div", { class: `found ${faint ? "faint" : ""}` }, picture(row.picture, row.title, 96),
    el("div", {}, el("span", { class: "title" }, row.title), el("small", { class: `fit ${row.outcome}` }, probability === null ? named("outcome", row.outcome) : t(`decisions.fit.${row.outcome}`, { p: sure(probability) }))));
}

export function picture(address, title, side) {
  if (address) return el("img", { class: "tile", src: `${address}?side=${side}`, alt: "", loading: "lazy", width: 48, height: 48 });
  return el("span", { class: "tile letter", "aria-hidden": "true" }, [...(title ?? "?")][0] ?? "?");
}

export function verdicts(table, row) {
  const button = (verdict, sign) => el("button", {
    type: "button", class: `judge ${verdict}`, "aria-pressed": String(row.verdict === verdict), title: t(`verdict.do.${verdict}`),
    "aria-label": t(`verdict.of.${verdict}`, { term: row.search_term }),
    onclick: async () => {
      await table.judge({ decisions: [row.decision], verdict: row.verdict === verdict ? "undecided" : verdict }, true);
      $(`tr[data-decision="${row.decision}"] .judge.${verdict}`)?.focus();
    },
  }, sign);
  return el("div", { class: "judges" }, button("accepted", "✓"), button("rejected", "✕"), row.note && el("span", { class: "noted", title: row.note }, el("span", { class: "off" }, row.note), "✎"));
}

async function toggle(table, row, node, opener, below) {
  const open = opener.getAttribute("aria-expanded") === "true";
  opener.setAttribute("aria-expanded", String(!open));
  node.classList.toggle("open", !open);
  if (open) return node.nextElementSibling?.classList.contains("detail") && node.nextElementSibling.remove();
  const parent = el("td", { colspan: columns(table).length + chosen().length + 2 }, el("p", { class: "reading" }, el("span", { class: "spin", "aria-hidden": "true" }), t("loading")));
  node.after(el("tr", { class: "detail", id: below }, parent));
  try {
    const asked = Object.entries({ campaign: row.campaign, ad_group: row.ad_group, search_term: row.search_term }).filter(([, value]) => value);
    const [full, days] = await Promise.all([get(`/runs/${table.run}/decisions/${row.decision}`), get(`/runs/${table.run}/days?${new URLSearchParams(asked)}`)]);
    put(parent, detail(table, full, days));
  } catch (error) {
    put(parent, el("p", { class: "notice bad" }, error.message));
    fail(error);
  }
  return undefined;
}
