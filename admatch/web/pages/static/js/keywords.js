// Keywords that compete, are blocked or never serve: shown with their money; no file changes them.
import { get } from "./api.js";
import { $, el, hidden, put } from "./dom.js";
import { count, money } from "./format.js";
import { message, named, t } from "./words.js";

const SHOWN = 50;

export async function keywords(id, currency) {
  const found = await get(`/runs/${id}/keywords?size=${SHOWN}`);
  hidden($("#keywords"), !found.total);
  hidden($("#to-keywords"), !found.total);
  if (!found.total) return;
  const amount = (value) => money(value, currency, true);
  const kinds = found.issues.map((one) => [t(`keywords.issue.${one.issue.replace("-", "_")}`, { n: one.keywords, count: count(one.keywords) }), one.spend ? ` (${amount(one.spend)})` : ""].join(""));
  $("#keywords-said").textContent = kinds.join(" · ");
  const heads = ["keyword", "issue", "spend", "orders", "sales"].map((name, at) => el("th", { scope: "col", class: at > 1 ? "number" : "" }, t(`keywords.column.${name}`)));
  put($("#keywords-table"), el("table", { class: "plain stacked" }, el("caption", { class: "off" }, t("keywords.title")), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, found.items.map((row) => line(row, amount)))));
  const more = found.total - found.items.length;
  $("#keywords-more").textContent = more > 0 ? t("keywords.more", { n: more, count: count(more) }) : "";
}

function line(row, amount) {
  const number = (name, written) => el("td", { class: "number", "data-label": t(`keywords.column.${name}`) }, row[name] === null ? "–" : written(row[name]));
  return el("tr", {},
    el("th", { scope: "row" }, row.keyword, el("small", {}, [named("match", row.match_type), row.campaign, row.ad_group].join(" › "))),
    el("td", {}, el("span", { class: "tag" }, t(`keywords.tag.${row.issue.replace("-", "_")}`)), el("small", {}, message(row.what))),
    number("spend", amount), number("orders", count), number("sales", amount));
}
