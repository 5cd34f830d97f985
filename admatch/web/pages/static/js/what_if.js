// Sliders for target, cap and rho: totals and frontier follow at once; a new run applies them.
import { post } from "./api.js";
import { $, debounced, el, put } from "./dom.js";
import { count, money, percent, points } from "./format.js";
import { frontier } from "./frontier.js";
import { busy, fail } from "./say.js";
import { named, t } from "./words.js";

const SETTINGS = { target: "target_acos", risk: "sales_at_risk", rho: "rho" };
const PAUSE = 60; // milliseconds after the last move, where an answer is on its way already
const AGAIN = 3000; // milliseconds until what was asked for in vain is asked for again
const AHEAD = 4; // steps of each slider, on either side, that are fetched before it moves
const REST = 1500; // milliseconds after which the server may begin to work out all steps

export class WhatIf {
  constructor(run, results) {
    this.run = run;
    this.results = results;
    this.asked = 0;
    this.answer = null;
    this.answers = new Map();
    const was = { target: results.target_acos, risk: results.sales_at_risk, rho: results.rho };
    for (const [name, value] of Object.entries(was)) {
      const slide = $(`#slide-${name}`);
      slide.max = Math.max(Number(slide.max), Math.ceil(value * 100));
      if (Math.round(value * 1e4) % Math.round(Number(slide.step) * 100)) slide.dataset.step = slide.step;
      if (slide.dataset.step) slide.step = "any"; // the run's own value lies between two steps
      slide.defaultValue = String(Math.round(value * 1e4) / 100);
      slide.value = slide.defaultValue;
    }
    this.label();
    setTimeout(() => this.fetched(this.values).catch(() => {}), REST);
    const form = $("#sliders");
    const ask = debounced(PAUSE, () => this.ask());
    form.addEventListener("input", () => {
      this.label();
      if (this.answers.has(this.key(this.values)) || !this.waiting) this.ask();
      else ask();
    });
    new IntersectionObserver(([entry]) => this.ahead(entry.isIntersecting)).observe($("#what-if"));
    form.addEventListener("reset", () => setTimeout(() => {
      this.asked += 1;
      this.answer = null;
      this.label();
      this.render();
    }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      busy($("#slide-run"), () => this.again());
    });
  }

  get values() {
    return Object.fromEntries(Object.entries(SETTINGS).map(([name, field]) => [field, this.place($(`#slide-${name}`)) / 1e4]));
  }

  // Where a slider stands, in hundredths of a per cent: at a step, or at the run's own value.
  place({ value, defaultValue, dataset }) {
    const at = Math.round(Number(value) * 100);
    if (!dataset.step || value === defaultValue) return at;
    return Math.round(at / (Number(dataset.step) * 100)) * Number(dataset.step) * 100;
  }

  key(values) {
    return JSON.stringify(values);
  }

  // The server works out further steps from where the sliders are, not from what is only fetched ahead.
  async fetched(values, ahead = false) {
    const key = this.key(values);
    if (!this.answers.has(key)) {
      const answer = post(`/runs/${this.run.id}/what-if${ahead ? "?ahead=true" : ""}`, values);
      this.answers.set(key, answer); // nobody asks twice while it is on its way
      answer.catch(() => this.answers.delete(key));
    }
    return this.answers.get(key);
  }

  // While the sliders are in sight: what each would say a few steps on, the nearest first.
  async ahead(seen) {
    this.seen = seen;
    if (!seen || this.looking) return;
    this.looking = true;
    try {
      // the first two wake both workers, so that whoever moves a slider finds one awake
      await Promise.all([this.unknown(), this.unknown(1)].filter(Boolean).map((values) => this.fetched(values, true)));
      for (let next = this.unknown(); next && this.seen && !document.hidden; next = this.unknown()) await this.fetched(next, true);
    } catch {
      setTimeout(() => this.ahead(this.seen), AGAIN); // the server was busy
    } finally {
      this.looking = false;
    }
  }

  unknown(skipped = 0) {
    const now = this.values;
    let left = skipped;
    for (let far = 1; far <= AHEAD; far += 1) {
      for (const [name, field] of Object.entries(SETTINGS)) {
        for (const way of [1, -1]) {
          const place = this.beside($(`#slide-${name}`), Math.round(now[field] * 1e4), way * far);
          const values = { ...now, [field]: place / 1e4 };
          if (place !== null && !this.answers.has(this.key(values)) && left-- === 0) return values;
        }
      }
    }
    return null;
  }

  // The place so many steps up or down from one that may lie between two, in hundredths of a per cent.
  beside({ min, max, step, dataset }, place, steps) {
    const size = Number(dataset.step ?? step) * 100;
    const beside = ((steps > 0 ? Math.floor(place / size) : Math.ceil(place / size)) + steps) * size;
    return beside >= Number(min) * 100 && beside <= Number(max) * 100 ? beside : null;
  }

  get moved() {
    return Object.keys(SETTINGS).some((name) => $(`#slide-${name}`).value !== $(`#slide-${name}`).defaultValue);
  }

  label() {
    for (const [name, field] of Object.entries(SETTINGS)) {
      const said = percent(this.values[field], Number.isInteger(Number($(`#slide-${name}`).value)) ? 0 : 1);
      $(`#value-${name}`).textContent = said;
      $(`#slide-${name}`).setAttribute("aria-valuetext", said);
    }
    $("#slide-run").disabled = !this.moved;
    $("#slide-reset").disabled = !this.moved;
  }

  async ask() {
    const number = (this.asked += 1);
    if (!this.moved) {
      this.answer = null;
      return this.render();
    }
    const known = this.answers.has(this.key(this.values));
    if (!known) $("#what-if-result").setAttribute("aria-busy", "true");
    this.waiting = !known;
    try {
      const answer = await this.fetched(this.values);
      if (number !== this.asked) return undefined; // the sliders moved on
      this.answer = answer;
      this.render();
      if (this.seen) this.ahead(true);
    } catch (error) {
      if (number === this.asked) fail(error);
    } finally {
      if (number === this.asked) {
        this.waiting = false;
        $("#what-if-result").removeAttribute("aria-busy");
      }
    }
    return undefined;
  }

  show(one) {
    this.one = one;
    this.render();
  }

  render() {
    const { one, answer } = this;
    if (!one) return;
    const then = answer?.currencies.find((other) => other.currency === one.currency) ?? null;
    const now = then ?? one;
    frontier($("#frontier"), now.frontier, now.expected, now.expected.target_acos ?? answer?.target_acos ?? this.results.target_acos, one.currency);
    put($("#what-if-result"), this.totals(one, then), this.counts(), answer && !then?.expected.reached ? el("p", { class: "hint" }, t("what_if.not_reached")) : null, answer?.warnings.length ? el("p", { class: "notice" }, t("what_if.loosened")) : null);
  }

  totals(one, then) {
    const amount = (value) => money(value, one.currency, true);
    // A contribution at one target is no measure of another: it is shown where the target is the same.
    const comparable = !then || then.expected.target_acos === one.expected.target_acos;
    const gains = [["profit_gain", amount, amount], ["contribution_gain", amount, amount]].filter(([name]) => one.expected[name] !== null && (name === "profit_gain" || comparable));
    const lines = [["acos_after", percent, points], ["spend_after", amount, amount], ["sales_after", amount, amount], ...gains, ["sales_at_risk", amount, amount], ["changes", count, count]];
    const heads = ["", t("what_if.as_run"), then ? t("what_if.then") : null, then ? t("what_if.change") : null].filter((head) => head !== null);
    return el("table", { class: "plain totals" },
      el("thead", {}, el("tr", {}, heads.map((head) => (head ? el("th", { scope: "col", class: "number" }, head) : el("td", {}))))),
      el("tbody", {}, lines.map(([name, written, difference]) => {
        const [was, is] = [one.expected[name], then?.expected[name]];
        const gap = then && was !== null && is !== null ? is - was : null;
        return el("tr", {}, el("th", { scope: "row" }, t(`what_if.${name}`)), el("td", { class: "number" }, written(was)),
          then && el("td", { class: "number strong" }, written(is)),
          then && el("td", { class: "number soft" }, gap === null || Math.abs(gap) < 1e-4 ? "–" : (gap > 0 && difference !== points ? "+" : "") + difference(gap)));
      })));
  }

  counts() {
    const counts = this.answer?.counts ?? this.results.counts;
    const own = Object.entries(counts).filter(([, n]) => n);
    return el("ul", { class: "counts", "aria-label": t("what_if.counts") }, own.map(([action, n]) => {
      const gap = n - this.results.counts[action];
      return el("li", {}, el("b", {}, count(n)), " ", named("action", action), gap ? el("small", {}, ` (${gap > 0 ? "+" : "−"}${count(Math.abs(gap))})`) : null);
    }));
  }

  async again() {
    const settings = { ...this.run.settings, ...this.values };
    const made = await post("/runs", { catalog_id: this.run.catalog?.id ?? null, report_id: this.run.report.id, settings });
    location.assign(`/runs/${made.id}`);
  }
}
