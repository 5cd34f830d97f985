// A finished run: headline, charts, what-if, decisions, downloads.
import { get } from "./api.js";
import { causes, outcomes } from "./bars.js";
import { calibration } from "./calibration.js";
import { Decisions } from "./decisions.js";
import { $, el, hidden, put } from "./dom.js";
import { downloads } from "./downloads.js";
import { count, percent } from "./format.js";
import { figures, lead, sentence } from "./headline.js";
import { ranges } from "./ranges.js";
import { fail } from "./say.js";
import { WhatIf } from "./what_if.js";
import { english, message, t } from "./words.js";

const main = $("#results");
const id = main.dataset.run;
const LOUD = "GUARD-RAIL";
const DOUBT = "WRONG CATALOG?";

async function open() {
  const [run, results] = await Promise.all([get(`/runs/${id}`), get(`/runs/${id}/results`)]);
  const names = [run.report.name, run.catalog.name].filter(Boolean);
  const target = percent(results.target_acos, 0);
  $("#made-of").textContent = [...names, t("results.target", { value: target }), t("results.terms", { n: results.terms, count: count(results.terms) })].join(" · ");
  document.title = `${names[0] ?? ""} · ${document.title}`;
  const table = new Decisions(id);
  const whatIf = new WhatIf(run, results);
  currencies(results, (one) => show(results, one, whatIf, table));
  alarms(results);
  trust(results);
  downloads(id, results, table);
  main.removeAttribute("aria-busy");
}

function currencies(results, choose) {
  const buttons = results.currencies.map((one, number) =>
    el("button", { type: "button", "aria-pressed": String(number === 0), onclick: (event) => pressed(event.currentTarget, one) }, one.currency ?? t("results.no_currency")));
  function pressed(button, one) {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    choose(one);
  }
  put($("#currencies"), buttons);
  hidden($("#currencies"), results.currencies.length < 2);
  choose(results.currencies[0] ?? null);
}

function show(results, one, whatIf, table) {
  if (!one) {
    $("#sentence").textContent = t("results.empty.title");
    $("#lead").textContent = t("results.empty.text");
    for (const part of ["#overview", "#what-if"]) hidden($(part), true);
    return table.open(null);
  }
  $("#sentence").textContent = sentence(one);
  put($("#lead"), lead(one, one.expected.target_acos ?? results.target_acos));
  put($("#figures"), figures(one));
  hidden($("#ranges-figure"), !ranges($("#ranges"), one, one.expected.target_acos ?? results.target_acos));
  $("#ranges-said").textContent = lead.difference(one);
  hidden($("#causes-figure"), !causes($("#causes"), one));
  hidden($("#outcomes-figure"), !outcomes($("#outcomes"), results, one.currency));
  whatIf.show(one);
  return table.open(results.currencies.length > 1 ? one.currency : null);
}

function alarms(results) {
  const loud = results.warnings.filter((one) => english(one).startsWith(LOUD));
  const doubts = results.warnings.filter((one) => english(one).startsWith(DOUBT));
  put($("#doubts"), doubts.map((one) => el("p", { class: "notice bad" }, message(one))));
  put($("#alarms"),
    results.refusals.map((one) => el("p", { class: "notice bad" }, el("b", {}, t("results.no_file")), " ", message(one))),
    loud.map((one) => el("p", { class: "notice bad" }, message(one))));
}

function trust(results) {
  const quiet = results.warnings.filter((one) => ![LOUD, DOUBT].some((word) => english(one).startsWith(word)));
  put($("#warnings"), quiet.length ? quiet.map((one) => el("li", {}, message(one))) : el("li", {}, t("trust.none")));
  const shown = calibration($("#calibration"), results.backtest);
  hidden($("#calibration-figure"), !shown);
  $("#held").textContent = shown ? t(results.backtest.by_time ? "trust.held_time" : "trust.held_half", { share: percent(results.backtest.coverage, 0), groups: count(results.backtest.groups) }) : "";
}

open().catch((error) => {
  $("#sentence").textContent = t("results.failed");
  $("#lead").textContent = error.message;
  fail(error);
});
