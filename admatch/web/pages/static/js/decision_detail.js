// One decision with its evidence: the reason, the ID paths side by side, what the term retrieves.
import { picture } from "./decision_row.js";
import { el } from "./dom.js";
import { count, decimal, money, percent, period, sure } from "./format.js";
import { glossed } from "./gloss.js";
import { paths } from "./id_path.js";
import { sparkline } from "./sparkline.js";
import { message, t } from "./words.js";

const TAKES = ["harvest-exact", "isolate", "move-to-right-product"];

export function detail(table, row, days) {
  const blocked = row.blast_radius.filter((one) => one !== row.search_term);
  return el("div", { class: "inside" },
    el("div", { class: "explained" },
      el("div", { class: "why" },
        el("h3", {}, t("detail.why")),
        el("p", { class: "reason" }, explained(message(row.reason))),
        row.warning && el("p", { class: "notice" }, message(row.warning)),
        TAKES.includes(row.action) && row.to_ad_group && el("p", { class: "hint" }, t("detail.to", { ad_group: row.to_ad_group, campaign: row.to_campaign })),
        named("blast_radius", blocked), named("conflicts", row.conflicts), named("other_ad_groups", row.other_ad_groups),
        row.same_change.length ? el("p", { class: "hint" }, t("detail.same", { n: row.same_change.length, count: count(row.same_change.length) })) : null),
      words(row),
      row.products.length ? el("div", { class: "retrieved" }, el("h3", {}, t("detail.products")), products(row)) : null,
      row.term_id || row.product_semantic_id ? el("div", { class: "way" }, el("h3", {}, t("detail.path")), paths(row)) : null,
      note(table, row)),
    el("div", { class: "evidence" }, el("h3", {}, t("detail.evidence")), evidence(row), sparkline(days)));
}

// Reasons name a probability as "p = 12 %".
function explained(reason) {
  const [before, ...after] = reason.split(/\bp = /);
  return after.length ? [before, glossed("p", "belongs"), ` = ${after.join("p = ")}`] : reason;
}

// Which words of the term the nearest own product has, and which it lacks.
function words({ met_words: met, unmet_words: unmet, title }) {
  if (!met?.length && !unmet?.length) return null;
  const word = (kind) => (one) => el("li", { class: kind }, el("span", { class: "sign", "aria-hidden": "true" }, kind === "met" ? "✓" : "✕"), one, el("span", { class: "off" }, ` ${t(`detail.words.${kind}`)}`));
  return el("div", { class: "words" }, el("h3", {}, t("detail.words.title")), el("p", { class: "hint" }, title),
    el("ul", {}, (met ?? []).map(word("met")), (unmet ?? []).map(word("unmet"))));
}

function named(label, values) {
  if (!values.length) return null;
  return el("p", { class: "hint" }, `${t(`detail.${label}`)} `, values.map((one, at) => [at ? ", " : "", el("q", {}, one)]));
}

function note(table, row) {
  const field = el("textarea", { rows: 2, maxlength: 2000, id: `note-${row.decision}` });
  field.value = row.note ?? "";
  const keep = el("button", { type: "button", class: "button small", onclick: () => table.judge({ decisions: [row.decision], note: field.value.trim() }, true) }, t("detail.keep_note"));
  return el("div", { class: "note" }, el("label", { for: `note-${row.decision}` }, t("decisions.note")), field, keep);
}

function evidence(row) {
  const amount = (value) => money(value, row.currency);
  const lines = [
    ["targeting", [row.targeting, row.match_type].filter((one) => one && one !== "-").join(" · ") || null],
    ["seen", row.first_date ? period([row.first_date, row.last_date]) : null],
    ["impressions", row.impressions === null ? null : count(row.impressions)],
    ["clicks", t("detail.clicks_orders", { clicks: count(row.clicks), orders: count(row.orders) })],
    ["sales", row.sales === null ? null : amount(row.sales)],
    ["halo", row.sales_halo ? amount(row.sales_halo) : null],
    ["cvr", row.cvr === null ? null : t("detail.range", { mean: percent(row.cvr), low: percent(row.cvr_low), high: percent(row.cvr_high) })],
    ["prior", row.prior_cvr === null ? null : t("detail.prior_value", { rate: percent(row.prior_cvr), clicks: count(row.strength) })],
    ["break_even", row.break_even_cvr === null ? null : percent(row.break_even_cvr)],
    ["chance", row.chance === null ? null : sure(row.chance)],
    ["order_value", row.order_value === null ? null : amount(row.order_value)],
    ["cpc", row.cpc === null ? null : amount(row.cpc)],
    ["clicks_needed", row.clicks_needed ? count(row.clicks_needed) : null],
    ["acos_before", row.acos_before === null ? null : t("detail.range", { mean: percent(row.acos_before), low: percent(row.acos_before_low), high: percent(row.acos_before_high) })],
    ["acos_after", row.acos_after === null ? null : t("detail.range", { mean: percent(row.acos_after), low: percent(row.acos_after_low), high: percent(row.acos_after_high) })],
    ["frees", row.spend_freed ? amount(row.spend_freed) : null],
    ["risk", row.sales_at_risk ? t("detail.at_most", { mean: amount(row.sales_at_risk), high: amount(row.sales_at_risk_high) }) : null],
    ["bid", row.new_bid !== null ? t("detail.bid_to", { old: amount(row.bid), new: amount(row.new_bid) }) : null],
    ["belongs", row.probability === null ? null : sure(row.probability)],
    ["runner_up", row.runner_up_title ? `${row.runner_up_title} (${t("detail.behind", { gap: decimal(row.runner_up_margin) })})` : null],
  ];
  return el("dl", { class: "facts lines" }, lines.filter(([, value]) => value !== null && value !== "").map(([name, value]) => el("div", {}, el("dt", {}, glossed(t(`detail.${name}`), name)), el("dd", {}, value))));
}

function products(row) {
  return el("ol", { class: "ranked" }, row.products.slice(0, 8).map((one) => el("li", {},
    picture(one.picture, one.title, 96),
    el("div", {}, el("span", { class: "title" }, one.title ?? one.product_id), el("small", { class: "mono" }, one.product_id)),
    one.probability === null ? null : el("span", { class: "gauge" }, el("i", { "--part": one.probability, "aria-hidden": "true" }), sure(one.probability)))));
}
