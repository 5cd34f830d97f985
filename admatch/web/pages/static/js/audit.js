// The listing audit of a catalog: started, followed, and what it found.
import { get, post, remove } from "./api.js";
import { Findings } from "./audit_findings.js";
import { $, el, hidden, put } from "./dom.js";
import { count, decimal, moment } from "./format.js";
import { busy, fail } from "./say.js";
import { message, named, t } from "./words.js";

const POLL = 1000; // milliseconds
const main = $("#audit");
const catalog = main.dataset.catalog;
const path = `/catalogs/${catalog}/audit`;
let findings;

async function open() {
  const reports = (await get("/reports")).filter((one) => one.state === "done").slice(0, 30);
  $("#terms").append(...reports.map((one) => el("option", { value: one.id }, `${one.name} · ${moment(one.created)}`)));
  if (reports.length) $("#terms").value = reports[0].id;
  if ("audited" in main.dataset) await follow();
  else hidden($("#ask-audit"), false);
  main.removeAttribute("aria-busy");
}

$("#ask-audit").addEventListener("submit", (event) => {
  event.preventDefault();
  busy($("button", event.currentTarget), async () => {
    await post(path, { report_id: $("#terms").value || null });
    await follow();
  });
});

$("#anew").addEventListener("click", () => {
  hidden($("#ask-audit"), false);
  $("#terms").focus();
});

$("#working-cancel").addEventListener("click", (event) => busy(event.currentTarget, () => remove(path)));

async function follow() {
  for (;;) {
    const audit = await get(path);
    const working = ["queued", "running"].includes(audit.state);
    hidden($("#working"), !working);
    hidden($("#ask-audit"), working || audit.state === "done");
    hidden($("#audited"), audit.state !== "done");
    hidden($("#failed"), audit.state !== "failed");
    $("#failed").textContent = message(audit.reason);
    if (audit.state === "done") return show(audit);
    if (!working) return undefined;
    $("#working-stage").textContent = audit.stage ? named("stage", audit.stage) : t(`state.${audit.state}`);
    $("#working-share").value = audit.total ? audit.done / audit.total : 0;
    $("#working-rows").textContent = audit.total > 1 ? t("progress.rows", { done: count(audit.done), total: count(audit.total) }) : "";
    await new Promise((done) => setTimeout(done, POLL));
  }
}

function show({ summary, downloads }) {
  const figure = (label, value, more) => el("div", {}, el("dt", {}, t(label)), el("dd", {}, el("b", {}, value), el("small", {}, more)));
  put($("#audit-figures"),
    figure("audit.figure.score", summary.scores.score == null ? "–" : decimal(summary.scores.score, 0), t("audit.figure.of100")),
    figure("audit.figure.findings", count(summary.findings), t("audit.figure.high", { n: high(summary), count: count(high(summary)) })),
    figure("audit.figure.products", count(summary.with_findings), t("audit.figure.of", { n: summary.products, count: count(summary.products) })));
  scores(summary.scores);
  brands(summary.brands);
  put($("#notes"), remarks(summary).map((one) => el("li", {}, one)));
  put($("#audit-files"), downloads.map((url) => el("li", {}, el("a", { href: url, download: true }, t(`file.name.${file_key(url)}`)), el("small", {}, t(`file.${file_key(url)}`)))));
  findings ??= new Findings(path);
  findings.show(summary).catch(fail);
}

const file_key = (url) => url.split("/").at(-1).replaceAll(".", "_");

function remarks(summary) {
  const found = [...summary.notes.map((one) => message(one)), ...summary.problems.map((one) => t("problem.line", { file: one.file, what: message(one.what), remedy: message(one.remedy) }))];
  return found.length ? found : [t("trust.none")];
}

const high = (summary) => summary.counts.filter((one) => one.severity === "high").reduce((sum, one) => sum + one.findings, 0);

function scores(means) {
  const rows = Object.entries(means).filter(([name, value]) => name !== "score" && value !== null).sort((a, b) => a[1] - b[1]);
  put($("#scores"), el("table", { class: "bars good-bars" },
    el("thead", { class: "off" }, el("tr", {}, el("th", { scope: "col" }, t("audit.scores.aspect")), el("th", { scope: "col" }, t("audit.scores.score")))),
    el("tbody", {}, rows.map(([name, value]) => el("tr", {},
      el("th", { scope: "row" }, named("aspect", name)),
      el("td", { class: "number" }, decimal(value, 0)),
      el("td", { class: "bar", "aria-hidden": "true" }, el("i", { "--part": value / 100 })))))));
}

function brands(found) {
  const known = found.filter((one) => one.consistency !== null).slice(0, 12);
  if (!known.length) return put($("#brands"), el("p", { class: "soft" }, t("audit.brands.none")));
  const heads = ["brand", "products", "consistency", "outliers"].map((name, at) => el("th", { scope: "col", class: at ? "number" : "" }, t(`audit.brands.${name}`)));
  return put($("#brands"), el("table", { class: "plain" }, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, known.map((one) => el("tr", {},
    el("th", { scope: "row" }, one.brand ?? "–"), el("td", { class: "number" }, count(one.products)), el("td", { class: "number" }, decimal(one.consistency, 0)), el("td", { class: "number" }, count(one.outliers.length)))))));
}

open().catch((error) => {
  main.removeAttribute("aria-busy");
  $("#failed").textContent = error.message;
  hidden($("#failed"), false);
});
