// A finished run: the next action, decisions, charts, what-if, downloads. Verdicts change all of it.
import { alerts } from "./alerts.js";
import { get } from "./api.js";
import { causes, outcomes } from "./bars.js";
import { calibration } from "./calibration.js";
import { Decisions } from "./decisions.js";
import { $, el, hidden, put } from "./dom.js";
import { downloads } from "./downloads.js";
import { count, percent } from "./format.js";
import { difference, figures } from "./headline.js";
import { keywords } from "./keywords.js";
import { newCampaigns } from "./new_campaigns.js";
import { again, lead, madeOf, missing, sentence } from "./next_action.js";
import { ranges } from "./ranges.js";
import { replay } from "./replay.js";
import { fail } from "./say.js";
import { trend } from "./trend.js";
import { WhatIf } from "./what_if.js";
import { ended, english, message, t } from "./words.js";

const main = $("#results");
const id = main.dataset.run;
const LOUD = ["GUARD-RAIL"];
const DOUBT = ["WRONG CATALOG?"];
// Cautions that change what the figures mean are said before them.
const LOUD_IDS = ["decisions.caution.short", "decisions.caution.no_clicks", "decisions.caution.no_sales", "encode.unread.chosen", "encode.unread.missing"];

async function open() {
  const [run, results, accepted] = await Promise.all([get(`/runs/${id}`), get(`/runs/${id}/results`), get(`/runs/${id}/file`)]);
  const page = { run, results, table: new Decisions(id, results), whatIf: new WhatIf(run, results), at: 0 };
  follow(page, accepted);
  document.title = `${run.report.name ?? ""} · ${document.title}`;
  $("#add-files").href = again(run);
  currencies(page);
  alarms(results);
  alerts(results.alerts);
  trust(results);
  hidden($("#outcome").parentElement, !results.matched);
  downloads(id, results, page.table);
  newCampaigns(run, Boolean(results.downloads.find((one) => one.name === "changes.xlsx")?.available), page.table).catch(fail);
  replay(id, results).catch(fail);
  keywords(id, results.currencies[0]?.currency ?? null).catch(fail);
  page.table.listeners.push(() => refresh(page).catch(fail));
  main.removeAttribute("aria-busy");
}

// The headline of each currency with what goes into the file now, instead of what was chosen.
function follow(page, accepted) {
  page.asRun ??= page.results.currencies; // its remarks hold for the chosen set alone
  page.results.currencies = page.asRun.map((one) => {
    const now = accepted.find((other) => other.currency === one.currency) ?? {};
    const same = !now.expected || Math.abs(now.expected.spend_after - one.expected.spend_after) < 0.005;
    return { ...one, ...now, remarks: same ? one.remarks : [] };
  });
}

async function refresh(page) {
  follow(page, await get(`/runs/${id}/file`));
  headline(page, page.results.currencies[page.at] ?? null);
}

function currencies(page) {
  const { results } = page;
  const buttons = results.currencies.map((one, number) =>
    el("button", { type: "button", "aria-pressed": String(number === 0), onclick: () => {
      buttons.forEach((other, at) => other.setAttribute("aria-pressed", String(at === number)));
      page.at = number;
      show(page, results.currencies[number]);
    } }, one.currency ?? t("results.no_currency")));
  put($("#currencies"), buttons);
  hidden($("#currencies"), results.currencies.length < 2);
  show(page, results.currencies[0] ?? null);
}

function show(page, one) {
  headline(page, one);
  const currency = page.results.currencies.length > 1 ? one?.currency : null;
  if (one) trend(id, { currency: one.currency }, one.currency).catch(fail);
  return page.table.open(currency, one?.in_file ? "file" : one?.expected.unwritable ? "left" : "all");
}

function headline({ run, results, whatIf }, one) {
  const made = madeOf(run, results, one);
  put($("#made-of"), made.map((part) => el("span", {}, part)));
  $("#always").textContent = made.slice(1, 4).join(" · "); // days, marketplace, currency stay in sight
  if (!one) {
    $("#sentence").textContent = t("results.empty.title");
    $("#lead").textContent = t("results.empty.text");
    for (const part of ["#overview", "#what-if", "#next"]) hidden($(part), true);
    return;
  }
  const target = one.expected.target_acos ?? results.target_acos;
  const account = results.downloads.some((file) => file.name === "changes.xlsx" && file.available);
  const refused = results.refusals.length > 0;
  $("#sentence").textContent = sentence(one, { account, refused, target });
  put($("#lead"), lead(one, target, refused));
  $("#go-review").textContent = t(one.expected.changes || one.expected.unwritable ? "results.review" : "results.look");
  hidden($("#go-download"), !(account && one.in_file));
  put($("#missing"), missing(run, results, one));
  put($("#figures"), figures(one));
  hidden($("#ranges-figure"), !ranges($("#ranges"), one, target));
  $("#ranges-said").textContent = difference(one);
  hidden($("#causes-figure"), !causes($("#causes"), one));
  hidden($("#outcomes-figure"), !results.matched || !outcomes($("#outcomes"), results, one.currency));
  whatIf.show(one);
}

const starts = (one, words) => words.some((word) => english(one).startsWith(word));
const loud = (one) => starts(one, LOUD) || LOUD_IDS.some((name) => one.id?.startsWith(name));

function alarms(results) {
  put($("#doubts"), results.warnings.filter((one) => starts(one, DOUBT)).map((one) => el("p", { class: "notice bad" }, ended(message(one)))));
  put($("#alarms"),
    results.refusals.map((one) => el("p", { class: "notice bad" }, el("b", {}, t("results.no_file")), " ", ended(message(one)))),
    results.bids || !results.downloads[0]?.available ? null : el("p", { class: "notice" }, t("results.no_bids")),
    results.warnings.filter(loud).map((one) => el("p", { class: "notice bad" }, ended(message(one)))));
}

function held({ coverage, by_time: later, groups }) {
  if (coverage === null) return t("trust.held_unknown");
  return t(later ? "trust.held_time" : "trust.held_half", { share: percent(coverage, 0), groups: count(groups) });
}

function trust(results) {
  const quiet = results.warnings.filter((one) => !starts(one, DOUBT) && !loud(one));
  put($("#warnings"), quiet.length ? quiet.map((one) => el("li", {}, ended(message(one)))) : el("li", {}, t("trust.none")));
  const shown = calibration($("#calibration"), results.backtest);
  hidden($("#calibration-figure"), !shown);
  if (shown) $("#held").textContent = held(results.backtest);
}

open().catch((error) => {
  $("#sentence").textContent = t("results.failed");
  put($("#lead"), error.message, " ", el("button", { type: "button", class: "link", onclick: () => location.reload() }, t("results.retry")));
  main.removeAttribute("aria-busy");
  fail(error);
});
