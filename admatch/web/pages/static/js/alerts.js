// What was unlike before in the last week of a daily report, as a job says it in a night.
import { $, el, put } from "./dom.js";
import { count, day } from "./format.js";
import { ended, gap, message, t } from "./words.js";

const SHOWN = 6;

export function alerts(found) {
  if (!found.length) return;
  const [first, more] = [found.slice(0, SHOWN), found.slice(SHOWN)];
  put($("#alerts"), el("section", { class: "card beside", "aria-labelledby": "alerts-title" },
    el("h2", { id: "alerts-title" }, t("alerts.title")),
    el("p", { class: "hint" }, t("alerts.about")),
    lines(first),
    more.length ? el("details", {}, el("summary", {}, t("alerts.more", { n: more.length, count: count(more.length) })), lines(more)) : null));
}

const lines = (found) => el("ul", { class: "cautions" }, found.map((one) =>
  el("li", {}, el("b", {}, t("alerts.until", { day: day(one.day) })), gap, ended(message(one.message)))));
