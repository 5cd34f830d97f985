// Campaigns for new keywords that have no ad group: what the file makes, and how they are laid out.
import { get, post } from "./api.js";
import { $, el, hidden, put } from "./dom.js";
import { count, money } from "./format.js";
import { Layout } from "./layout.js";
import { busy } from "./say.js";
import { gap, t } from "./words.js";

// ``able``: whether a file for upload can be written at all.
export async function newCampaigns(run, able, table) {
  const path = `/runs/${run.id}/new-campaigns`;
  let found = null;
  try {
    found = await get(path);
  } catch (error) { // such as a marketplace that nobody has named
    hidden($("#new-campaigns"), false);
    hidden($("#layout"), true);
    return put($("#plan"), el("p", { class: "notice" }, error.message));
  }
  const any = able && (found.wanted || found.lacking);
  hidden($("#new-campaigns"), !any);
  hidden($("#to-new-campaigns"), !any);
  if (!any) return undefined;
  const layout = new Layout();
  layout.take(found.wanted);
  $("#layout").addEventListener("submit", (event) => {
    event.preventDefault();
    busy($("#lay-out"), () => again(run, layout.value));
  });
  if (found.wanted) table.listeners.push(async () => show(await get(path)));
  return show(found);
}

async function again(run, layout) {
  const settings = { ...run.settings, new_campaigns: layout };
  const made = await post("/runs", { catalog_id: run.catalog?.id ?? null, report_id: run.report.id, settings });
  location.assign(`/runs/${made.id}`);
}

function show(found) {
  const lacking = found.lacking ? t(found.wanted ? "new_campaigns.still_lacking" : "new_campaigns.lacking", { n: found.lacking, count: count(found.lacking) }) : "";
  const about = found.wanted ? t(found.campaigns.length ? "new_campaigns.about" : "new_campaigns.nothing") : "";
  $("#new-campaigns-said").textContent = [about, lacking].filter(Boolean).join(gap);
  put($("#plan"), found.campaigns.map((one) => campaign(one, found.currency)), later(found.later));
}

function campaign(one, currency) {
  const heads = ["keyword", "bid", "ad_group", "sku"].map((name) => el("th", { scope: "col", class: name === "bid" ? "number" : "" }, t(`new_campaigns.column.${name}`)));
  const lines = one.ad_groups.flatMap((group) => group.keywords.map((word) => el("tr", {},
    el("th", { scope: "row" }, word.text),
    cell("bid", money(word.bid ?? group.bid, currency), "number"), cell("ad_group", group.ad_group), cell("sku", group.skus.join(", ")))));
  return el("section", { class: "card" },
    el("h3", {}, one.campaign),
    el("p", { class: "hint" }, one.budget === null ? t("new_campaigns.exists") : t("new_campaigns.made", { budget: money(one.budget, currency) })),
    el("table", { class: "plain stacked" }, el("caption", { class: "off" }, one.campaign), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, lines)));
}

const cell = (name, text, kind = null) => el("td", { class: kind, "data-label": t(`new_campaigns.column.${name}`) }, text);

function later(negatives) {
  if (!negatives.length) return null;
  return el("section", { class: "card" },
    el("h3", {}, t("new_campaigns.later.title")),
    el("p", { class: "hint" }, t("new_campaigns.later.about")),
    el("ul", { class: "cautions" }, negatives.map((one) => el("li", {}, el("b", {}, one.text), " ", t("new_campaigns.later.in", one)))));
}
