// Goals of single campaigns, portfolios, brands and products, as a table that is edited.
import { get } from "./api.js";
import { $, debounced, el, hidden, put } from "./dom.js";
import { count, decimal, money, parsed, percent } from "./format.js";
import { fail } from "./say.js";
import { t } from "./words.js";

const KINDS = ["campaign", "portfolio", "brand", "product"];
const FIELDS = { target: [0.1, 500], margin: [0.1, 100] };
const SIZE = 25;
const shown = (share) => decimal(share * 100, Number.isInteger(Math.round(share * 1000) / 10) ? 0 : 1);

export class Goals {
  constructor() {
    this.root = $("#goals");
    this.own = new Map(); // by name: the part, and what was typed
    this.kind = null;
    this.page = 1;
    this.asked = 0;
    this.search = el("input", { type: "search", maxlength: 200, "aria-label": t("goals.search"), placeholder: t("goals.search"), oninput: debounced(220, () => this.turn(1)) });
    this.root.addEventListener("toggle", () => this.root.open && this.load().catch(fail));
    this.label();
  }

  // The files that parts come from; other files have other parts.
  of(report, catalog) {
    const path = report ? `/reports/${report}/parts` : null;
    if (path === this.path && catalog === this.catalog) return;
    [this.path, this.catalog, this.page] = [path, catalog, 1];
    if (this.root.open) this.load().catch(fail);
  }

  // Goals of an earlier run, as shares by name.
  take({ targets, margins }) {
    for (const [field, given] of [["target", targets], ["margin", margins]]) {
      for (const [name, share] of Object.entries(given ?? {})) this.set({ name }, field, shown(share));
    }
    this.label();
  }

  set(part, field, text) {
    const held = this.own.get(part.name) ?? { part };
    held.part = { ...held.part, ...part };
    held[field] = text.trim();
    if (held.target || held.margin) this.own.set(part.name, held);
    else this.own.delete(part.name);
  }

  // Shares by name; null where one is out of range.
  get values() {
    const found = { targets: {}, margins: {} };
    for (const [name, held] of this.own) {
      for (const field of Object.keys(FIELDS)) {
        if (!held[field]) continue;
        if (!fits(field, held[field])) return null;
        found[`${field}s`][name] = parsed(held[field]) / 100;
      }
    }
    return found;
  }

  // Open at the first goal that is out of range.
  focusWrong() {
    this.root.open = true;
    this.kind = "own";
    this.show({ kinds: this.kinds ?? {}, items: [], total: 0 });
    $("[aria-invalid=true]", this.root)?.focus();
  }

  label() {
    const n = this.own.size;
    $("#goals-count").textContent = n ? t("goals.count", { n, count: count(n) }) : "";
  }

  turn(page) {
    this.page = page;
    return this.load().catch(fail);
  }

  async load() {
    const number = (this.asked += 1);
    if (!this.path) return put($("#goals-box"), el("p", { class: "hint" }, t("goals.no_files")));
    if (this.kind === "own") return this.show({ kinds: this.kinds ?? {}, items: [], total: 0 });
    const asked = { kind: this.kind ?? "", q: this.search.value.trim(), catalog_id: this.catalog ?? "", page: this.page, size: SIZE };
    const given = Object.entries(asked).filter(([, value]) => value);
    let found = await get(`${this.path}?${new URLSearchParams(given)}`);
    if (number !== this.asked) return undefined;
    if (!this.kind) {
      this.kind = KINDS.find((one) => found.kinds[one]) ?? KINDS[0];
      return this.load();
    }
    return this.show(found);
  }

  show(found) {
    this.kinds = found.kinds;
    const parts = this.kind === "own" ? [...this.own.values()].map((one) => one.part) : found.items;
    const kinds = [...KINDS.filter((one) => found.kinds[one]), "own"];
    const segments = kinds.map((one) => el("button", { type: "button", "aria-pressed": String(this.kind === one), dataset: { kind: one }, onclick: () => {
      this.kind = one;
      this.turn(1).then(() => $(`#goals [data-kind=${one}]`)?.focus());
    } }, t(`goals.kind.${one}`), " ", el("small", {}, count(one === "own" ? this.own.size : found.kinds[one]))));
    const last = Math.ceil(found.total / SIZE);
    const go = (page, label) => el("button", { type: "button", class: "button small", disabled: page < 1 || page > last, onclick: () => this.turn(page) }, label);
    const typing = document.activeElement === this.search;
    put($("#goals-box"),
      el("div", { class: "row between switches" }, el("div", { class: "segments", role: "group", "aria-label": t("goals.kinds") }, segments), this.kind === "own" ? null : this.search),
      parts.length ? this.table(parts) : el("p", { class: "hint" }, t(this.kind === "own" ? "goals.none" : "goals.none_found")),
      last > 1 ? el("div", { class: "pager" }, go(this.page - 1, t("decisions.before")), el("span", { class: "tabular" }, t("decisions.page", { page: count(this.page), last: count(last) })), go(this.page + 1, t("decisions.next"))) : null);
    if (typing) this.search.focus();
  }

  table(parts) {
    const spent = parts.some((one) => one.spend !== null && one.spend !== undefined);
    const heads = ["name", ...(spent ? ["spend", "acos"] : []), "target", "margin"];
    return el("table", { class: "plain goals" },
      el("caption", { class: "off" }, t("goals.title")),
      el("thead", {}, el("tr", {}, heads.map((one) => el("th", { scope: "col", class: one === "name" ? "" : `number ${one}` }, t(`goals.column.${one}`))))),
      el("tbody", {}, parts.map((part) => this.row(part, spent))));
  }

  row(part, spent) {
    const more = part.title ?? (part.products ? t("goals.products", { n: part.products, count: count(part.products) }) : null);
    return el("tr", {}, el("th", { scope: "row" }, el("span", { class: "title", title: part.title ?? part.name }, part.title ?? part.name), part.title ? el("small", {}, part.name) : more && el("small", {}, more)),
      spent ? [el("td", { class: "number spend" }, money(part.spend, part.currency, true)), el("td", { class: "number acos" }, percent(part.sales ? part.spend / part.sales : null, 0))] : null,
      Object.keys(FIELDS).map((field) => el("td", { class: `number ${field}` }, this.field(part, field))));
  }

  field(part, field) {
    const [low, high] = FIELDS[field];
    const stated = { target: part.target_acos, margin: part.margin }[field];
    const usual = $(`#${field}`).value.trim();
    const input = el("input", { inputmode: "decimal", autocomplete: "off", "aria-label": t(`goals.of.${field}`, { name: part.title ?? part.name }), placeholder: stated ? shown(stated) : usual || "–" });
    const check = () => {
      const wrong = !fits(field, input.value);
      input.setAttribute("aria-invalid", String(wrong));
      input.title = wrong ? t("start.goal.not_share", { low, high }) : "";
    };
    input.value = this.own.get(part.name)?.[field] ?? "";
    check();
    input.addEventListener("input", () => {
      this.set(part, field, input.value);
      check();
      this.label();
      const chip = $("#goals [data-kind=own] small");
      if (chip) chip.textContent = count(this.own.size);
    });
    return el("span", { class: "unit" }, input, el("span", { "aria-hidden": "true" }, "%"));
  }
}

function fits(field, text) {
  const value = parsed(text);
  const [low, high] = FIELDS[field];
  return !text.trim() || (value !== null && value >= low && value <= high);
}
