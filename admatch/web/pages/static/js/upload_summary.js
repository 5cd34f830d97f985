// What was recognised in an upload: files, totals, and what was passed over.
import { el } from "./dom.js";
import { bytes, count, list, money, percent, period } from "./format.js";
import { message, named, t } from "./words.js";

const CURRENCIES = ["USD", "EUR", "GBP", "JPY", "CNY", "CAD", "MXN", "AUD", "INR", "BRL", "SEK", "PLN", "TRY", "AED", "SAR", "EGP", "SGD", "ZAR", "CHF"];
const SHOWN = 200; // problems

export function summary(kind, upload, step) {
  if (!upload) return [];
  const replace = el("button", { type: "button", class: "link", onclick: () => step.empty() }, t("upload.other"));
  const head = el("div", { class: "upload-head" }, el("b", { class: "name" }, upload.name), replace);
  if (upload.state === "failed" || upload.state === "cancelled") {
    return [head, el("div", { class: "notice bad", role: "alert" }, el("p", {}, message(upload.reason))), files(upload)];
  }
  if (upload.state !== "done") {
    return [head, el("p", { class: "reading" }, el("span", { class: "spin", "aria-hidden": "true" }), t(upload.state === "queued" ? "upload.queued" : "upload.reading"))];
  }
  const facts = kind === "catalog" ? products(upload) : terms(upload, step);
  return [head, facts, files(upload), problems(upload)];
}

function fact(label, value, more = null) {
  return el("div", {}, el("dt", {}, label), el("dd", {}, value, more && el("small", {}, more)));
}

function products(upload) {
  return el("dl", { class: "facts wide" },
    fact(t("upload.products"), count(upload.products)),
    fact(t("upload.pictures"), count(upload.pictures)),
    fact(t("upload.brands"), count(upload.brands)),
    upload.currencies.length ? fact(t("upload.currency"), upload.currencies.join(", ")) : null,
    upload.skipped ? fact(t("upload.skipped"), count(upload.skipped)) : null);
}

function terms(upload, step) {
  const keyword = upload.terms?.keyword ?? 0;
  const rows = upload.totals.map((total) => el("dl", { class: "facts wide" },
    fact(t("measure.spend"), money(total.spend, total.currency, true)),
    fact(t("measure.sales"), money(total.sales, total.currency, true)),
    fact(t("measure.acos"), percent(total.acos)),
    fact(t("measure.clicks"), count(total.clicks)),
    fact(t("measure.orders"), count(total.orders))));
  const said = [
    upload.period ? period(upload.period) : t("upload.no_period"),
    t("upload.rows", { n: upload.rows, count: count(upload.rows) }),
    t("upload.terms", { n: keyword, count: count(keyword) }),
    upload.repeated ? t("upload.repeated", { n: upload.repeated, count: count(upload.repeated) }) : null,
  ];
  const account = upload.account
    ? t("upload.account", { list: list(Object.entries(upload.account.entities).sort((a, b) => b[1] - a[1]).slice(0, 3).map(([name, n]) => t("upload.entity", { count: count(n), name: named("entity", name) }))) })
    : t("upload.no_account");
  return [
    ...rows,
    el("p", { class: "hint" }, said.filter(Boolean).join(" · ")),
    el("p", { class: upload.account ? "hint good" : "hint" }, account),
    currency(upload, step),
  ];
}

// Some reports do not name their currency; without it no file for upload is written.
function currency(upload, step) {
  if (upload.totals.every((total) => total.currency) || !step.files.length) return null;
  const choice = el("select", { "aria-label": t("upload.say_currency"), onchange: (event) => event.target.value && step.send(step.files, { currency: event.target.value }) },
    el("option", { value: "" }, t("upload.choose")), ...CURRENCIES.map((code) => el("option", { value: code }, code)));
  return el("div", { class: "notice row" }, el("span", {}, t("upload.say_currency")), choice);
}

function files(upload) {
  const rows = upload.files.map((file) => {
    const seen = file.refusal ? el("span", { class: "bad" }, message(file.refusal)) : file.what?.length ? el("span", {}, list(file.what.map((one) => message(one)))) : null;
    const size = file.bytes ? bytes(file.bytes) : null;
    const state = file.usable === false ? "no" : file.usable ? "yes" : "";
    return el("li", { class: state }, el("span", { class: "name" }, file.name), size && el("small", {}, size), seen);
  });
  return rows.length > 1 || upload.files.some((one) => one.what?.length || one.refusal) ? el("ul", { class: "files" }, ...rows) : null;
}

function problems(upload) {
  if (!upload.problem_count) return el("p", { class: "hint good" }, t("upload.no_problems"));
  const rows = upload.problems.slice(0, SHOWN).map((one) =>
    el("tr", {},
      el("td", {}, one.file),
      el("td", { class: "number" }, one.row ? count(one.row) : "–"),
      el("td", {}, one.column ?? "–"),
      el("td", { class: "value" }, one.value ?? "–"),
      el("td", {}, message(one.what), el("small", {}, message(one.remedy)))));
  const heads = ["file", "row", "column", "value", "what"].map((name) => el("th", { scope: "col" }, t(`problem.${name}`)));
  const more = upload.problem_count - rows.length;
  return el("details", { class: "problems" },
    el("summary", {}, t("upload.problems", { n: upload.problem_count, count: count(upload.problem_count) })),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("problem.table") },
      el("table", { class: "plain" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows))),
    more > 0 ? el("p", { class: "hint" }, t("problem.more", { n: more, count: count(more) })) : null);
}
