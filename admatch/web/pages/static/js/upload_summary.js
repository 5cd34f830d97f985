// What was recognised in an upload: files, totals, and what was passed over.
import { el } from "./dom.js";
import { bytes, count, list, money, percent, period, region } from "./format.js";
import { message, named, t } from "./words.js";

const CURRENCIES = ["USD", "EUR", "GBP", "JPY", "CNY", "CAD", "MXN", "AUD", "INR", "BRL", "SEK", "PLN", "TRY", "AED", "SAR", "EGP", "SGD", "ZAR", "CHF"];
const SHOWN = 200; // problems

export function summary(upload, step) {
  if (!upload) return [];
  if (["queued", "running"].includes(upload.state)) {
    return [files(upload, step), el("p", { class: "reading" }, el("span", { class: "spin", "aria-hidden": "true" }), t(upload.state === "queued" ? "upload.queued" : "upload.reading"))];
  }
  if (upload.state !== "done") {
    const one = upload.files.length === 1; // of several files, why stands below each
    const each = !one && upload.files.some((file) => file.refusal);
    const shown = one ? { ...upload, files: upload.files.map((file) => ({ ...file, refusal: null })) } : upload;
    return [el("div", { class: "notice bad", role: "alert" }, el("p", {}, each ? t("upload.none_usable") : message(upload.reason))), files(shown, step)];
  }
  return [files(upload, step), upload.rows === null ? el("p", { class: "notice" }, message(upload.lacking)) : terms(upload), days(upload, step), currency(upload, step), reconciled(upload), problems(upload)];
}

function fact(label, value, more = null) {
  return el("div", {}, el("dt", {}, label), el("dd", {}, value, more && el("small", {}, more)));
}

function terms(upload) {
  const keyword = upload.terms?.keyword ?? 0;
  const rows = upload.totals.map((total) => el("dl", { class: "facts wide" },
    fact(t("measure.spend"), money(total.spend, total.currency, true)),
    fact(t("measure.sales"), money(total.sales, total.currency, true)),
    fact(t("measure.acos"), percent(total.acos)),
    fact(t("measure.clicks"), count(total.clicks)),
    fact(t("measure.orders"), count(total.orders))));
  const known = [
    upload.period ? period(upload.period) : t("upload.no_period"),
    upload.marketplace ? region(upload.marketplace) : null,
    t("upload.rows", { n: upload.rows, count: count(upload.rows) }),
    t("upload.terms", { n: keyword, count: count(keyword) }),
    upload.repeated ? t("upload.repeated", { n: upload.repeated, count: count(upload.repeated) }) : null,
  ];
  return [...rows, el("p", { class: "hint" }, known.filter(Boolean).join(" · "))];
}

// Some reports do not name their currency; without it no file for upload is written.
function currency(upload, step) {
  if (!upload.totals.length || upload.totals.every((total) => total.currency)) return null;
  const choice = el("select", { "aria-label": t("upload.which_currency"), onchange: (event) => event.target.value && step.send({ currency: event.target.value }) },
    el("option", { value: "" }, t("upload.choose")), ...CURRENCIES.map((code) => el("option", { value: code }, code)));
  return el("div", { class: "notice row currency" }, el("span", {}, t("upload.which_currency")), choice);
}

function files(upload, step) {
  return el("ul", { class: "files" }, upload.files.map((file) => {
    const known = file.refusal ? el("span", { class: "bad" }, message(file.refusal)) : file.what?.length ? el("span", {}, list(file.what.map((one) => message(one)))) : null;
    const drop = el("button", { type: "button", class: "link", "aria-label": t("upload.remove_named", { name: file.name }), onclick: () => step.remove(file.id) }, t("upload.remove"));
    return el("li", { class: file.usable === false ? "no" : file.usable ? "yes" : "" },
      el("span", { class: "name" }, file.name), el("span", { class: "end" }, file.bytes ? el("small", {}, bytes(file.bytes)) : null, drop), known,
      file.headers?.length > 1 ? mappers(file, step) : null);
  }));
}

// A table that was not recognised may be a report or list products under headers of its own.
const MAPPED = {
  report: { needed: ["search_term", "clicks", "spend"], more: ["sales", "orders", "impressions", "campaign", "ad_group", "targeting", "match_type", "currency", "date"] },
  products: { needed: ["title"], more: ["product_id", "price"] },
};

function mappers(file, step) {
  return Object.entries(MAPPED).map(([kind, { needed, more }]) => el("details", { class: "problems" }, el("summary", {}, t(`upload.column.ask_${kind}`)), mapper(file, step, kind, needed, more)));
}

function mapper(file, step, kind, needed, more) {
  const known = kind === "report" ? file.known ?? {} : {};
  const field = (name) => el("label", {}, t(`upload.column.${name}`), el("select", { name, required: needed.includes(name) },
    el("option", { value: "" }, t(needed.includes(name) ? "upload.choose" : "upload.column.none")), file.headers.map((one) => el("option", { value: one, selected: known[name] === one }, one))));
  return el("form", { class: "row end-fields mapper", onsubmit: (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(event.currentTarget)].filter(([, value]) => value));
    step.send({ columns: { [file.id]: given } });
  } }, el("p", { class: "hint" }, t(`upload.column.needed_${kind}`)), [...needed, ...more].map(field), el("button", { type: "submit", class: "button small" }, t(`upload.column.use_${kind}`)));
}

// A file whose rows have no dates, such as a bulk file that was renamed: without days no file for upload is written.
function days(upload, step) {
  if (!upload.rows || upload.period) return null;
  const today = new Date().toISOString().slice(0, 10);
  const field = (name) => el("label", {}, t(`upload.days.${name}`), el("input", { type: "date", name, required: true, max: today }));
  return el("form", { class: "notice row end-fields days", onsubmit: (event) => {
    event.preventDefault();
    const { first, last } = Object.fromEntries(new FormData(event.currentTarget));
    const wrong = last < first;
    event.currentTarget.elements.last.setCustomValidity(wrong ? t("upload.days.wrong") : "");
    if (wrong) return event.currentTarget.elements.last.reportValidity();
    return step.send({ period: `${first}/${last}` });
  }, oninput: (event) => event.target.setCustomValidity("") }, el("p", {}, t("upload.days.which")), field("first"), field("last"), el("button", { type: "submit", class: "button small" }, t("upload.days.use")));
}

// Every line of every table is accounted for: rows, those left out and why, the file's own total.
function reconciled(upload) {
  if (!upload.reconciliation?.length) return null;
  return el("details", { class: "problems" }, el("summary", {}, t("upload.reconciled")),
    el("ul", { class: "cautions" }, upload.reconciliation.map((one) => el("li", {}, message(one)))));
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
