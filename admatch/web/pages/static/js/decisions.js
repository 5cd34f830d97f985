// The table of decisions: filtered, sorted, searched and paged by the server; verdicts per row or in bulk.
import { get, post } from "./api.js";
import { $, $$, debounced, el, put } from "./dom.js";
import { bulk } from "./bulk.js";
import { rows } from "./decision_row.js";
import { count, money } from "./format.js";
import { fail, say } from "./say.js";
import { named, t } from "./words.js";

const SIZE = 25;
const FIELDS = ["q", "outcome", "verdict", "in_file"];

export class Decisions {
  constructor(run) {
    this.run = run;
    this.selected = new Set();
    this.listeners = [];
    this.asked = 0;
    this.restore();
    const form = $("#filters");
    const later = debounced(220, () => this.again());
    form.addEventListener("input", (event) => (event.target.type === "search" ? later() : this.again()));
    form.addEventListener("submit", (event) => (event.preventDefault(), this.again()));
  }

  // Filters stand in the address, so that a page can be reloaded and shared.
  restore() {
    const asked = new URL(location.href).searchParams;
    this.actions = new Set((asked.get("action") ?? "").split(",").filter(Boolean));
    this.page = Math.max(1, Number(asked.get("page")) || 1);
    for (const name of ["q", "outcome", "verdict", "sort"]) if (asked.get(name)) $(`#${name}`).value = asked.get(name);
    if (!$("#sort").value) $("#sort").value = "-spend";
    this.sort = asked.get("sort") || "-spend";
    $("#in_file").checked = asked.get("in_file") === "true";
  }

  get filter() {
    const given = { q: $("#q").value.trim(), outcome: $("#outcome").value, verdict: $("#verdict").value, in_file: $("#in_file").checked ? "true" : "" };
    if (this.actions.size) given.action = [...this.actions].join(",");
    if (this.currency) given.currency = this.currency;
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  }

  open(currency) {
    this.currency = currency;
    return this.load();
  }

  again() {
    this.page = 1;
    if ($("#sort").value) this.sort = $("#sort").value;
    return this.load();
  }

  async load() {
    const number = (this.asked += 1);
    const asked = { ...this.filter, sort: this.sort, page: this.page };
    const address = new URL(location.href);
    for (const name of [...FIELDS, "action", "sort", "page"]) address.searchParams.delete(name);
    for (const [name, value] of Object.entries(asked)) if (name !== "currency" && String(value) !== { sort: "-spend", page: "1" }[name]) address.searchParams.set(name, value);
    history.replaceState(null, "", address);
    $("#table").setAttribute("aria-busy", "true");
    try {
      const found = await get(`/runs/${this.run}/decisions?${new URLSearchParams({ ...asked, size: SIZE })}`);
      if (number !== this.asked) return;
      this.found = found;
      if (!found.items.length && found.total && this.page > 1) {
        this.page = Math.ceil(found.total / SIZE);
        return void this.load();
      }
      this.show();
    } catch (error) {
      fail(error);
    } finally {
      if (number === this.asked) $("#table").removeAttribute("aria-busy");
    }
  }

  show() {
    const { found } = this;
    this.selected.clear();
    this.chips();
    this.summary();
    put($("#table"), found.items.length ? rows(this) : this.empty());
    this.pager();
    bulk(this);
    for (const listener of this.listeners) listener(found.sums);
  }

  chips() {
    const focused = document.activeElement?.dataset?.action;
    const all = Object.values(this.found.actions).reduce((sum, n) => sum + n, 0);
    const chip = (action, label, n, on, press) => el("button", { type: "button", class: "chip", "aria-pressed": String(on), dataset: { action }, onclick: press }, label, el("small", {}, count(n)));
    const own = { ...Object.fromEntries([...this.actions].map((one) => [one, 0])), ...this.found.actions };
    put($("#actions"),
      chip("", t("decisions.all"), all, !this.actions.size, () => (this.actions.clear(), this.again())),
      Object.entries(own).map(([action, n]) => chip(action, named("action", action), n, this.actions.has(action), () => {
        if (!this.actions.delete(action)) this.actions.add(action);
        this.again();
      })));
    if (focused !== undefined) $$("#actions .chip").find((one) => one.dataset.action === focused)?.focus();
  }

  summary() {
    const { sums, total } = this.found;
    const currency = this.currency ?? this.found.items[0]?.currency ?? null;
    const parts = [t("decisions.found", { n: total, count: count(total) })];
    if (sums.spend !== null && total) parts.push(t("decisions.spent", { amount: money(sums.spend, currency, true) }));
    parts.push(t("decisions.in_file", { n: sums.in_file, count: count(sums.in_file) }));
    $("#sums").textContent = parts.join(" · ");
  }

  empty() {
    const clear = el("button", { type: "button", class: "button", onclick: () => this.clear() }, t("decisions.clear"));
    const any = Object.keys(this.filter).some((name) => name !== "currency");
    return el("div", { class: "empty" }, el("p", {}, t(any ? "decisions.none_found" : "decisions.none")), any && clear);
  }

  clear() {
    this.actions.clear();
    $("#filters").reset();
    $("#sort").value = this.sort;
    this.again();
  }

  order(field) {
    this.sort = this.sort === `-${field}` ? field : `-${field}`;
    $("#sort").value = this.sort;
    this.page = 1;
    return this.load().then(() => $(`[data-sort="${field}"]`)?.focus());
  }

  pager() {
    const last = Math.max(1, Math.ceil(this.found.total / SIZE));
    const go = (page, label, off) => el("button", { type: "button", class: "button small", disabled: off, onclick: () => this.turn(page) }, label);
    put($("#pager"), last < 2 ? [] : [go(this.page - 1, t("decisions.before"), this.page <= 1), el("span", { class: "tabular" }, t("decisions.page", { page: count(this.page), last: count(last) })), go(this.page + 1, t("decisions.next"), this.page >= last)]);
  }

  async turn(page) {
    this.page = page;
    await this.load();
    $("#filters").scrollIntoView({ block: "start" });
    $("#table table")?.focus({ preventScroll: true });
  }

  // A verdict on some rows, or on all that pass the filter; it holds for all rows of the same change.
  async judge(body, quiet = false) {
    try {
      const { changed } = await post(`/runs/${this.run}/decisions`, body);
      if (!quiet || changed > (body.decisions?.length ?? 0)) say(t("decisions.changed", { n: changed, count: count(changed) }), "good");
      await this.load();
      return true;
    } catch (error) {
      fail(error);
      return false;
    }
  }
}
