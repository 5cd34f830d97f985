// Findings of an audit, filtered and paged by the server; a product opens with all its details.
import { get } from "./api.js";
import { picture } from "./decision_row.js";
import { $, debounced, el, put } from "./dom.js";
import { count, decimal, money, percent } from "./format.js";
import { fail } from "./say.js";
import { message, named, t } from "./words.js";

const SIZE = 20;

export class Findings {
  constructor(path) {
    this.path = path;
    this.page = 1;
    this.aspect = "";
    this.asked = 0;
    const again = () => {
      this.page = 1;
      this.load().catch(fail);
    };
    const later = debounced(220, again);
    $("#audit-filters").addEventListener("input", (event) => (event.target.type === "search" ? later() : again()));
    $("#audit-filters").addEventListener("submit", (event) => (event.preventDefault(), again()));
  }

  show(summary) {
    this.counts = new Map();
    for (const one of summary.counts) this.counts.set(one.aspect, (this.counts.get(one.aspect) ?? 0) + one.findings);
    return this.load();
  }

  async load() {
    const number = (this.asked += 1);
    const asked = { q: $("#q").value.trim(), severity: $("#severity").value, aspect: this.aspect, page: this.page, size: SIZE };
    const given = Object.entries(asked).filter(([, value]) => value);
    const found = await get(`${this.path}/findings?${new URLSearchParams(given)}`);
    if (number !== this.asked) return;
    this.chips();
    $("#findings-said").textContent = t("audit.found", { n: found.total, count: count(found.total) });
    put($("#findings"), found.items.length ? found.items.map((one) => this.entry(one)) : el("li", { class: "empty" }, t("audit.none_found")));
    $("#findings").removeAttribute("aria-busy");
    this.pager(found.total);
  }

  chips() {
    const focused = document.activeElement?.dataset?.aspect;
    const all = [...this.counts.values()].reduce((sum, n) => sum + n, 0);
    const chip = (aspect, label, n) => el("button", { type: "button", class: "chip", "aria-pressed": String(this.aspect === aspect), dataset: { aspect }, onclick: () => {
      this.aspect = aspect;
      this.page = 1;
      this.load().catch(fail);
    } }, label, el("small", {}, count(n)));
    put($("#aspects"), chip("", t("decisions.all"), all), [...this.counts].sort((a, b) => b[1] - a[1]).map(([aspect, n]) => chip(aspect, named("aspect", aspect), n)));
    if (focused !== undefined) $(`#aspects [data-aspect="${focused}"]`)?.focus();
  }

  entry(one) {
    const parent = el("div", { class: "more-of", hidden: true });
    const opener = el("button", { type: "button", class: "term", "aria-expanded": "false", onclick: () => this.open(one, opener, parent) }, one.title ?? one.product_id);
    return el("li", { class: "card finding" }, picture(one.picture, one.title, 144),
      el("div", {},
        el("p", { class: "tags" }, el("span", { class: `tag severity-${one.severity}` }, named("severity", one.severity)), " ", el("span", { class: "tag" }, named("aspect", one.aspect)), one.score === null ? null : el("small", {}, ` ${t("audit.score_of", { score: decimal(one.score, 0) })}`)),
        opener,
        el("p", {}, message(one.evidence)),
        el("p", { class: "remedy" }, message(one.remedy)),
        parent));
  }

  async open(one, opener, parent) {
    const open = opener.getAttribute("aria-expanded") === "true";
    opener.setAttribute("aria-expanded", String(!open));
    parent.hidden = open;
    if (open || parent.childElementCount) return;
    try {
      put(parent, about(await get(`${this.path}/products/${encodeURIComponent(one.product_id)}`), one));
    } catch (error) {
      fail(error);
    }
  }

  pager(total) {
    const last = Math.max(1, Math.ceil(total / SIZE));
    const go = (page, label, off) => el("button", { type: "button", class: "button small", disabled: off, onclick: async () => {
      this.page = page;
      await this.load().catch(fail);
      $("#findings-title").scrollIntoView();
    } }, label);
    put($("#pager"), last < 2 ? [] : [go(this.page - 1, t("decisions.before"), this.page <= 1), el("span", { class: "tabular" }, t("decisions.page", { page: count(this.page), last: count(last) })), go(this.page + 1, t("decisions.next"), this.page >= last)]);
  }
}

function about(product, finding) {
  const scores = Object.entries(product.scores).filter(([, value]) => value !== null);
  const similar = [...new Map(product.similar.toReversed().map((one) => [one.other_id, one])).values()].toReversed();
  const others = product.details.filter((one) => message(one.evidence) !== message(finding.evidence));
  return [
    scores.length ? el("dl", { class: "facts lines" }, scores.map(([name, value]) => el("div", {}, el("dt", {}, named("aspect", name)), el("dd", {}, decimal(value, 0))))) : null,
    others.length ? el("div", {}, el("h3", {}, t("audit.also")), el("ul", { class: "cautions" }, others.map((one) => el("li", {}, message(one.evidence))))) : null,
    similar.length ? el("div", {}, el("h3", {}, t("audit.similar")), el("ul", { class: "cautions" }, similar.slice(0, 6).map((one) => el("li", {}, `${one.other_title ?? one.other_id} · ${named("kind", one.kind)} · ${percent(one.similarity, 0)}`)))) : null,
    product.terms.length ? el("div", {}, el("h3", {}, t("audit.lacked")), el("ul", { class: "cautions" }, product.terms.slice(0, 8).map((one) => el("li", {}, `${one.search_term}: ${one.missing.join(", ")} · ${money(one.spend, one.currency)}`)))) : null,
  ];
}
