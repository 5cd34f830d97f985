// The table of decisions: filtered, sorted, searched and paged by the server; verdicts per row or in bulk.
import { get, post } from "./api.js";
import { bulk } from "./bulk.js";
import { chooser } from "./columns.js";
import { rows } from "./decision_row.js";
import { $, $$, debounced, el, hidden, put } from "./dom.js";
import { count, money } from "./format.js";
import { LEVELS, levelTable } from "./levels.js";
import { savedViews } from "./saved_views.js";
import { fail, say } from "./say.js";
import { named, t } from "./words.js";

const SIZES = [25, 50, 100, 250];
const FIELDS = ["q", "outcome", "verdict", "certainty", "least_gain"]; // of the form
const PLACES = ["campaign", "ad_group", "targeting", "product_id"]; // chosen by a click in a level
const MOST_AGAIN = 100; // rows that are asked for again by their numbers
const SHOWN = ["file", "left", "all"];
const USUAL = { level: "term", sort: "-gain", page: "1", size: "25" };

export class Decisions {
  constructor(run, { matched, downloads }) {
    this.run = run;
    this.matched = matched;
    const file = downloads.find((one) => one.name === "changes.xlsx");
    this.waits = file?.available ? null : file?.reason?.id?.endsWith("no_account") ? "bulk" : "other"; // what every row waits for
    this.selected = new Set();
    this.listeners = [];
    this.asked = 0;
    const form = $("#filters");
    const later = debounced(220, () => this.again());
    form.addEventListener("input", (event) => (["search", "number"].includes(event.target.type) ? later() : this.again()));
    form.addEventListener("submit", (event) => (event.preventDefault(), this.again()));
    put($("#table-tools"), chooser(() => this.show()), savedViews(this), this.sizes());
    window.addEventListener("popstate", () => (this.restore(), this.load(false).catch(fail)));
    this.channel = new BroadcastChannel(`admatch-${run}`); // another tab may give verdicts, too
    this.channel.addEventListener("message", () => this.refresh());
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  // The address holds the state, so that a page can be reloaded, shared, and left by Back.
  restore() {
    const asked = new URL(location.href).searchParams;
    this.actions = new Set((asked.get("action") ?? "").split(",").filter(Boolean));
    this.page = Math.max(1, Number(asked.get("page")) || 1);
    this.size = SIZES.includes(Number(asked.get("size"))) ? Number(asked.get("size")) : SIZES[0];
    this.level = LEVELS.includes(asked.get("level")) ? asked.get("level") : "term";
    this.place = Object.fromEntries(PLACES.filter((name) => asked.has(name)).map((name) => [name, asked.get(name)]));
    this.shown = SHOWN.includes(asked.get("show")) ? asked.get("show") : this.usual;
    for (const name of FIELDS) $(`#${name}`).value = asked.get(name) ?? "";
    this.sort = asked.get("sort") || (this.shown === "all" ? "-spend" : "-gain");
    $("#sort").value = this.sort;
    $("#page-size").value = String(this.size);
    if (FIELDS.slice(1).some((name) => $(`#${name}`).value) || Object.keys(this.place).length) $("#more-filters").open = true;
  }

  get filter() {
    const given = Object.fromEntries(FIELDS.map((name) => [name, $(`#${name}`).value.trim()]));
    if (given.certainty) given.certainty = String(Number(given.certainty) / 100);
    if (this.actions.size) given.action = [...this.actions].join(",");
    if (this.currency) given.currency = this.currency;
    if (this.shown === "file") given.in_file = "true";
    if (this.shown === "left") Object.assign(given, { in_file: "false", changing: "true" });
    return Object.fromEntries(Object.entries({ ...given, ...this.place }).filter(([, value]) => value));
  }

  // What the address says: everything that differs from the usual.
  query() {
    const form = Object.fromEntries(FIELDS.map((name) => [name, $(`#${name}`).value.trim()]));
    const state = { ...form, ...this.place, action: [...this.actions].join(","), level: this.level, sort: this.sort, page: this.page, size: this.size, show: this.shown };
    return new URLSearchParams(Object.entries(state).filter(([name, value]) => value && String(value) !== USUAL[name] && !(name === "show" && value === this.usual)).map(([name, value]) => [name, String(value)]));
  }

  open(currency, usual) {
    this.currency = currency;
    this.usual = usual;
    this.restore();
    return this.load(false);
  }

  go(query) {
    history.pushState(null, "", `${location.pathname}?${query}`);
    this.restore();
    return this.load(false).catch(fail);
  }

  again() {
    this.page = 1;
    if ($("#sort").value) this.sort = $("#sort").value;
    return this.load();
  }

  refresh() {
    for (const listener of this.listeners) listener();
    return this.load(false, true).catch(fail);
  }

  async load(record = true, quiet = false) {
    const number = (this.asked += 1);
    const query = this.query();
    const address = `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`;
    if (record && address !== location.pathname + location.search + location.hash) history.pushState(null, "", address);
    if (!quiet) $("#table").setAttribute("aria-busy", "true");
    try {
      const path = this.level === "term" ? "decisions" : `levels/${this.level}`;
      const sort = this.level === "term" || !["action", "search_term", "-probability"].includes(this.sort) ? this.sort : "-spend";
      const found = await get(`/runs/${this.run}/${path}?${new URLSearchParams({ ...this.filter, sort, page: this.page, size: this.size })}`);
      if (number !== this.asked) return;
      this.found = found;
      if (!found.items.length && found.total && this.page > 1) {
        this.page = Math.ceil(found.total / this.size);
        return void (await this.load(record));
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
    const terms = this.level === "term";
    this.selected.clear();
    this.switches();
    if (terms) this.chips();
    hidden($("#actions"), !terms);
    hidden($("#columns"), !terms);
    this.summary();
    const open = [...$$("#table tr.open")].map((row) => row.dataset.decision);
    put($("#table"), found.items.length ? (terms ? rows(this) : levelTable(this, found)) : this.empty());
    for (const one of open) $(`#table tr[data-decision="${one}"] .term`)?.click();
    this.pager();
    hidden($("#bulk"), !terms);
    if (terms) bulk(this);
  }

  // Which rows, which level, and where a level was entered.
  switches() {
    const segment = (name, label, value, on) => el("button", { type: "button", dataset: { [name]: value }, "aria-pressed": String(on), onclick: () => {
      this[name] = value;
      if (name === "shown") this.sort = value === "all" ? "-spend" : "-gain";
      $("#sort").value = this.sort;
      this.again().then(() => $(`[data-${name}="${value}"]`)?.focus());
    } }, label);
    put($("#shown"), SHOWN.map((one) => segment("shown", t(`decisions.shown.${one}`), one, this.shown === one)));
    put($("#levels"), ["term", ...LEVELS].map((one) => segment("level", t(`levels.${one}`), one, this.level === one)));
    put($("#places"), Object.entries(this.place).map(([name, value]) => el("button", { type: "button", class: "chip", "aria-label": t("decisions.leave_place", { name: value }), onclick: () => {
      delete this.place[name];
      this.again();
    } }, `${t(`levels.one.${name}`)}: ${value} ×`)));
  }

  // From a level into its decisions.
  enter(row) {
    for (const name of PLACES) if (row[name]) this.place[name] = row[name];
    this.level = "term";
    this.again();
  }

  sizes() {
    return el("label", { class: "row" }, t("decisions.size"), el("select", { id: "page-size", onchange: (event) => {
      this.size = Number(event.target.value);
      this.again();
    } }, SIZES.map((one) => el("option", { value: one }, count(one)))));
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
    const parts = [t(this.level === "term" ? "decisions.found" : "levels.found", { n: total, count: count(total) })];
    if (sums.spend !== null && total) parts.push(t("decisions.spent", { amount: money(sums.spend, currency, true) }));
    const inside = t("decisions.in_file", { n: sums.in_file, count: count(sums.in_file) });
    parts.push(sums.changes && this.shown === "file" ? `${inside}${t("decisions.as_changes", { n: sums.changes, count: count(sums.changes) })}` : inside);
    $("#sums").textContent = parts.join(" · ");
  }

  empty() {
    const clear = el("button", { type: "button", class: "button", onclick: () => this.clear() }, t("decisions.clear"));
    const any = Object.keys(this.filter).some((name) => name !== "currency");
    return el("div", { class: "empty" }, el("p", {}, t(any ? "decisions.none_found" : "decisions.none")), any && clear);
  }

  clear() {
    this.actions.clear();
    this.place = {};
    this.shown = "all";
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
    const last = Math.max(1, Math.ceil(this.found.total / this.size));
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
  async judge(body) {
    try {
      const { changed, before } = await post(`/runs/${this.run}/decisions`, body);
      const undo = body.verdict ? { label: t("verdict.do.undecided"), run: () => this.undo(before) } : null;
      say(t("decisions.changed", { n: changed, count: count(changed) }), "good", undo);
      await this.published(Object.values(before).flat());
      return true;
    } catch (error) {
      fail(error);
      return false;
    }
  }

  async undo(before) {
    const changed = Object.values(before).flat();
    try {
      for (const [verdict, decisions] of Object.entries(before)) if (decisions.length) await post(`/runs/${this.run}/decisions`, { decisions, verdict });
      await this.published(changed);
    } catch (error) {
      fail(error);
    }
  }

  // What was changed stays where it is until the table is next asked for, so that nobody loses it.
  async published(changed) {
    this.channel.postMessage("verdicts");
    for (const listener of this.listeners) listener();
    const shown = this.found.items.filter((row) => changed.includes(row.decision));
    if (shown.length > MOST_AGAIN) await this.load(false, true);
    else {
      const numbers = shown.map((row) => row.decision).join(",");
      const [{ total, sums, actions }, again] = await Promise.all([
        get(`/runs/${this.run}/decisions?${new URLSearchParams({ ...this.filter, size: 1 })}`),
        numbers ? get(`/runs/${this.run}/decisions?${new URLSearchParams({ decision: numbers, size: MOST_AGAIN })}`) : { items: [] }]);
      const fresh = new Map(again.items.map((row) => [row.decision, row]));
      const items = this.found.items.map((row) => fresh.get(row.decision) ?? row);
      this.found = { ...this.found, total, sums, actions, items };
      this.show();
    }
  }
}
