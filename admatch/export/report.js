"use strict";
// Shared by both views. All cell text is data: it only ever enters the page as text, never as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const UNKNOWN = "–";
const OUTCOMES = [
  { name: "match", label: "About a product" },
  { name: "related", label: "Related" },
  { name: "none", label: "None of mine" },
  { name: "rest", label: "Not applicable" },
];
const KINDS = { asin: "a product’s ASIN", category: "a category", star: "all other terms (*)", empty: "an empty cell" };

const lines = data.terms.term.map((term, at) => {
  const line = { at };
  for (const name in data.terms) line[name] = data.terms[name][at];
  line.acos = line.sales > 0 && line.spend !== null ? line.spend / line.sales : null;
  line.best = line.found.length ? data.products[line.found[0][0]] : null;
  const names = line.campaigns.map((number) => data.campaigns[number]);
  line.text = [term ?? "", line.best?.title, line.best?.id, line.best?.brand, ...names].join("\n").toLowerCase();
  return line;
});

function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const counted = (number) => (number === null || number === undefined ? UNKNOWN : number.toLocaleString("en-US"));

function money(amount, currency) {
  if (amount === null || amount === undefined) return UNKNOWN;
  const digits = { minimumFractionDigits: currency.decimals, maximumFractionDigits: currency.decimals };
  return (amount < 0 ? "−" : "") + currency.prefix + Math.abs(amount).toLocaleString("en-US", digits);
}

const percent = (share, decimals = 0) => (share === null ? UNKNOWN : `${(share * 100).toFixed(decimals)} %`);

// 99.6 % is not certainty, and 0.2 % is not nothing
function sure(probability) {
  if (probability === null || probability === undefined) return UNKNOWN;
  if (probability > 0.99 && probability < 1) return ">99 %";
  if (probability < 0.01 && probability > 0) return "<1 %";
  return percent(probability);
}

function gauge(probability, name) {
  if (probability === null || probability === undefined) return null;
  return el("div", { class: `gauge ${name ?? ""}`, "--p": probability }, el("i", { "aria-hidden": "true" }), sure(probability));
}

function path(id, beside) {
  const codes = (id ?? "").split("·"), other = (beside ?? "").split("·");
  let shared = Boolean(beside); // the first code, the modality, is assigned: sharing it means nothing
  const node = el("code", { class: "path", title: "Semantic ID" });
  codes.forEach((code, level) => {
    shared = shared && (level === 0 || code === other[level]);
    node.append(level ? "·" : "", shared && level ? el("b", {}, code) : code);
  });
  return node;
}

function picture(place) {
  const product = data.products[place], source = data.pictures[place];
  if (source) return el("img", { class: "tileof", src: source, alt: "", loading: "lazy", decoding: "async" });
  let hue = 7;
  for (const mark of product.id) hue = (hue * 31 + mark.codePointAt(0)) % 360;
  const initial = /[\p{L}\p{N}]/u.exec(product.title)?.[0] ?? "·";
  return el("span", { class: "tileof", "--hue": hue, "aria-hidden": "true" }, initial.toUpperCase());
}

function pressable(label, count, pressed, onclick) {
  return el("button", { type: "button", "aria-pressed": String(pressed), onclick }, label, " ", el("small", {}, counted(count)));
}

function pager(page, pages, go) {
  if (pages < 2) return null;
  const step = (label, to) => el("button", { type: "button", disabled: to < 0 || to >= pages, onclick: () => go(to) }, label);
  return el("nav", { class: "pager", "aria-label": "Pages" }, step("Previous", page - 1), `Page ${page + 1} of ${counted(pages)}`, step("Next", page + 1));
}
